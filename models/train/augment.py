"""What a webcam does to a face, done to a batch [N, 1, 48, 48] in 0..255.

Crops as loose and tight as our detector's, tilted heads, side light, blur, noise, JPEG, small faces, things before the face.
Each is applied to a random share of the batch, so that clean faces stay in it.
"""

import math

import torch
import torch.nn.functional as F


def some(x, share):
    """1 for a random share of the batch, 0 for the others: [N, 1, 1, 1] where `x` lives."""
    return (torch.rand(len(x), device=x.device) < share).float().view(-1, 1, 1, 1)


def uniform(x, low, high):
    return (torch.rand(len(x), device=x.device) * (high - low) + low).view(-1, 1, 1, 1)


def mix(x, y, share):
    chosen = some(x, share)
    return x * (1 - chosen) + y * chosen


def place(x):
    """Mirror, turn up to 25 degrees, scale 0.78 to 1.28, shift by up to a tenth."""
    n, device = len(x), x.device
    angle = (torch.randn(n, device=device) * 9).clamp(-25, 25) * math.pi / 180
    scale = torch.exp(torch.randn(n, device=device) * 0.1).clamp(0.78, 1.28)
    mirror = torch.where(torch.rand(n, device=device) < 0.5, -1.0, 1.0)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    shift = (torch.rand(2, n, device=device) - 0.5) * 0.24
    theta = torch.stack([cos * mirror, -sin, shift[0], sin * mirror, cos, shift[1]], 1).view(n, 2, 3)
    grid = F.affine_grid(theta, x.shape, align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def light(x):
    """Exposure with clipping, and light from one side: the part equalisation cannot take off."""
    h, w = x.shape[2:]
    exposed = (x - 128) * uniform(x, 0.5, 1.4) + 128 * uniform(x, 0.4, 1.6)
    x = mix(x, exposed, 0.5)
    # Before a window or a lamp: up to twice the light and more, the bright parts lost for good.
    x = mix(x, (x * uniform(x, 1, 2.4)).clamp(max=255), 0.2)
    angle = uniform(x, 0, 2 * math.pi)
    rows = torch.linspace(-1, 1, h, device=x.device).view(1, 1, h, 1)
    columns = torch.linspace(-1, 1, w, device=x.device).view(1, 1, 1, w)
    slope = torch.cos(angle) * columns + torch.sin(angle) * rows
    x = mix(x, x * (1 + uniform(x, 0.1, 0.7) * slope), 0.35)
    return x.clamp(0, 255)


def soften(x):
    kernel = torch.tensor([1.0, 2.0, 1.0], device=x.device)
    kernel = (kernel.view(1, 3) * kernel.view(3, 1) / 16).view(1, 1, 3, 3)
    once = F.conv2d(F.pad(x, (1, 1, 1, 1), "replicate"), kernel)
    thrice = F.conv2d(F.pad(once, (2, 2, 2, 2), "replicate"), kernel, dilation=2)
    x = mix(x, once, 0.2)
    x = mix(x, thrice, 0.1)
    small = F.interpolate(x, size=24, mode="area")
    return mix(x, F.interpolate(small, size=x.shape[-1], mode="bilinear", align_corners=False), 0.1)


def grain(x):
    return mix(x, x + torch.randn_like(x) * uniform(x, 2, 16), 0.3)


def cosine_basis():
    k = torch.arange(8.0)
    basis = torch.cos(math.pi * (2 * k.view(1, 8) + 1) * k.view(8, 1) / 16) / 2
    basis[0] /= math.sqrt(2)
    return basis


BASIS = cosine_basis()
# Coarser with frequency, like the luminance table of JPEG (ITU T.81, annex K), as a straight line.
STEPS = 10 + 6 * (torch.arange(8.0).view(8, 1) + torch.arange(8.0).view(1, 8))


def jpeg(x):
    """Quantises the 8x8 cosine transform, as JPEG does."""
    n, _, h, w = x.shape
    blocks = x.view(n, h // 8, 8, w // 8, 8).permute(0, 1, 3, 2, 4)
    basis = BASIS.to(x.device)
    steps = STEPS.to(x.device) * uniform(x, 0.3, 2.0).view(n, 1, 1, 1, 1)
    coded = torch.round(basis @ (blocks - 128) @ basis.T / steps) * steps
    back = (basis.T @ coded @ basis + 128).permute(0, 1, 3, 2, 4).reshape(n, 1, h, w)
    return mix(x, back, 0.25)


def cover(x):
    """A patch, a mask over mouth and chin, or bars like glasses, in an even grey."""
    h, w = x.shape[2:]
    rows, columns = torch.arange(h, device=x.device).view(1, 1, h, 1), torch.arange(w, device=x.device).view(1, 1, 1, w)
    grey = uniform(x, 0, 255)

    def box(top, height, left, width, share):
        inside = (rows >= top) & (rows < top + height) & (columns >= left) & (columns < left + width)
        return torch.where(inside & (some(x, share) > 0), grey, x)

    x = box(uniform(x, -6, h - 6), uniform(x, 6, 20), uniform(x, -6, w - 6), uniform(x, 6, 20), 0.25)
    x = box(uniform(x, 27, 34), uniform(x, 30, 31), uniform(x, -1, 4), uniform(x, 42, 50), 0.03)
    top = uniform(x, 13, 18)
    return box(top, uniform(x, 1, 3), uniform(x, 0, 6), uniform(x, 36, 48), 0.05)


def spoil(x, webcam=1.0):
    """Gives a share `webcam` of placed faces a camera's faults."""
    return mix(x, cover(jpeg(grain(soften(light(x))))).clamp(0, 255), webcam)


def augment(x, webcam=1.0):
    return spoil(place(x), webcam)
