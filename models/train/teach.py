"""Soft targets from networks already trained (Hinton et al. 2015): what several of them say of each training face."""

import torch

from measure import logits
from net import load


def opinions(paths, images, device):
    """Mean probabilities of both heads, [N, 8] and [N, 7]; a teacher's logits are averaged with the mirrored face's."""
    votes, original = 0, 0
    for path in paths:
        net, _ = load(path)
        v, o = logits(net.to(device), images, device, flip=True)
        votes, original = votes + v.softmax(1) / len(paths), original + o.softmax(1) / len(paths)
    return votes, original


def mix(targets, taught, share):
    """Targets with a share of the teachers' answer in them; rows without a target stay without one."""
    return torch.where(targets.sum(1, keepdim=True) > 0, (1 - share) * targets + share * taught, targets)
