"""What each step of the recipe gains: runs of equal length, each with one thing changed.

`python ablate.py DATA --out FOLDER [--teacher CHECKPOINT ...]` trains what is missing in FOLDER and writes the table
into the model card. A run takes a minute on a GPU; on two CPU cores `--share 3 --epochs 8 --decay 5` (a third of the
faces) takes minutes too. The figures are for comparison with each other only.
"""

import argparse
import copy
import math
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable

import onnxruntime
import torch
from torch.utils.flop_counter import FlopCounterMode

from card import insert
from data import folder, repeats, smooth
from export import fold, write
from measure import logits, macro_f1
from net import Expression
from prepare import centre, prepare, standardise, view
from teach import Beside
from train import average, loss_of, rate_at
from transformer import Transformer


def smoothed(x):
    """Gaussian smoothing 3x3, after the equalisation, as in the paper that the product follows."""
    kernel = torch.tensor([1.0, 2.0, 1.0], device=x.device)
    kernel = (kernel.view(3, 1) * kernel / 16).view(1, 1, 3, 3)
    return torch.nn.functional.conv2d(torch.nn.functional.pad(view(x), (1, 1, 1, 1), "replicate"), kernel)


@dataclass(frozen=True)
class Trial:
    """One run: what is changed, and how."""

    title: str
    net: Callable = Expression
    view: Callable = view
    votes: float = 1.0
    original: float = 1.0
    taught: float = 0.0
    webcam: float = 0.5
    blend: float = 0.0
    adam: bool = False
    seed: int = 1


BASE = Trial("the recipe: both heads, equalised, 44 pixels, the shipped width")
TRIALS = {
    "base": BASE,
    "transformer": replace(BASE, title="a transformer of as many multiply-adds instead (AdamW)",
                           net=Transformer, adam=True),
    "votes": replace(BASE, title="trained on the votes alone", original=0.0),
    "labels": replace(BASE, title="trained on the original labels alone", votes=0.0),
    "plain": replace(BASE, title="not equalised", view=lambda x: standardise(centre(x))),
    "smoothed": replace(BASE, title="equalised, then smoothed, as in the paper", view=smoothed),
    "taught": replace(BASE, title="taught by larger networks too (share 0.7)", taught=0.7),
    "crop40": replace(BASE, title="40 pixels of the face", view=lambda x: prepare(centre(x, 40))),
    "crop48": replace(BASE, title="all 48 pixels", view=prepare),
    "half": replace(BASE, title="half the width", net=lambda: Expression(stem=16, widths=(32, 56, 68))),
    "twice": replace(BASE, title="twice the width", net=lambda: Expression(stem=64, widths=(128, 224, 272))),
    "clean": replace(BASE, title="without a webcam's faults", webcam=0.0),
    "blended": replace(BASE, title="half the faces blended with another", blend=0.5),
    "again": replace(BASE, title="the recipe again with another seed: what chance does", seed=2),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="folder with train.npz and validation.npz")
    parser.add_argument("--out", type=Path, required=True, help="folder for what was measured")
    parser.add_argument("--teacher", type=Path, nargs="+", default=[], help="checkpoints; without them nothing is taught")
    parser.add_argument("--trial", nargs="*", choices=TRIALS, default=list(TRIALS), help="train only these")
    parser.add_argument("--share", type=int, default=1, help="train on one face in so many")
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--decay", type=int, default=16, help="last epochs, in which the rate falls to nothing")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--card", action="store_true", help="write the table into the model card")
    return parser.parse_args()


def some(faces, share):
    """One in `share` of the faces, the same for every run."""
    rows = torch.randperm(len(faces), generator=torch.Generator().manual_seed(3))[: len(faces) // share]
    for name, value in vars(faces).items():
        setattr(faces, name, value[rows.to(value.device)])
    faces.original = smooth(faces.original, 0.1)
    return faces


def optimiser(net, trial):
    if trial.adam:
        return torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
    return torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)


def learn(trial, faces, teachers, options):
    torch.manual_seed(trial.seed)
    net = trial.net().to(faces.images.device).to(memory_format=torch.channels_last)
    kept, steps = copy.deepcopy(net).eval(), optimiser(net, trial)
    peak = steps.param_groups[0]["lr"]
    recipe = argparse.Namespace(**{**vars(options), **vars(trial)})
    rows = torch.repeat_interleave(torch.arange(len(faces), device=faces.images.device), repeats(faces))
    for epoch in range(options.epochs):
        net.train()
        batches = rows[torch.randperm(len(rows), device=rows.device)].split(options.batch)
        for number, batch in enumerate(batches):
            steps.param_groups[0]["lr"] = peak * rate_at(epoch + number / len(batches), options)
            loss = loss_of(net, faces, batch, recipe, teachers if trial.taught else None)
            steps.zero_grad()
            loss.backward()
            steps.step()
            average(kept, net, 0.01 if epoch else 0.1)
    return kept


def measure(net, trial, faces, flip):
    """Per head: what was right, face by face, and the macro F1."""
    votes, original = logits(net, faces.images, faces.images.device, flip, trial.view)
    known = faces.majority >= 0
    heads = {"votes": (votes[known], faces.majority[known]), "original": (original, faces.labels)}
    return {name: {"right": (said.argmax(1) == truth).cpu(), "f1": macro_f1(said, truth, said.shape[1])}
            for name, (said, truth) in heads.items()}


def session(net, side):
    """The network in ONNX Runtime, on one thread."""
    alone = onnxruntime.SessionOptions()
    alone.intra_op_num_threads = alone.inter_op_num_threads = 1
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "net.onnx"
        write(fold(net), path, side)
        return onnxruntime.InferenceSession(str(path), alone, providers=["CPUExecutionProvider"])


def cost(trial):
    """Millions of multiply-adds a face, and the fewest milliseconds of a hundred runs."""
    net = trial.net().eval()
    pixels = trial.view(torch.rand(1, 1, 48, 48) * 255)
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        net(pixels)
    ready, given, times = session(net, pixels.shape[-1]), {"faces": pixels.numpy()}, []
    for _ in range(100):
        started = time.perf_counter()
        ready.run(None, given)
        times.append(1e3 * (time.perf_counter() - started))
    return counter.get_total_flops() / 2e6, min(times)


def run(name, options, training, teachers, validation):
    trial, started = TRIALS[name], time.time()
    net = learn(trial, training, teachers, options)
    result = {"title": trial.title, "seconds": time.time() - started,
              "heads": measure(net, trial, validation, False), "mirrored": measure(net, trial, validation, True)}
    torch.save(result, options.out / f"{name}.pt")
    print(name, {head: round(r["right"].float().mean().item(), 4) for head, r in result["heads"].items()}, flush=True)


def percent(right):
    share = right.float().mean().item()
    return f"{100 * share:.1f} +- {196 * math.sqrt(share * (1 - share) / len(right)):.1f}"


def difference(right, base):
    """The paired difference in points with its 95 % interval (Agresti 2013, section 11.1)."""
    gained, lost = (right & ~base).sum().item(), (~right & base).sum().item()
    n, move = len(base), (gained - lost) / len(base)
    return f"{100 * move:+.1f} +- {196 * math.sqrt(max((gained + lost) / n - move**2, 0) / n):.1f}"


def row(title, heads, base, price, silent=()):
    """A line of the table; heads that were not trained are silent."""
    cells = []
    for head in ("votes", "original"):
        right = heads[head]["right"]
        if head in silent:
            cells += ["-", "-", "-"]
        else:
            change = "" if right is base[head]["right"] else difference(right, base[head]["right"])
            cells += [percent(right), change, f"{heads[head]['f1']:.3f}"]
    return f"| {title} | {' | '.join(cells)} | {price} |"


def table(results):
    base = results["base"]["heads"]
    silent = {"votes": ("original",), "labels": ("votes",)}
    lines = ["| changed | votes, % | change | F1 | original, % | change | F1 | million multiply-adds | ms a face |",
             "| --- " * 9 + "|"]
    for name, result in results.items():
        price = "{:.0f} | {:.2f}".format(*cost(TRIALS[name]))
        lines.append(row(result["title"], result["heads"], base, price, silent.get(name, ())))
        if name == "base":
            lines.append(row("the same, averaged with the mirrored face", result["mirrored"], base, "twice | twice"))
    return "\n".join(lines)


def main():
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    missing = [name for name in options.trial if not (options.out / f"{name}.pt").exists()]
    missing = [name for name in missing if options.teacher or not TRIALS[name].taught]
    if missing:
        training, validation = folder(options.data, device)
        training, teachers = some(training, options.share), Beside(options.teacher, device)
        for name in missing:
            run(name, options, training, teachers, validation)
    done = {name: options.out / f"{name}.pt" for name in TRIALS}
    results = {name: torch.load(path, weights_only=True) for name, path in done.items() if path.exists()}
    if options.card:
        insert("ablation", table(results))


if __name__ == "__main__":
    main()
