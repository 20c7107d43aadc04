"""Accuracy, milliseconds, cold start and memory of Moodring and its peers; started by run.sh."""

import json
import os
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
ROOT = HERE / "../.."
sys.path.insert(0, str(ROOT / "models/train"))
from card import insert  # noqa: E402

CLASSES = ["neutral", "happy", "surprise", "sad", "angry", "disgust", "fear"]
FRAME, FRAMES, RUNS = ROOT / "assets/faces/happy/1.jpg", 50, 3


def pack(pictures, path):
    """Raw RGB with count, height and width before it."""
    pixels = np.stack([np.asarray(Image.open(picture).convert("RGB")) for picture in pictures])
    path.write_bytes(struct.pack("<3I", *pixels.shape[:3]) + pixels.tobytes())


def one_core():
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def high_water(pid):
    """The most memory at once so far, in MiB. (What `wait4` tells holds the time before `exec` too, with our own memory.)"""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return max((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), default=0)


def run(command, folder=None, **settings):
    """Lines of JSON, the seconds at which each came, and the most memory at once in MiB."""
    began, lines, seconds, memory = time.perf_counter(), [], [], 0
    child = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                             preexec_fn=one_core, env={**os.environ, **settings})
    for line in child.stdout:
        if line.startswith("{"):
            lines.append(json.loads(line))
            seconds.append(time.perf_counter() - began)
        memory = max(memory, high_water(child.pid))
    if child.wait():
        raise SystemExit(f"{command[0]} failed with {child.returncode}")
    return lines, seconds, memory


class Peer:
    """Another program: it is asked for crops and frames."""

    def __init__(self, title, command, folder=None):
        self.title, self.command, self.folder = title, command, folder

    def accuracy(self, crops, truth, _):
        (told,), *_ = run([*self.command, "crops", crops], self.folder)
        said = [told["classes"][guess] for guess in told["guesses"]]
        return sum(a == b for a, b in zip(said, truth)) / len(truth)

    def speed(self, raw):
        (_, told), (first, _), memory = run([*self.command, "frames", raw, str(FRAMES)], self.folder)
        return told["times"], first, memory, told["said"]


class Moodring:
    """The program itself."""

    def __init__(self, program, engine):
        self.program, self.engine = program, engine
        self.title = f"Moodring, {'ONNX Runtime' if engine == 'onnxruntime' else engine}"

    def accuracy(self, _crops, _truth, folder):
        head = "original" if folder.name == "original" else "votes"
        command = [self.program, "eval", "expressions", folder, "--json", "--classes", "7", "--head", head]
        return run(command, MOODRING_ENGINE=self.engine)[0][0]["accuracy"]

    def speed(self, _raw):
        look = [self.program, "look", "--json", "--pictures", FRAME, "--frames", str(FRAMES + 1)]
        # The first line is of the look itself; then comes one a frame, with what each of its stages took. The peers are given
        # pixels, so the decoding of our picture is left out.
        lines, seconds, memory = run(look, MOODRING_ENGINE=self.engine)
        scores = lines[-1]["faces"][0]["scores"]
        times = [line["ms"]["detection"] + line["ms"]["classification"] for line in lines[2:]]
        return times, seconds[1], memory, max(scores, key=scores.get)


def faces(folder):
    found = [(picture, name) for name in CLASSES for picture in sorted((folder / name).glob("*.png"))]
    return [picture for picture, _ in found], [name for _, name in found]


def row(peer, folders, work):
    # The least of several: whatever else the machine does only adds to it.
    times, starts, peaks, answers = zip(*(peer.speed(work / "frame.raw") for _ in range(RUNS)))
    ms, cold, memory, said = min(map(min, times)), min(starts), max(peaks), answers[0]
    shares = []
    for name in ("original", "votes"):
        pictures, truth = faces(folders / name)
        pack(pictures, work / "crops.raw")
        share = peer.accuracy(work / "crops.raw", truth, folders / name)
        shares.append(f"{share:.3f} +- {1.96 * (share * (1 - share) / len(truth)) ** 0.5:.3f}")
    line = f"| {peer.title} | {' | '.join(shares)} | {ms:.1f} | {cold:.2f} | {memory:.0f} | {said} |"
    print(line, flush=True)
    return line


def main():
    folders, program, tools = (Path(given) for given in sys.argv[1:])
    human = Peer("@vladmandic/human 3.3.6, Node, wasm", ["node", HERE / "human_peer.mjs"], tools / "node")
    peers = [Moodring(program, "onnxruntime"), Moodring(program, "rten"),
             Peer("fer 25.10.3, Haar and TensorFlow Lite", [sys.executable, HERE / "fer_peer.py"]), human]
    columns = ["program", "original labels, 7 classes", "crowd's majority, 7 classes", "ms a frame", "cold start, s",
               "memory, MiB", "said"]
    head = [f"| {' | '.join(columns)} |", "| --- " * len(columns) + "|"]
    with tempfile.TemporaryDirectory() as work:
        pack([FRAME], Path(work) / "frame.raw")
        insert("peers", "\n".join(head + [row(peer, folders, Path(work)) for peer in peers]))


if __name__ == "__main__":
    main()
