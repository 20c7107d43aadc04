"""The expression network: one residual trunk, two heads.

Input: float32 [N, 1, 44, 44], grey faces, equalised and standardised (see `prepare.py`).
Output: `votes` [N, 8] and `original` [N, 7] logits.
"""

import torch
from torch import nn

# FER+ crowd votes (Barsoum et al. 2016), in the order of its columns.
VOTES = ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "contempt")
# FER2013 (Goodfellow et al. 2013), in the order of its labels.
ORIGINAL = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
SIDE = 44


class Block(nn.Module):
    """Two 3x3 convolutions around a shortcut (He et al. 2016, section 3.1)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
        )

    def forward(self, x):
        y = torch.relu(self.first_norm(self.first(x)))
        return torch.relu(self.second_norm(self.second(y)) + self.shortcut(x))


class Expression(nn.Module):
    """1.2 million parameters by default: 4.8 MB, the size the product allows itself. With four widths the first stage keeps the size
    of the face, as in larger networks that teach."""

    def __init__(self, stem=32, widths=(64, 112, 136), dropout=0.2):
        super().__init__()
        layers = [nn.Conv2d(1, stem, 3, 1, 1, bias=False), nn.BatchNorm2d(stem), nn.ReLU()]
        inputs = stem
        for number, width in enumerate(widths):
            layers += [Block(inputs, width, 1 if len(widths) - number == 4 else 2), Block(width, width, 1)]
            inputs = width
        self.trunk = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.votes = nn.Linear(inputs, len(VOTES))
        self.original = nn.Linear(inputs, len(ORIGINAL))

    def forward(self, x):
        features = self.dropout(self.trunk(x).mean((2, 3)))
        return self.votes(features), self.original(features)


def load(path, device="cpu"):
    """The averaged network of a checkpoint, and its epoch."""
    state = torch.load(path, map_location=device, weights_only=True)
    net = Expression(**state.get("shape", {}))
    net.load_state_dict(state["kept"])
    return net.to(device).eval(), state.get("epoch")
