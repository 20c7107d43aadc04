"""Makes softmax of the logits mean what it says: a temperature a head, and an offset for rare classes of the votes head.

Both are linear, so they are baked into the heads. Everything reported is held out: fitted on one half of the validation
faces, measured on the other, both ways; what is shipped is fitted on all of them.
"""

import torch
import torch.nn.functional as F

from measure import accuracy, macro_f1
from net import VOTES

# Classes that training shows too rarely for the network to dare name them.
RARE = ("disgust", "fear", "contempt")
OFFSETS = torch.arange(0, 2.01, 0.25)


def temperature(logits, truth):
    """Guo et al. 2017: the one divisor that minimises the negative log likelihood."""
    candidates = torch.exp(torch.linspace(-1.2, 1.2, 241))
    losses = torch.stack([F.cross_entropy(logits / t, truth) for t in candidates])
    return candidates[losses.argmin()].item()


def rare_offsets(logits, truth):
    """Greedy: per rare class the offset with the best macro F1 that costs no accuracy on these faces."""
    offset = torch.zeros(logits.shape[1])
    floor = accuracy(logits, truth)
    for name in RARE:
        trials = []
        for value in OFFSETS:
            trial = offset.clone()
            trial[VOTES.index(name)] = value
            moved = logits + trial
            if accuracy(moved, truth) >= floor:
                # A small price on size: among equals, the smaller offset.
                trials.append((macro_f1(moved, truth, len(VOTES)) - 0.002 * value.item(), value.item()))
        offset[VOTES.index(name)] = max(trials)[1]
    return offset


def fit(logits, truth, rare):
    """`(divisor, offset)` of one head."""
    divisor = temperature(logits, truth)
    offset = rare_offsets(logits / divisor, truth) if rare else torch.zeros(logits.shape[1])
    return divisor, offset


def expected_error(logits, truth, bins=15):
    """ECE over equal bins of confidence (Naeini et al. 2015)."""
    sure, guess = logits.softmax(1).max(1)
    right = (guess == truth).float()
    bin_of = (sure * bins).long().clamp(max=bins - 1)
    gaps = [(right[bin_of == b].mean() - sure[bin_of == b].mean()).abs() * (bin_of == b).float().mean()
            for b in range(bins) if (bin_of == b).any()]
    return torch.stack(gaps).sum().item()


def report(logits, truth):
    """Figures of one head, with the half-width of the 95 % interval of its accuracy."""
    n, right = len(truth), accuracy(logits, truth)
    return {
        "n": n,
        "accuracy": round(right, 4),
        "interval": round(1.96 * (right * (1 - right) / n) ** 0.5, 4),
        "macro_f1": round(macro_f1(logits, truth, logits.shape[1]), 4),
        "ece": round(expected_error(logits, truth), 4),
        "nll": round(F.cross_entropy(logits, truth).item(), 4),
    }


def held_out(logits, truth, rare):
    """Logits of each half, calibrated on the other."""
    half = torch.randperm(len(truth), generator=torch.Generator().manual_seed(0)) % 2 == 0
    moved = torch.empty_like(logits)
    for mine in (half, ~half):
        divisor, offset = fit(logits[~mine], truth[~mine], rare)
        moved[mine] = logits[mine] / divisor + offset
    return moved


def calibrate(logits, truth, rare):
    """What to bake in, and the held-out figures; the offset is dropped where it does not help held-out faces."""
    plain, moved = held_out(logits, truth, False), held_out(logits, truth, rare)
    before, after = report(plain, truth), report(moved, truth)
    helps = rare and after["macro_f1"] > before["macro_f1"] and after["accuracy"] >= before["accuracy"] - 0.001
    divisor, offset = fit(logits, truth, helps)
    return divisor, offset, after if helps else before
