"""Accuracy and macro F1 of both heads on faces the network never saw."""

import torch

from net import ORIGINAL, VOTES
from prepare import view


def logits(net, images, device, flip=False, view=view):
    """Both heads' logits for [N, 1, 48, 48]; `flip` averages with the mirrored face, `view` prepares the faces."""
    net.eval()
    votes, original = [], []
    with torch.no_grad():
        for batch in images.split(512):
            pixels = view(batch).to(device)
            v, o = net(pixels)
            if flip:
                mv, mo = net(pixels.flip(3))
                v, o = (v + mv) / 2, (o + mo) / 2
            votes.append(v.float())
            original.append(o.float())
    return torch.cat(votes), torch.cat(original)


def accuracy(scores, truth):
    return (scores.argmax(1) == truth).float().mean().item()


def macro_f1(scores, truth, classes):
    guess = scores.argmax(1)
    total = 0.0
    for k in range(classes):
        both = ((guess == k) & (truth == k)).sum().item()
        total += 2 * both / max((guess == k).sum().item() + (truth == k).sum().item(), 1)
    return total / classes


def figures(net, faces, device, flip=False):
    votes, original = logits(net, faces.images, device, flip)
    known = faces.majority >= 0
    return {
        "votes_accuracy": round(accuracy(votes[known], faces.majority[known]), 4),
        "votes_f1": round(macro_f1(votes[known], faces.majority[known], len(VOTES)), 4),
        "original_accuracy": round(accuracy(original, faces.labels), 4),
        "original_f1": round(macro_f1(original, faces.labels, len(ORIGINAL)), 4),
    }
