"""What each step of the recipe gains: short runs of equal length, each with one thing changed.

`python ablate.py DATA --out FOLDER [--teacher CHECKPOINT ...]` trains what is missing in FOLDER and writes the table
into the model card. A run sees a third of the clean training faces eight times with half the shipped network's width;
it takes minutes, and its figures are for comparison with each other only.
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

import teach
from augment import augment
from card import insert
from data import folder, repeats, smooth
from export import fold, write
from measure import logits, macro_f1
from net import Expression
from prepare import centre, prepare, standardise, view
from train import average, cross_entropy, rate_at
from transformer import Transformer

HALF = {"stem": 16, "widths": (32, 56, 68)}
SHARE, EPOCHS, DECAY, BATCH = 3, 8, 5, 128


def smoothed(x):
    """Gaussian smoothing 3x3, after the equalisation, as in the paper that the product follows."""
    kernel = torch.tensor([1.0, 2.0, 1.0])
    kernel = (kernel.view(3, 1) * kernel / 16).view(1, 1, 3, 3)
    return torch.nn.functional.conv2d(torch.nn.functional.pad(view(x), (1, 1, 1, 1), "replicate"), kernel)


@dataclass(frozen=True)
class Trial:
    """One run: what is changed, and how."""

    title: str
    net: Callable = lambda: Expression(**HALF)
    view: Callable = view
    votes: float = 1.0
    original: float = 1.0
    taught: float = 0.0
    adam: bool = False
    seed: int = 1


BASE = Trial("the recipe: both heads, equalised, 44 pixels, half the width")
TRIALS = {
    "base": BASE,
    "transformer": replace(BASE, title="a transformer of as many multiply-adds instead (AdamW)",
                           net=Transformer, adam=True),
    "votes": replace(BASE, title="trained on the votes alone", original=0.0),
    "labels": replace(BASE, title="trained on the original labels alone", votes=0.0),
    "plain": replace(BASE, title="not equalised", view=lambda x: standardise(centre(x))),
    "smoothed": replace(BASE, title="equalised, then smoothed, as in the paper", view=smoothed),
    "taught": replace(BASE, title="taught by the trained networks too (share 0.6)", taught=0.6),
    "crop40": replace(BASE, title="40 pixels of the face", view=lambda x: prepare(centre(x, 40))),
    "crop48": replace(BASE, title="all 48 pixels", view=prepare),
    "quarter": replace(BASE, title="a quarter of the shipped width",
                       net=lambda: Expression(stem=8, widths=(16, 28, 34))),
    "whole": replace(BASE, title="the whole shipped width", net=Expression),
    "again": replace(BASE, title="the recipe again with another seed: what chance does", seed=2),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="folder with train.npz and validation.npz")
    parser.add_argument("--out", type=Path, required=True, help="folder for what was measured")
    parser.add_argument("--teacher", type=Path, nargs="+", default=[], help="checkpoints; without them nothing is taught")
    parser.add_argument("--trial", nargs="+", choices=TRIALS, default=list(TRIALS), help="train only these")
    return parser.parse_args()


def third(faces, teachers):
    """A third of the faces, the same for every run, with the teachers' answers."""
    rows = torch.randperm(len(faces), generator=torch.Generator().manual_seed(3))[: len(faces) // SHARE]
    for name in ("images", "labels", "majority", "votes", "original"):
        setattr(faces, name, getattr(faces, name)[rows])
    faces.original = smooth(faces.original, 0.1)
    answers = teach.opinions(teachers, faces.images, torch.device("cpu")) if teachers else None
    return faces, answers


def optimiser(net, trial):
    if trial.adam:
        return torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
    return torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)


def learn(trial, faces, answers):
    torch.manual_seed(trial.seed)
    net = trial.net().to(memory_format=torch.channels_last)
    kept, steps = copy.deepcopy(net).eval(), optimiser(net, trial)
    peak = steps.param_groups[0]["lr"]
    targets = [faces.votes, faces.original]
    if trial.taught:
        targets = [teach.mix(mine, said, trial.taught) for mine, said in zip(targets, answers)]
    rows = torch.repeat_interleave(torch.arange(len(faces)), repeats(faces))
    length = argparse.Namespace(epochs=EPOCHS, decay=DECAY)
    for epoch in range(EPOCHS):
        net.train()
        batches = rows[torch.randperm(len(rows))].split(BATCH)
        for number, batch in enumerate(batches):
            steps.param_groups[0]["lr"] = peak * rate_at(epoch + number / len(batches), length)
            pixels = trial.view(augment(faces.images[batch], 0.5)).to(memory_format=torch.channels_last)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                votes, original = net(pixels)
            loss = trial.votes * cross_entropy(votes.float(), targets[0][batch])
            loss = loss + trial.original * cross_entropy(original.float(), targets[1][batch])
            steps.zero_grad()
            loss.backward()
            steps.step()
            average(kept, net, 0.01 if epoch else 0.1)
    return kept


def measure(net, trial, faces, flip):
    """Per head: what was right, face by face, and the macro F1."""
    votes, original = logits(net, faces.images, torch.device("cpu"), flip, trial.view)
    known = faces.majority >= 0
    heads = {"votes": (votes[known], faces.majority[known]), "original": (original, faces.labels)}
    return {name: {"right": said.argmax(1) == truth, "f1": macro_f1(said, truth, said.shape[1])}
            for name, (said, truth) in heads.items()}


def session(net, side):
    """The network in ONNX Runtime, on one thread."""
    alone = onnxruntime.SessionOptions()
    alone.intra_op_num_threads = alone.inter_op_num_threads = 1
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "net.onnx"
        write(fold(net), path, side)
        return onnxruntime.InferenceSession(str(path), alone, providers=["CPUExecutionProvider"])


def cost(net, trial):
    """Millions of multiply-adds a face, and the fewest milliseconds of a hundred runs."""
    net = net.cpu().eval()
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


def run(name, options, training, answers, validation):
    trial, started = TRIALS[name], time.process_time()
    net = learn(trial, training, answers)
    result = {"title": trial.title, "seconds": time.process_time() - started,
              "heads": measure(net, trial, validation, False), "mirrored": measure(net, trial, validation, True)}
    result["millions"], result["ms"] = cost(net, trial)
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
        price = f"{result['millions']:.0f} | {result['ms']:.2f}"
        lines.append(row(result["title"], result["heads"], base, price, silent.get(name, ())))
        if name == "base":
            lines.append(row("the same, averaged with the mirrored face", result["mirrored"], base, "twice | twice"))
    return "\n".join(lines)


def main():
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    missing = [name for name in options.trial if not (options.out / f"{name}.pt").exists()]
    missing = [name for name in missing if options.teacher or not TRIALS[name].taught]
    if missing:
        training, validation = folder(options.data)
        training, answers = third(training, options.teacher)
        for name in missing:
            run(name, options, training, answers, validation)
    done = {name: options.out / f"{name}.pt" for name in TRIALS}
    results = {name: torch.load(path, weights_only=True) for name, path in done.items() if path.exists()}
    insert("ablation", table(results))


if __name__ == "__main__":
    main()
