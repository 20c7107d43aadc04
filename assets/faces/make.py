"""Makes the demonstration's faces from the portrait: `python make.py` (numpy and pillow).

happy/: the portrait as it is, as a webcam would see it. sad/: the same face with the smile taken off by moving pixels: lips
closed over the teeth, their corners down, inner brows up, lids lowered. Lengths are in pixels of the portrait.
"""

from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
# Mouth: middle, half its width, its corners, and the edges of the lips along the teeth.
MOUTH_X, MOUTH_HALF = 224.6, 20.5
CORNER_Y, UPPER_Y, LOWER_Y = 140.3, 142.6, 149.3


def bump(x, y, cx, cy, wx, wy):
    return np.exp(-(((x - cx) / wx) ** 2) - ((y - cy) / wy) ** 2)


def ramp(distance, reach):
    """1 at the lips, 0 from `reach` on, smooth at both ends."""
    t = np.clip(distance / reach, 0, 1)
    return 1 - t * t * (3 - 2 * t)


def lip_line(x, corner, middle):
    u = (x - MOUTH_X) / MOUTH_HALF
    return u, middle + (corner - middle) * np.clip(u, -1, 1) ** 2


def mouth(x, y, corner, middle):
    """Where each pixel of the closed, sad mouth comes from: the teeth are left out."""
    u, line = lip_line(x, corner, middle)
    inside = np.clip(u, -1, 1) ** 2
    upper = UPPER_Y + (CORNER_Y - UPPER_Y) * inside
    lower = LOWER_Y + (CORNER_Y - LOWER_Y) * inside
    beside = ramp(np.maximum(np.abs(u) - 1, 0), 0.75)
    above = (upper - line) * ramp(line - y, 24) * (y <= line)
    below = (lower - line) * ramp(y - line, 30) * (y > line)
    return x, y + (above + below) * beside


def shut(picture, x, y, corner, middle, dark):
    """Draws the shadow where the lips meet, over what is left of the teeth."""
    u, line = lip_line(x, corner, middle)
    shadow = dark * np.exp(-(((y - line - 0.4) / 1.7) ** 2)) * ramp(np.maximum(np.abs(u) - 0.85, 0), 0.35)
    return picture + shadow[..., None] * (np.array([92.0, 50, 45]) - picture)


def brows(x, y, inner, outer):
    dy = 0
    for inner_x, inner_y, outer_x, outer_y in ((212.5, 92.2, 192, 90.5), (239, 93.5, 262, 94.5)):
        dy = dy + inner * bump(x, y, inner_x, inner_y, 9, 9) - outer * bump(x, y, outer_x, outer_y, 10, 7)
    return dy


def lids(x, y, droop):
    """The upper lid comes down over the eye: what is drawn there comes from above."""
    dy = 0
    for eye_x, eye_y in ((203.3, 98.6), (246.7, 100.8)):
        dy = dy - droop * bump(x, y, eye_x, eye_y, 12, 4.5)
    return dy


def sample(picture, x, y):
    height, width, _ = picture.shape
    x, y = np.clip(x, 0, width - 1.001), np.clip(y, 0, height - 1.001)
    left, top = x.astype(int), y.astype(int)
    a, b = (x - left)[..., None], (y - top)[..., None]
    upper = picture[top, left] * (1 - a) + picture[top, left + 1] * a
    lower = picture[top + 1, left] * (1 - a) + picture[top + 1, left + 1] * a
    return upper * (1 - b) + lower * b


# Found by trial, with the eye of a person and of four checkpoints of the network that are far apart (2026-11). The folds beside the mouth stay:
# grief has them as well as joy.
def sad(picture, corner=156, middle=142.6, inner=9, outer=4.6, droop=3.3, dark=1.0):
    y, x = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]].astype(float)
    sx, sy = mouth(x, y, corner, middle)
    sy = sy + brows(x, y, inner, outer) + lids(x, y, droop)
    return shut(sample(picture, sx, sy), x, y, corner, middle, dark)


def webcam(picture, shift, zoom, light):
    """640x480, the portrait filling the height, its backdrop going on at the sides."""
    y, x = np.mgrid[0:480, 0:640].astype(float)
    scale = 1 / zoom
    x, y = 224 + (x - 320 - shift[0]) * scale, 190 + (y - 240 - shift[1]) * scale
    width = picture.shape[1]
    # Beyond its edges the picture is mirrored.
    x = np.abs(x)
    x = np.where(x > width - 1, 2 * (width - 1) - x, x)
    return Image.fromarray(np.clip(sample(picture, x, y) * light, 0, 255).astype(np.uint8))


def main():
    portrait = np.asarray(Image.open(HERE / "astronaut.png").convert("RGB"), float)
    for name, face in (("happy", portrait), ("sad", sad(portrait))):
        (HERE / name).mkdir(exist_ok=True)
        for k, (shift, zoom, light) in enumerate((((0, 0), 1.3, 1.0), ((14, -6), 1.34, 0.93), ((-18, 5), 1.26, 1.05))):
            webcam(face, shift, zoom, light).save(HERE / name / f"{k + 1}.jpg", quality=90)


if __name__ == "__main__":
    main()
