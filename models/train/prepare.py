"""From grey pixels to what the network sees: equalise, then standardise.

The product does the same in Rust (`src/look/expression.rs`); `export.py` writes faces that its tests compare.
"""

import torch


def equalise(x):
    """Histogram equalisation of each face: [N, 1, H, W] in 0..255 to 0..255, by the rank of each grey level."""
    n, _, h, w = x.shape
    level = x.round().clamp(0, 255).long().view(n, -1)
    counts = torch.zeros(n, 256, device=x.device).scatter_add_(1, level, torch.ones_like(level, dtype=torch.float))
    below = counts.cumsum(1)
    # The middle of a level's ranks: flat areas stay in the middle instead of jumping to white.
    rank = (below - counts / 2) / (h * w)
    return (rank.gather(1, level) * 255).view(n, 1, h, w)


def standardise(x):
    """Mean 0 and deviation 1 over each face; an even face stays 0."""
    mean = x.mean((1, 2, 3), keepdim=True)
    spread = x.std((1, 2, 3), keepdim=True, unbiased=False)
    return (x - mean) / (spread + 1e-3)


def prepare(x):
    return standardise(equalise(x))


def centre(x, side=44):
    """The middle `side` pixels of each picture."""
    edge = (x.shape[-1] - side) // 2
    return x[..., edge : edge + side, edge : edge + side]


def view(x):
    """What the network sees of [N, 1, 48, 48] grey pixels."""
    return prepare(centre(x))
