"""EASE (Steck 2019) in numpy on the files that `moodring eval taste` reads: `python ease.py TRAIN TEST`.

Played or not is all it is told, which serves it best at this strength. Prints one object with the same keys, so that both can
be run one after the other on one core:
`taskset -c 1 python ease.py TRAIN TEST; taskset -c 1 moodring eval taste --train TRAIN --test TEST --json`.
"""

import csv
import json
import math
import os
import sys
import time

# Before numpy, which reads them as it is loaded: one core, as the product uses.
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
import numpy as np  # noqa: E402

LAMBDA, TOP = 100.0, 10


def rows(path):
    with open(path, newline="") as file:
        return [(row["user"], row["item"]) for row in csv.DictReader(file)]


def numbered(names):
    return {name: number for number, name in enumerate(dict.fromkeys(names))}


def scores(plays):
    """The scores of all users by the dual form: the inverse is of users by users, which here are fewer than items."""
    inverse = np.linalg.inv(plays @ plays.T + LAMBDA * np.eye(len(plays), dtype=plays.dtype))
    precision = inverse @ plays
    diagonal = (1 - np.einsum("ui,ui->i", plays, precision)) / LAMBDA
    return plays - precision / diagonal


def main():
    started = time.perf_counter()
    train, test = rows(sys.argv[1]), rows(sys.argv[2])
    users, items = numbered(u for u, _ in train), numbered(i for _, i in train)
    plays = np.zeros((len(users), len(items)), np.float32)
    for user, item in train:
        plays[users[user], items[item]] = 1
    wanted = {}
    for user, item in test:
        if user in users:
            wanted.setdefault(users[user], set()).add(items.get(item, -1))
    told = scores(plays)
    told[plays > 0] = -np.inf
    precision = ndcg = 0.0
    for user, relevant in wanted.items():
        best = np.argpartition(-told[user], TOP)[:TOP]
        best = best[np.argsort(-told[user][best])]
        gains = [1 / math.log2(place + 2) for place, item in enumerate(best) if item in relevant]
        ideal = sum(1 / math.log2(place + 2) for place in range(min(TOP, len(relevant))))
        precision, ndcg = precision + len(gains) / TOP, ndcg + sum(gains) / ideal
    seconds = time.perf_counter() - started
    print(json.dumps({"precision_at_10": round(precision / len(wanted), 4), "ndcg_at_10": round(ndcg / len(wanted), 4),
                      "seconds": round(seconds, 2)}))


if __name__ == "__main__":
    main()
