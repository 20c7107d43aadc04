"""Soft targets from networks already trained (Hinton et al. 2015)."""

import torch

from measure import logits
from net import load


def opinions(paths, images, device):
    """What they say of each training face: mean probabilities of both heads, [N, 8] and [N, 7]; a teacher's logits are
    averaged with the mirrored face's."""
    votes, original = 0, 0
    for path in paths:
        net, _ = load(path, device)
        v, o = logits(net, images, device, flip=True)
        votes, original = votes + v.softmax(1) / len(paths), original + o.softmax(1) / len(paths)
    return votes, original


class Beside:
    """Teachers that answer in every step for the very view of the face that is learned from (Beyer et al. 2022)."""

    def __init__(self, paths, device):
        self.device = torch.device(device)
        self.nets = [load(path, device)[0].to(memory_format=torch.channels_last) for path in paths]

    def __call__(self, pixels):
        with torch.no_grad(), torch.autocast(self.device.type, dtype=torch.bfloat16):
            said = [net(pixels) for net in self.nets]
        return [torch.stack([one[head].float().softmax(1) for one in said]).mean(0) for head in (0, 1)]


def mix(targets, taught, share):
    """Targets with a share of the teachers' answer in them; rows without a target stay without one."""
    return torch.where(targets.sum(1, keepdim=True) > 0, (1 - share) * targets + share * taught, targets)
