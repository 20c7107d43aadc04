"""The expression network as ONNX: `python export.py CHECKPOINT --data DIR --out ../expression.onnx`.

Folds the normalisation, calibrates both heads on validation faces (see `calibrate.py`), writes the network and the faces
that the product's tests compare themselves with, and leaves the figures of the model card in `figures.json`.

Input: `faces` float32 [N, 1, 44, 44], as `prepare.py` makes them. Output: `votes` [N, 8] and `original` [N, 7], whose softmax
is calibrated. Calibration is for one look at a face; averaging with the mirrored face is reported beside it.
"""

import argparse
import hashlib
import json
import math
from pathlib import Path

import numpy as np
import onnx
import torch
from PIL import Image
from torch import nn

from calibrate import calibrate, report
from data import folder
from measure import logits
from net import ORIGINAL, SIDE, VOTES, load
from prepare import prepare

HERE = Path(__file__).resolve().parent
PORTRAIT = HERE / "../../assets/faces/astronaut.png"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--data", required=True, help="folder with train.npz and validation.npz")
    parser.add_argument("--out", type=Path, default=HERE / "../expression.onnx")
    parser.add_argument("--figures", type=Path, default=HERE / "figures.json", help="for the model card, see card.py")
    parser.add_argument("--parity", type=Path, default=HERE / "../../tests/data/expression.json")
    return parser.parse_args()


def fold(net):
    """Every convolution followed by a normalisation becomes one convolution."""
    traced = torch.fx.symbolic_trace(net)
    modules = dict(traced.named_modules())
    for node in list(traced.graph.nodes):
        norm = modules.get(node.target) if node.op == "call_module" else None
        if not isinstance(norm, nn.BatchNorm2d):
            continue
        before = node.args[0]
        convolution = modules[before.target]
        assert isinstance(convolution, nn.Conv2d) and len(before.users) == 1
        parent, _, name = before.target.rpartition(".")
        setattr(traced.get_submodule(parent), name, nn.utils.fusion.fuse_conv_bn_eval(convolution, norm))
        node.replace_all_uses_with(before)
        traced.graph.erase_node(node)
    traced.recompile()
    return traced.eval()


def bake(head, divisor, offset):
    with torch.no_grad():
        head.weight.div_(divisor)
        head.bias.div_(divisor).add_(offset)


def calibrated(net, faces):
    """Bakes the calibration into the heads; the held-out figures of both."""
    votes, original = logits(net, faces.images, "cpu")
    flipped = logits(net, faces.images, "cpu", flip=True)
    known = faces.majority >= 0
    heads = {
        "votes": (net.votes, votes[known], flipped[0][known], faces.majority[known], True),
        "original": (net.original, original, flipped[1], faces.labels, False),
    }
    lines = []
    for name, (head, plain, mirrored, truth, rare) in heads.items():
        divisor, offset, figures = calibrate(plain, truth, rare)
        bake(head, divisor, offset)
        told = {"temperature": round(divisor, 3), "offset": [round(o, 2) for o in offset.tolist()]}
        lines.append({"head": name, "mirrored": False, **told, **figures})
        lines.append({"head": name, "mirrored": True, **report(mirrored / divisor + offset, truth)})
    return lines


def write(net, path, side=SIDE):
    """Through the exporter of torch; the file holds its weights."""
    example = torch.zeros(2, 1, side, side)
    program = torch.onnx.export(
        net, (example,), input_names=["faces"], output_names=["votes", "original"], opset_version=18, dynamo=True,
        dynamic_shapes=({0: torch.export.Dim("n")},), verbose=False,
    )
    model = program.model_proto
    for initialiser in model.graph.initializer:
        assert not initialiser.external_data
    model.ir_version = 8
    del model.graph.value_info[:]
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    model.producer_name = "moodring models/train/export.py"
    model.doc_string = f"votes: {', '.join(VOTES)}; original: {', '.join(ORIGINAL)}"
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


def grey_faces():
    """Three faces that may be shipped: the astronaut's, the same in the dark, and waves with flat and clipped parts."""
    picture = Image.open(PORTRAIT).convert("L").crop((165, 55, 285, 175)).resize((SIDE, SIDE), Image.Resampling.BOX)
    portrait = np.asarray(picture, np.float32)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    waves = np.clip(128 + 150 * np.sin(rows / 5.0) * np.cos(columns / 7.0 + 1), 0, 255)
    waves[:8, :8] = 77
    return {"astronaut": portrait, "dark": portrait * 0.1 + 3, "waves": waves.astype(np.float32)}


def parity(net, path):
    faces = {name: np.round(face, 2) for name, face in grey_faces().items()}
    pixels = torch.from_numpy(np.stack(list(faces.values()))).unsqueeze(1)
    prepared = prepare(pixels)
    with torch.no_grad():
        votes, original = net(prepared)
    rows = [
        {"name": name, "pixels": [round(float(p), 2) for p in face.ravel()],
         "prepared": [round(p, 5) for p in prepared[k].flatten().tolist()],
         "votes": votes[k].tolist(), "original": original[k].tolist()}
        for k, (name, face) in enumerate(faces.items())
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows))


def main():
    options = arguments()
    net, epoch = load(options.checkpoint)
    net = fold(net)
    _, validation = folder(options.data)
    lines = calibrated(net, validation)
    write(net, options.out)
    parity(net, options.parity)
    data = options.out.read_bytes()
    parameters = sum(math.prod(p.shape) for p in net.parameters())
    told = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "parameters": parameters, "epoch": epoch,
            "heads": lines}
    options.figures.write_text(json.dumps(told, indent=1) + "\n")
    print(options.figures.read_text())


if __name__ == "__main__":
    main()
