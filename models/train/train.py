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

from augment import augment
from data import folder, repeats, smooth
from measure import figures
from net import Expression, load
from prepare import view
from teach import mix, opinions


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
    parser.add_argument("--widths", type=int, nargs=3, default=(64, 112, 136), help="channels of the three stages")
    parser.add_argument("--teacher", type=Path, nargs="+", default=[], help="checkpoints to learn from as well")
    parser.add_argument("--taught", type=float, default=0.6, help="share of the teachers' answer in the targets")
    parser.add_argument("--start", type=Path, help="checkpoint whose averaged weights a new run begins with")
    parser.add_argument("--seed", type=int, default=1)
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


def loss_of(net, faces, rows, device, options):
    pixels = view(augment(faces.images[rows], options.webcam)).to(device).to(memory_format=torch.channels_last)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        votes, original = net(pixels)
    crowd = cross_entropy(votes.float(), faces.votes[rows].to(device))
    labels = cross_entropy(original.float(), faces.original[rows].to(device))
    return crowd + options.original * labels


def average(kept, net, share):
    """Moves the running average of the weights towards the net."""
    with torch.no_grad():
        for ours, theirs in zip(kept.state_dict().values(), net.state_dict().values()):
            if ours.dtype.is_floating_point:
                ours.lerp_(theirs.to(ours.dtype), share)
            else:
                ours.copy_(theirs)


class Run:
    """What a checkpoint holds."""

    def __init__(self, options, device):
        torch.manual_seed(options.seed)
        self.options, self.device, self.epoch = options, device, 0
        self.shape = {"stem": options.stem, "widths": tuple(options.widths)}
        self.net = Expression(**self.shape).to(device).to(memory_format=torch.channels_last)
        if options.start:
            self.net.load_state_dict(load(options.start, device)[0].state_dict())
        self.kept = copy.deepcopy(self.net).eval()
        decayed = [p for p in self.net.parameters() if p.dim() > 1]
        others = [p for p in self.net.parameters() if p.dim() <= 1]
        groups = [{"params": decayed, "weight_decay": options.decayed}, {"params": others, "weight_decay": 0.0}]
        self.optimiser = torch.optim.SGD(groups, lr=options.rate, momentum=0.9, nesterov=True)

    def path(self):
        return self.options.out / "checkpoint.pt"

    def save(self):
        state = {"shape": self.shape, "net": self.net.state_dict(), "kept": self.kept.state_dict(), "epoch": self.epoch,
                 "optimiser": self.optimiser.state_dict(), "random": torch.get_rng_state()}
        torch.save(state, self.path().with_suffix(".new"))
        self.path().with_suffix(".new").replace(self.path())

    def load(self):
        if not self.path().exists():
            return
        state = torch.load(self.path(), map_location=self.device, weights_only=True)
        self.net.load_state_dict(state["net"])
        self.kept.load_state_dict(state["kept"])
        self.optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["random"].cpu())
        self.epoch = state["epoch"]

    def train_epoch(self, faces):
        self.net.train()
        rows = torch.repeat_interleave(torch.arange(len(faces)), repeats(faces))
        rows = rows[torch.randperm(len(rows))]
        batches = rows.split(self.options.batch)
        total = 0.0
        for number, batch in enumerate(batches):
            for group in self.optimiser.param_groups:
                group["lr"] = self.options.rate * rate_at(self.epoch + number / len(batches), self.options)
            loss = loss_of(self.net, faces, batch, self.device, self.options)
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()
            average(self.kept, self.net, 0.002 if self.epoch > 0 else 0.02)
            total += loss.item()
        self.epoch += 1
        return total / len(batches)


def targets(faces, options, device):
    """Smooths the labels, and mixes what the teachers say into both heads' targets."""
    faces.original = smooth(faces.original, options.smoothing)
    if options.teacher:
        votes, original = opinions(options.teacher, faces.images, device)
        faces.votes = mix(faces.votes, votes, options.taught)
        faces.original = mix(faces.original, original, options.taught)


def main():
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    training, validation = folder(options.data)
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
