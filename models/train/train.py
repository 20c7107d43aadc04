"""Trains the expression network: `python train.py DATA --out RUN`.

Stochastic gradient descent with a warm-up, a flat stretch and a cosine decay at the end; the weights kept are a running
average. Every epoch leaves a checkpoint; the same command goes on from it, also with another `--epochs`.
"""

import argparse
import copy
import json
import math
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from augment import place, spoil
from data import folder, repeats, smooth
from measure import figures
from net import Expression, load
from prepare import view
from teach import Beside, mix, opinions


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", help="folder with train.npz and validation.npz")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the log")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--decay", type=int, default=20, help="last epochs, in which the rate falls to nothing")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=0.1)
    parser.add_argument("--decayed", type=float, default=5e-4, help="weight decay")
    parser.add_argument("--original", type=float, default=1.0, help="weight of the original head's loss")
    parser.add_argument("--smoothing", type=float, default=0.1, help="label smoothing of the original head")
    parser.add_argument("--webcam", type=float, default=1.0, help="share of faces that get a webcam's faults")
    parser.add_argument("--stem", type=int, default=32, help="channels of the first convolution")
    parser.add_argument("--widths", type=int, nargs="+", default=(64, 112, 136), help="channels of the stages, three or four")
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--teacher", type=Path, nargs="+", default=[], help="checkpoints to learn from as well")
    parser.add_argument("--taught", type=float, default=0.6, help="share of the teachers' answer in the targets")
    parser.add_argument("--beside", action="store_true", help="teachers answer anew for every view of a face; for a GPU")
    parser.add_argument("--blend", type=float, default=0.0, help="share of faces blended with another one")
    parser.add_argument("--start", type=Path, help="checkpoint whose averaged weights a new run begins with")
    parser.add_argument("--seed", type=int, default=1)
    parser.set_defaults(votes=1.0, view=view)
    return parser.parse_args()


def rate_at(epoch, options):
    """The learning rate as a share of its peak, at a fractional epoch."""
    left = options.epochs - epoch
    if epoch < 1:
        return max(epoch, 0.02)
    return 1.0 if left >= options.decay else 0.5 - 0.5 * math.cos(math.pi * left / options.decay)


def cross_entropy(logits, target):
    """Mean over the faces that have a target."""
    loss = -(target * F.log_softmax(logits, 1)).sum(1)
    return loss.sum() / (target.sum(1) > 0).sum().clamp(min=1)


def blender(n, share, device):
    """Blends a share of a batch with other rows of it, the same ones in pixels and targets (Zhang et al. 2018)."""
    other = torch.randperm(n, device=device)
    blended = (torch.rand(n, device=device) < share).float()
    kept = 1 - blended * torch.rand(n, device=device) / 2

    def blend(x):
        part = kept.view(-1, *[1] * (x.dim() - 1))
        return part * x + (1 - part) * x[other]

    return blend


def loss_of(net, faces, rows, options, teachers=None):
    """The loss of one batch; `options` has the shares `webcam`, `blend`, `taught` and the weights `votes`, `original`."""
    view = options.view
    placed = place(faces.images[rows])
    blend = blender(len(rows), options.blend, rows.device) if options.blend else lambda x: x
    pixels = blend(view(spoil(placed, options.webcam))).to(memory_format=torch.channels_last)
    targets = [blend(faces.votes[rows]), blend(faces.original[rows])]
    if teachers:
        # They see the face before the camera's faults: what the student is to say in spite of them.
        said = teachers(blend(view(placed)).to(memory_format=torch.channels_last))
        targets = [mix(mine, theirs, options.taught) for mine, theirs in zip(targets, said)]
    with torch.autocast(rows.device.type, dtype=torch.bfloat16):
        votes, original = net(pixels)
    crowd, labels = cross_entropy(votes.float(), targets[0]), cross_entropy(original.float(), targets[1])
    return options.votes * crowd + options.original * labels


def average(kept, net, share):
    """Moves the running average of the weights towards the net."""
    pairs = list(zip(kept.state_dict().values(), net.state_dict().values()))
    with torch.no_grad():
        moved = [(ours, theirs) for ours, theirs in pairs if ours.dtype.is_floating_point]
        torch._foreach_lerp_([ours for ours, _ in moved], [theirs for _, theirs in moved], share)
        for ours, theirs in pairs:
            if not ours.dtype.is_floating_point:
                ours.copy_(theirs)


class Run:
    """What a checkpoint holds."""

    def __init__(self, options, device):
        torch.manual_seed(options.seed)
        self.options, self.device, self.epoch = options, device, 0
        self.teachers = Beside(options.teacher, device) if options.beside else None
        self.shape = {"stem": options.stem, "widths": tuple(options.widths)}
        self.net = Expression(**self.shape, dropout=options.dropout).to(device).to(memory_format=torch.channels_last)
        if options.start:
            self.net.load_state_dict(load(options.start, device)[0].state_dict())
        self.kept = copy.deepcopy(self.net).eval()
        decayed = [p for p in self.net.parameters() if p.dim() > 1]
        others = [p for p in self.net.parameters() if p.dim() <= 1]
        groups = [{"params": decayed, "weight_decay": options.decayed}, {"params": others, "weight_decay": 0.0}]
        self.optimiser = torch.optim.SGD(groups, lr=options.rate, momentum=0.9, nesterov=True)

    def random(self):
        """The generator that augmentation and shuffling draw from."""
        return torch.cuda.default_generators[0] if self.device.type == "cuda" else torch.default_generator

    def path(self):
        return self.options.out / "checkpoint.pt"

    def save(self):
        state = {"shape": self.shape, "net": self.net.state_dict(), "kept": self.kept.state_dict(), "epoch": self.epoch,
                 "optimiser": self.optimiser.state_dict(), "random": self.random().get_state()}
        torch.save(state, self.path().with_suffix(".new"))
        self.path().with_suffix(".new").replace(self.path())

    def load(self):
        if not self.path().exists():
            return
        state = torch.load(self.path(), map_location=self.device, weights_only=True)
        self.net.load_state_dict(state["net"])
        self.kept.load_state_dict(state["kept"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.random().set_state(state["random"].cpu())
        self.epoch = state["epoch"]

    def train_epoch(self, faces):
        self.net.train()
        rows = torch.repeat_interleave(torch.arange(len(faces), device=self.device), repeats(faces))
        batches = rows[torch.randperm(len(rows), device=self.device)].split(self.options.batch)
        # The same memory, counted in faces, whatever the batch.
        share = self.options.batch / 64_000 * (1 if self.epoch else 10)
        total = torch.zeros((), device=self.device)
        for number, batch in enumerate(batches):
            for group in self.optimiser.param_groups:
                group["lr"] = self.options.rate * rate_at(self.epoch + number / len(batches), self.options)
            loss = loss_of(self.net, faces, batch, self.options, self.teachers)
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()
            average(self.kept, self.net, min(share, 0.5))
            total += loss.detach()
        self.epoch += 1
        return total.item() / len(batches)


def targets(faces, options, device):
    """Smooths the labels, and mixes what the teachers say into both heads' targets."""
    faces.original = smooth(faces.original, options.smoothing)
    if options.teacher and not options.beside:
        votes, original = opinions(options.teacher, faces.images, device)
        faces.votes = mix(faces.votes, votes, options.taught)
        faces.original = mix(faces.original, original, options.taught)


def main():
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    training, validation = folder(options.data, device)
    targets(training, options, device)
    run = Run(options, device)
    run.load()
    while run.epoch < options.epochs:
        started = time.time()
        loss = run.train_epoch(training)
        line = {"epoch": run.epoch, "loss": round(loss, 4), "seconds": round(time.time() - started)}
        line.update(figures(run.kept, validation, device))
        run.save()
        print(json.dumps(line), flush=True)
        with open(options.out / "log.jsonl", "a") as log:
            log.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
