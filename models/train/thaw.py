"""A checkpoint to train on from a network that was exported: `python thaw.py ../expression.onnx --data DIR --out CHECKPOINT`.

Exporting folds every normalisation into its convolution. Here they are taken apart again: the statistics of each convolution's
output over training faces become those of its normalisation, and each filter gets the size of a fresh one, so that the
learning rate means what it means in a new run. The network's answers stay the same.
"""

import argparse
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import nn

from augment import augment
from data import folder
from net import Expression
from prepare import centre, prepare


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", required=True, help="folder with train.npz and validation.npz")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--faces", type=int, default=4096, help="training faces to take statistics over")
    return parser.parse_args()


def weights(path):
    return {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in onnx.load(path).graph.initializer}


def pairs(net):
    """Each convolution's name with the normalisation behind it, in the order of the modules."""
    named = [(name, m) for name, m in net.named_modules() if isinstance(m, (nn.Conv2d, nn.BatchNorm2d))]
    return [(a, conv, norm) for (a, conv), (_, norm) in zip(named, named[1:]) if isinstance(norm, nn.BatchNorm2d)]


def assemble(stored):
    net = Expression().eval()
    with torch.no_grad():
        for name, convolution, norm in pairs(net):
            convolution.weight.copy_(stored[f"{name}.weight"])
            norm.running_var.fill_(1 - norm.eps)
            norm.bias.copy_(stored[f"{name}.bias"])
        for name in ("votes", "original"):
            head = getattr(net, name)
            head.weight.copy_(stored[f"{name}.weight"])
            head.bias.copy_(stored[f"{name}.bias"])
    return net


def statistics(net, pixels):
    """Mean and variance, per channel, of what enters each normalisation."""
    seen = {}
    hooks = [
        norm.register_forward_pre_hook(lambda _, given, name=name: seen.update(
            {name: torch.var_mean(given[0], (0, 2, 3), correction=0)}))
        for name, _, norm in pairs(net)
    ]
    with torch.no_grad():
        net(pixels)
    for hook in hooks:
        hook.remove()
    return seen


def take_apart(net, seen):
    with torch.no_grad():
        for name, convolution, norm in pairs(net):
            variance, mean = seen[name]
            norms = convolution.weight.flatten(1).norm(dim=1).clamp(min=1e-4)
            scale = (1 / 3) ** 0.5 / norms
            convolution.weight.mul_(scale.view(-1, 1, 1, 1))
            norm.bias.add_(mean)
            norm.weight.copy_((variance + norm.eps / scale**2).sqrt())
            norm.running_mean.copy_(mean * scale)
            norm.running_var.copy_(variance * scale**2)


def main():
    torch.manual_seed(1)
    options = arguments()
    training, validation = folder(options.data)
    net = assemble(weights(options.model))
    rows = torch.randperm(len(training))[: options.faces]
    probe = prepare(centre(validation.images[:256]))
    with torch.no_grad():
        before = net(probe)
    take_apart(net, statistics(net, prepare(centre(augment(training.images[rows], 0.5)))))
    with torch.no_grad():
        after = net(probe)
    print("largest change of a logit:", max(float((a - b).abs().max()) for a, b in zip(before, after)))
    torch.save({"kept": net.state_dict()}, options.out)


if __name__ == "__main__":
    main()
