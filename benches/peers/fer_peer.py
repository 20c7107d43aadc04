"""The PyPI package `fer` with its default detector and network: `python fer_peer.py crops FILE` or `frames FILE COUNT`.

Pictures come as raw RGB from side_by_side.py, so that no decoder counts.
"""

import json
import sys
import time

import numpy as np
from fer.fer import FER

CLASSES = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


def read(path):
    head = np.fromfile(path, "<u4", 3)
    return np.fromfile(path, np.uint8, offset=12).reshape(*head, 3)[..., ::-1]


def top(found):
    return max(found[0]["emotions"], key=found[0]["emotions"].get) if found else "nothing"


def frames(path, count):
    frame, detector, times = np.ascontiguousarray(read(path)[0]), FER(), []
    for number in range(count + 1):
        began = time.perf_counter()
        said = top(detector.detect_emotions(frame))
        if number:
            times.append(1e3 * (time.perf_counter() - began))
        else:
            print(json.dumps({"first": said}), flush=True)
    print(json.dumps({"times": times, "said": said}))


def crops(path):
    faces = read(path)
    detector, box = FER(offsets=(0, 0)), [(0, 0, faces.shape[2], faces.shape[1])]
    said = [top(detector.detect_emotions(np.ascontiguousarray(face), box)) for face in faces]
    print(json.dumps({"classes": CLASSES, "guesses": [CLASSES.index(name) for name in said]}))


if __name__ == "__main__":
    if sys.argv[1] == "crops":
        crops(sys.argv[2])
    else:
        frames(sys.argv[2], int(sys.argv[3]))
