"""The validation faces as folders that `moodring eval expressions` reads: `python folders.py DATA --out FOLDER`.

FOLDER/votes has a folder for each class of the crowd's majority, FOLDER/original one for each original label.
"""

import argparse
from pathlib import Path

from PIL import Image

from data import Faces
from net import ORIGINAL, VOTES


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with train.npz and validation.npz")
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def write(faces, truth, names, folder):
    for name in names:
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number, (image, k) in enumerate(zip(faces.images.byte().squeeze(1).numpy(), truth.tolist())):
        if k >= 0:
            Image.fromarray(image).save(folder / names[k] / f"{number:05}.png")


def validation(data, folder):
    faces = Faces(data / "validation.npz")
    write(faces, faces.majority, VOTES, folder / "votes")
    write(faces, faces.labels, ORIGINAL, folder / "original")


if __name__ == "__main__":
    options = arguments()
    validation(options.data, options.out)
