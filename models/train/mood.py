"""How near the mood read from a face is to the one that ten people's votes give, both through the emotion table.

Valence and energy of a face are the expectation of the table (`src/mood/table.rs`) under the network's probabilities, or
under the shares of the crowd's votes.
"""

import numpy as np
import onnxruntime

from data import Faces
from net import VOTES
from prepare import view

# Valence and energy; disgust, fear and contempt lead to the middle.
TABLE = {"happy": (0.8, 0.8), "sad": (0.2, 0.2), "angry": (0.2, 0.8), "surprise": (0.5, 0.8)}
PLACES = np.array([TABLE.get(name, (0.5, 0.5)) for name in VOTES])


def probabilities(model, faces):
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    logits = [session.run(["votes"], {"faces": view(batch).numpy()})[0] for batch in faces.images.split(256)]
    powers = np.exp(np.concatenate(logits))
    return powers / powers.sum(1, keepdims=True)


def correlation(a, b):
    """Pearson's, with its 95 % interval (Fisher 1921)."""
    r, reach = np.corrcoef(a, b)[0, 1], 1.96 / np.sqrt(len(a) - 3)
    return f"{r:.3f} ({np.tanh(np.arctanh(r) - reach):.3f} to {np.tanh(np.arctanh(r) + reach):.3f})"


def table(model, data):
    faces = Faces(data / "validation.npz")
    known = faces.votes.sum(1).numpy() > 0
    read = (probabilities(model, faces) @ PLACES)[known]
    crowd = (faces.votes.numpy() @ PLACES)[known]
    rows = ["| | n | correlation (95 %) | mean distance | of one that always says the mean |", "| --- " * 5 + "|"]
    for k, name in enumerate(("valence", "energy")):
        mine, theirs = read[:, k], crowd[:, k]
        rows.append(f"| {name} | {len(mine)} | {correlation(mine, theirs)} | {np.abs(mine - theirs).mean():.3f} "
                    f"| {np.abs(theirs.mean() - theirs).mean():.3f} |")
    return "\n".join(rows)
