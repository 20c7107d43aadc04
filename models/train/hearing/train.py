"""From features of rated clips to the weights that the program ships, and the model card.

    python train.py FEATURES.csv LABELS.csv --out ../../hearing.bin --card ../../hearing.md

`train.sh` does both steps. FEATURES.csv is what the example `hearing_features` of crates/music prints: file, stretch, share that is not
silent, odds of valence and energy by the rule set by hand, 173 features. LABELS.csv: file, quadrant (Q1 lively and bright, Q2 lively
and dark, Q3 calm and dark, Q4 calm and bright). All randomness is seeded; figures are held out, ten-fold, three divisions.
"""

import argparse
import csv
import os
import struct

import numpy as np
from scipy.spatial.distance import cdist
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

SEEDS = (0, 1, 2)
FURTHEST = 3.0
STEP = FURTHEST / 127
NEAREST = 8
# Chosen among few values by ten-fold figures (SHARPNESS, RIDGE) and by the pieces of games (the rest); see models/hearing.md.
SHARPNESS, RIDGE, LINEAR_RIDGE = 1.0, 0.3, 0.5
LINEAR_SHARE = 0.5
VALENCE_RAMP = (0.8, 1.4, 1.0)
ENERGY_RAMP = (0.8, 1.2, 0.7)
POSITION_STEP = 0.08


def read(features, labels):
    """Features [N, F], odds of the rule [N, 2], quadrants [N]; one row a clip, sorted by file."""
    quadrant = {row["file"]: int(row["quadrant"][1]) for row in csv.DictReader(open(labels))}
    rows = sorted((os.path.basename(row[0]), row[1:]) for row in csv.reader(open(features)))
    assert all(row[0] == "0" for _, row in rows), "clips of half a minute have one stretch"
    values = np.array([[float(value) for value in row[2:]] for _, row in rows])
    return values[:, 2:], values[:, :2], np.array([quadrant[name] for name, _ in rows])


def axes(quadrants):
    """Bright and lively, as 0 and 1 [N, 2]."""
    return np.stack([np.isin(quadrants, (1, 4)), quadrants <= 2], 1).astype(float)


def platt(scores, truth):
    """Slope and offset that make odds of scores (Platt 1999)."""
    fit = LogisticRegression(C=1e4).fit(scores[:, None], truth)
    return fit.coef_[0, 0], fit.intercept_[0]


class Model:
    """Kernel ridge regression for both axes, a linear one for energy; scores are shares before calibration."""

    def __init__(self, features, truth):
        self.means, self.spreads = features.mean(0), features.std(0) + 1e-6
        self.clips = np.rint(self.standard(features) / STEP).astype(np.int8)
        places, count = self.clips * STEP, features.shape[1]
        self.middle = truth.mean(0)
        likeness = np.exp(-SHARPNESS * cdist(places, places, "sqeuclidean") / count)
        self.weights = np.linalg.solve(likeness + RIDGE * np.eye(len(truth)), truth - self.middle)
        gram = places @ places.T / count
        dual = np.linalg.solve(gram + LINEAR_RIDGE * np.eye(len(truth)), truth[:, 1] - self.middle[1])
        self.linear = places.T @ dual / count

    def standard(self, features):
        return np.clip((features - self.means) / self.spreads, -FURTHEST, FURTHEST)

    def score(self, features):
        """Valence, energy, energy by the linear model, and distance to the nearest clips [N, 4]."""
        place = self.standard(features)
        square = cdist(place, self.clips * STEP, "sqeuclidean") / features.shape[1]
        kernel = np.exp(-SHARPNESS * square) @ self.weights + self.middle
        distance = np.sqrt(np.sort(square, 1)[:, :NEAREST]).mean(1)
        return np.column_stack([kernel, place @ self.linear + self.middle[1], distance])


def ramp(distance, near, far, highest):
    return highest * np.clip((far - distance) / (far - near), 0, 1)


def mix(scores, rule, lines):
    """Odds of valence and energy before the last calibration [N, 2]; `lines` make odds of the three scores."""
    valence, energy, linear = (slope * scores[:, k] + offset for k, (slope, offset) in enumerate(lines))
    known = ramp(scores[:, 3], *VALENCE_RAMP), ramp(scores[:, 3], *ENERGY_RAMP)
    fallback = LINEAR_SHARE * linear + rule[:, 1]
    return np.column_stack([known[0] * valence + (1 - known[0]) * rule[:, 0], known[1] * energy + (1 - known[1]) * fallback])


def calibrate(scores, rule, truth):
    """Lines from scores to odds, and from mixed odds to calibrated ones, fitted on scores that were held out."""
    lines = [platt(scores[:, k], truth[:, axis]) for k, axis in ((0, 0), (1, 1), (2, 1))]
    mixed = mix(scores, rule, lines)
    return lines, [scale(mixed[:, axis], scores[:, 3], truth[:, axis], ramp) for axis, ramp in ((0, VALENCE_RAMP), (1, ENERGY_RAMP))]


def scale(mixed, distance, truth, shape):
    """Slope, and an offset that fades with familiarity: what is unlike the clips keeps the zero of the rule."""
    inputs = np.column_stack([mixed, ramp(distance, *shape)])
    return tuple(LogisticRegression(C=1e4, fit_intercept=False).fit(inputs, truth).coef_[0])


def judge(scores, rule, lines, scales):
    """Valence and energy, 0..1, and their certainties [N, 4]."""
    mixed, shapes = mix(scores, rule, lines), (VALENCE_RAMP, ENERGY_RAMP)
    odds = [slope * mixed[:, k] + offset * ramp(scores[:, 3], *shapes[k]) for k, (slope, offset) in enumerate(scales)]
    share = 1 / (1 + np.exp(-np.column_stack(odds)))
    familiar = np.minimum(1, 2 * ramp(scores[:, 3], *VALENCE_RAMP))[:, None]
    return np.column_stack([share, 0.5 + np.abs(share - 0.5) * familiar])


def held_out(features, rule, quadrants, seed):
    """Scores of each clip by a model that has not seen it, and judgements calibrated on the other folds' scores."""
    truth = axes(quadrants)
    folds = list(StratifiedKFold(10, shuffle=True, random_state=seed).split(features, quadrants))
    scores, judged = np.zeros((len(quadrants), 4)), np.zeros((len(quadrants), 4))
    for known, new in folds:
        scores[new] = Model(features[known], truth[known]).score(features[new])
    for known, new in folds:
        judged[new] = judge(scores[new], rule[new], *calibrate(scores[known], rule[known], truth[known]))
    return scores, judged


def error_of_calibration(certainty, right):
    """Expected calibration error over ten bins of the certainty, 0.5 to 1."""
    bins = np.minimum((certainty - 0.5) * 20, 9).astype(int)
    return sum((bins == k).mean() * abs(certainty[bins == k].mean() - right[bins == k].mean()) for k in set(bins))


def spread(values, share):
    """Places moved towards their ranks, as `rank_normalize` does before it ranks."""
    count = len(values)
    share *= count / (count + 20)
    return (1 - share) * values + share * (0.1 + 0.8 * (rankdata(values) - 1) / (count - 1))


def position(share):
    """Position in the plane, as `estimate.rs` stores it."""
    share = np.clip(share, 1e-9, 1 - 1e-9)
    return np.clip(0.5 + POSITION_STEP * np.log(share / (1 - share)), 0, 1)


MOODS = {"happy": (0.8, 0.8, 1), "angry": (0.2, 0.8, 2), "sad": (0.2, 0.2, 3), "calm": (0.8, 0.2, 4)}


def figures(judged, quadrants):
    bright, lively = axes(quadrants).astype(bool).T
    valence, energy = judged[:, 0], judged[:, 1]
    placed = np.where(energy >= 0.5, np.where(valence >= 0.5, 1, 2), np.where(valence >= 0.5, 4, 3))
    right = np.column_stack([(valence >= 0.5) == bright, (energy >= 0.5) == lively])
    result = {
        "energy, area under the curve": roc_auc_score(lively, energy),
        "valence, area under the curve": roc_auc_score(bright, valence),
        "valence among calm clips": roc_auc_score(bright[~lively], valence[~lively]),
        "valence among lively clips": roc_auc_score(bright[lively], valence[lively]),
        "quadrant right, cut at 0.5 each": (placed == quadrants).mean(),
        "calibration error of the energy certainty": error_of_calibration(judged[:, 3], right[:, 1]),
        "calibration error of the valence certainty": error_of_calibration(judged[:, 2], right[:, 0]),
    }
    valence, energy = spread(position(valence), 0.6), spread(position(energy), 0.3)
    for mood, (at_valence, at_energy, wanted) in MOODS.items():
        nearest = np.argsort((valence - at_valence) ** 2 + (energy - at_energy) ** 2, kind="stable")[:20]
        result[f"first twenty picks for {mood} in its quadrant"] = (quadrants[nearest] == wanted).mean()
    return result


def table(runs, quadrants):
    """Mean over the divisions, and 95 of 100 draws of the clips (first division)."""
    means = {name: np.mean([figures(run, quadrants)[name] for run in runs]) for name in figures(runs[0], quadrants)}
    random = np.random.default_rng(0)
    draws = [random.integers(0, len(quadrants), len(quadrants)) for _ in range(500)]
    drawn = [figures(runs[0][draw], quadrants[draw]) for draw in draws]
    for name, mean in means.items():
        low, high = np.quantile([draw[name] for draw in drawn], (0.025, 0.975))
        # Twenty picks of a drawn set hold copies; their interval says little.
        yield f"| {name} | {mean:.3f} | " + (f"{low:.2f} to {high:.2f} |" if "picks" not in name and "error" not in name else "|")


def write(path, model, lines, scales):
    """The form that crates/music/src/audio/analysis/hearing/weights.rs reads. Calibrating lines of the scores are baked into the weights."""
    (valence, energy, linear) = lines
    bias = lambda line, middle: line[0] * middle + line[1]
    numbers = [SHARPNESS, bias(valence, model.middle[0]), bias(energy, model.middle[1]), bias(linear, model.middle[1])]
    numbers += [LINEAR_SHARE, *VALENCE_RAMP[:2], *ENERGY_RAMP, *scales[0], *scales[1]]
    with open(path, "wb") as file:
        file.write(struct.pack("<2I", *model.clips.shape))
        for part in (numbers, model.means, model.spreads, linear[0] * model.linear):
            file.write(np.asarray(part, "<f4").tobytes())
        for place, weights in zip(model.clips, model.weights):
            file.write(np.asarray([valence[0] * weights[0], energy[0] * weights[1]], "<f4").tobytes() + place.tobytes())


CARD = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "card.template.md")).read


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("features")
    parser.add_argument("labels")
    parser.add_argument("--out", required=True)
    parser.add_argument("--card")
    arguments = parser.parse_args()
    features, rule, quadrants = read(arguments.features, arguments.labels)
    runs = [held_out(features, rule, quadrants, seed) for seed in SEEDS]
    rows = "\n".join(table([judged for _, judged in runs], quadrants))
    print(rows)
    # Calibrated on the held-out scores of all divisions.
    scores = np.concatenate([scores for scores, _ in runs])
    truth = axes(quadrants)
    lines, scales = calibrate(scores, np.tile(rule, (len(runs), 1)), np.tile(truth, (len(runs), 1)))
    write(arguments.out, Model(features, truth), lines, scales)
    if arguments.card:
        with open(arguments.card, "w") as card:
            card.write(CARD().replace("{clips}", str(len(quadrants))).replace("{figures}", rows))


if __name__ == "__main__":
    main()
