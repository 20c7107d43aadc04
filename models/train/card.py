"""Writes the figures of `../expression.onnx` into the model card: `python card.py DATA --program PATH/moodring`.

Held-out figures are what `export.py` left in `figures.json`; the others are measured here, with the product itself on
the validation faces. Fails when a figure is under its bar.
"""

import argparse
import hashlib
import json
import re
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CARD, MODEL, FIGURES = HERE / "../README.md", HERE / "../expression.onnx", HERE / "figures.json"
SPOILS = {
    "dark": "a quarter of the light", "bright": "twice the light, clipped", "blur": "Gaussian blur, 1.5 pixels",
    "noise": "Gaussian noise, 20 of 255", "jpeg30": "JPEG 30", "upper-half": "upper half covered",
    "lower-half": "lower half covered", "turn10": "turned by 10 degrees", "turn20": "turned by 20 degrees",
    "small24": "shrunk to 24 pixels",
}
MILD, MOST_LOSS = ("dark", "bright", "turn10"), 0.08
BARS = {"votes": {"accuracy": 0.85, "macro_f1": 0.62}, "original": {"accuracy": 0.69, "macro_f1": 0.66}}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with train.npz and validation.npz")
    parser.add_argument("--program", type=Path, required=True, help="moodring, built with the network that is measured")
    return parser.parse_args()


def insert(name, text):
    """Puts a text between the card's marks `<!-- NAME -->` and `<!-- end of NAME -->`."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    card = CARD.read_text()
    before, after = card.index(begin) + len(begin), card.index(end)
    CARD.write_text(card[:before] + text + "\n" + card[after:])


def fact(name, value):
    """Changes a row of the table that describes the expression network."""
    card = CARD.read_text()
    start = card.index("## expression.onnx")
    CARD.write_text(card[:start] + re.sub(rf"\| {name} \| .* \|", f"| {name} | {value} |", card[start:], count=1))


def percent(share, interval):
    return f"{share:.3f} +- {interval:.3f}"


def held_out(lines):
    rows = ["| head | n | accuracy (95 %) | macro F1 | ECE | NLL |", "| --- | --- | --- | --- | --- | --- |"]
    for line in lines:
        head = line["head"] + (", mirrored" if line["mirrored"] else "")
        rows.append(f"| {head} | {line['n']} | {percent(line['accuracy'], line['interval'])} | {line['macro_f1']:.3f} "
                    f"| {line['ece']:.3f} | {line['nll']:.3f} |")
    return "\n".join(rows)


def ask(program, folder, *more):
    """What the product says of a folder of faces."""
    command = [program.resolve(), "eval", "expressions", folder, "--json", *more]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=1800).stdout)


def product(heads):
    rows = ["| head | n | accuracy (95 %) | macro F1 | ECE | NLL | valence sign |", "| --- " * 7 + "|"]
    for name, told in heads.items():
        rows.append(f"| {name} | {told['n']} | {percent(told['accuracy'], told['interval'])} | {told['macro_f1']:.3f} "
                    f"| {told['ece']:.3f} | {told['nll']:.3f} | {told['valence_sign_accuracy']:.3f} |")
    for name, told in heads.items():
        classes = ", ".join(f"{k} {told['per_class'][k]['recall']:.2f}" for k in told["classes"])
        rows += ["", f"Recall of the `{name}` head by class: {classes}."]
    return "\n".join(rows)


def robustness(clean, spoiled):
    rows = ["| face | accuracy (95 %) | points | valence sign |", "| --- | --- | --- | --- |"]
    for title, told in {"clean": clean, **{SPOILS[name]: told for name, told in spoiled.items()}}.items():
        change = "" if told is clean else f"{100 * (told['accuracy'] - clean['accuracy']):+.1f}"
        rows.append(f"| {title} | {percent(told['accuracy'], told['interval'])} | {change} "
                    f"| {told['valence_sign_accuracy']:.3f} |")
    dear = [SPOILS[name] for name in MILD if loss(clean, spoiled[name]) > MOST_LOSS]
    return "\n".join(rows + ["", f"Over 8 points: {', '.join(dear)}."] if dear else rows)


def loss(clean, spoiled):
    return clean["accuracy"] - spoiled["accuracy"]


def under(heads, spoiled, size):
    """What is under its bar."""
    for name, bars in BARS.items():
        for key, bar in bars.items():
            if heads[name][key] < bar:
                yield f"{name}: {key} is {heads[name][key]:.4f}, under {bar}"
        if heads[name]["ece"] > 0.04:
            yield f"{name}: ECE is {heads[name]['ece']:.4f}, over 0.04"
    for name in MILD:
        lost = loss(heads["votes"], spoiled[name])
        if lost > MOST_LOSS:
            yield f"{name}: {100 * lost:.1f} points lost, more than {100 * MOST_LOSS:.0f}"
    if size > 5_000_000:
        yield f"the file has {size:,} bytes, more than 5 MB"


def main():
    options = arguments()
    # Here, so that others can use `insert` without what these need.
    import mood
    from folders import validation

    model, exported = MODEL.read_bytes(), json.loads(FIGURES.read_text())
    sum = hashlib.sha256(model).hexdigest()
    if exported["sha256"] != sum:
        raise SystemExit("figures.json is of another network: run export.py first")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        validation(options.data, folder)
        heads = {"votes": ask(options.program, folder / "votes"),
                 "original": ask(options.program, folder / "original", "--head", "original")}
        spoiled = {name: ask(options.program, folder / "votes", "--spoil", name) for name in SPOILS}
    fact("sha256", f"`{sum}`")
    fact("size", f"{len(model):,} bytes")
    insert("held-out figures", held_out(exported["heads"]))
    insert("the product's figures", product(heads))
    insert("mood", mood.table(MODEL, options.data))
    insert("robustness", robustness(heads["votes"], spoiled))
    failed = list(under(heads, spoiled, len(model)))
    print("\n".join(failed) or "every figure is over its bar")
    raise SystemExit(bool(failed))


if __name__ == "__main__":
    main()
