"""What files of decodes say, read a second time and counted by the textbook: it shares nothing with the product."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path


def require_counts_of(files: Sequence[Path], result: Path) -> None:
    """Raises ValueError where the counts in a result (`bench compare … --normalizer none --json`) are not of the files.

    `files`: the references, where they are apart, the control's decodes, and the other's.
    """
    found = json.loads(result.read_text(encoding="utf-8"))
    sides = [_read(file) for file in files]
    references = {name: ref for side in (*sides[:0:-1], sides[0]) for name, (ref, _) in side.items() if ref}
    if len(files) == 3:
        references = {name: hypothesis for name, (_, hypothesis) in sides[0].items()}
    for key, side in zip(("control", "converted"), sides[-2:], strict=True):
        pairs = [(references[name].split(), hypothesis.split()) for name, (_, hypothesis) in side.items()]
        expected = {
            "errors": sum(edits(*pair) for pair in pairs),
            "length": sum(len(reference) for reference, _ in pairs),
        }
        counted = {name: found[key][name] for name in expected}
        if counted != expected:
            raise ValueError(f"wrong: {key} has {counted}, the files {expected}")


def edits(reference: Sequence[str], hypothesis: Sequence[str]) -> int:
    """Of words, at least."""
    row = list(range(len(hypothesis) + 1))
    for i, word in enumerate(reference, start=1):
        above, row[0] = row[0], i
        for j, said in enumerate(hypothesis, start=1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (word != said))
    return row[-1]


def _read(file: Path) -> Mapping[str, tuple[str, str]]:
    """Id to reference (empty where the file holds none, for then the other file's counts) and hypothesis."""
    if file.suffix == ".parquet":
        import pandas as pd

        rows = pd.read_parquet(file).astype(object).to_dict("records")
        return {str(row["id"]): (_text(row["ref"]), _text(row["pred_text"])) for row in rows}
    text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    lines = [line for line in text.split("\n") if line.strip()]
    if file.suffix == ".trn":
        cut = [line.rstrip()[:-1].rpartition("(") for line in lines]
        return {name: ("", said) for said, _, name in cut}
    rows = [json.loads(line) for line in lines]
    return {str(row["id"]): (_text(row["ref"]), _text(row["pred_text"])) for row in rows}


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)
