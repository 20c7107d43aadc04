"""FER2013 with the FER+ votes, as numpy archives; only rows flagged clean are trained on."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from net import ORIGINAL, VOTES


class Faces:
    """`images` [N, 1, 48, 48] in 0..255, `labels` [N], `majority` [N] (-1: none); as targets `votes` [N, 8], summing to
    one or zero, and `original` [N, 7], summing to one."""

    def __init__(self, path, keep=None):
        archive = np.load(path)
        rows = np.ones(len(archive["labels"]), bool) if keep is None else archive[keep]
        self.images = torch.from_numpy(archive["images"][rows]).float().unsqueeze(1)
        self.labels = torch.from_numpy(archive["labels"][rows]).long()
        self.majority = torch.from_numpy(archive["ferplus"][rows]).long()
        self.votes = soft(archive["votes"][rows])
        self.original = F.one_hot(self.labels, len(ORIGINAL)).float()

    def __len__(self):
        return len(self.labels)

    def to(self, device):
        for name, value in vars(self).items():
            setattr(self, name, value.to(device))
        return self


def soft(votes):
    """Ten people's votes as shares; single votes are dropped, and faces that most call no face get no target."""
    kept = np.where(votes > 1, votes, 0).astype(np.float32)
    known = kept[:, : len(VOTES)].sum(1, keepdims=True)
    unsure = kept[:, len(VOTES) :].sum(1, keepdims=True)
    usable = (known > 0) & (known >= unsure)
    return torch.from_numpy(np.where(usable, kept[:, : len(VOTES)] / np.maximum(known, 1), 0))


def smooth(targets, share):
    """Label smoothing (Szegedy et al. 2016): a share of each target is spread over all classes."""
    return (1 - share) * targets + share / targets.shape[1]


def folder(path, device="cpu"):
    path = Path(path)
    return Faces(path / "train.npz", "clean").to(device), Faces(path / "validation.npz").to(device)


def repeats(faces):
    """How often a row stands in an epoch: rare classes come more often, or both heads forget them."""
    times = torch.ones_like(faces.labels)
    rare = {"disgust": 4, "fear": 2, "contempt": 4}
    for name, count in rare.items():
        times[faces.majority == VOTES.index(name)] = count
    times[faces.labels == 1] = torch.clamp(times[faces.labels == 1], min=3)
    return times
