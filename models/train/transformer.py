"""A small transformer with the same input and heads, for comparison at equal cost (`ablate.py`).

Two strided convolutions make 11x11 tokens (Xiao et al. 2021: a transformer learns better from them than from raw
patches), then come pre-norm blocks (Dosovitskiy et al. 2020). Their mean goes to the heads.
"""

import torch
import torch.nn.functional as F
from torch import nn

from net import ORIGINAL, VOTES


class Layer(nn.Module):
    """Attention and a twofold perceptron, each around a shortcut."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attend, self.gather = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.think = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        split = self.attend(self.before(x)).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(split[0], split[1], split[2])
        x = x + self.gather(seen.transpose(1, 2).flatten(2))
        return x + self.think(self.between(x))


class Transformer(nn.Module):
    def __init__(self, width=128, depth=7, heads=4, dropout=0.2):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, width // 2, 3, 2, 1, bias=False), nn.BatchNorm2d(width // 2), nn.ReLU(),
            nn.Conv2d(width // 2, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width),
        )
        self.place = nn.Parameter(torch.randn(1, 121, width) * 0.02)
        self.layers = nn.Sequential(*(Layer(width, heads) for _ in range(depth)))
        self.norm, self.dropout = nn.LayerNorm(width), nn.Dropout(dropout)
        self.votes, self.original = nn.Linear(width, len(VOTES)), nn.Linear(width, len(ORIGINAL))

    def forward(self, x):
        tokens = self.stem(x).flatten(2).transpose(1, 2) + self.place
        features = self.dropout(self.norm(self.layers(tokens)).mean(1))
        return self.votes(features), self.original(features)
