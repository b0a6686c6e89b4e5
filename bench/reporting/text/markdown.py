"""Tables and words of a Markdown document that may hold whatever a corpus or a file name holds."""

import re

from rich.cells import cell_len

from bench.visible import visible

SPECIAL = re.compile(r"([\\`*_\[\]<>&|~#$])")
"""What Markdown, or the HTML in it, would obey."""
ADDRESS = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)
"""What makes a link of plain text where GitHub or the hub shows it."""


def inline(text: str) -> str:
    """Text from outside as one line of Markdown that shows it as it is."""
    return ADDRESS.sub(r"\\\g<0>", SPECIAL.sub(r"\\\1", visible(text)))


def code(text: str) -> str:
    """A code span of one line, in as many backticks as it takes: `signature`."""
    shown = visible(text)
    runs = {len(run) for run in re.findall("`+", shown)}
    fence = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
    padding = " " if "`" in shown else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def fenced(text: str, language: str) -> str:
    """A block of code in as many backticks as it takes."""
    runs = [len(run) for run in re.findall("`+", text)]
    fence = "`" * max(3, 1 + max(runs, default=0))
    return f"{fence}{language}\n{text}\n{fence}"


def markdown_table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table whose columns also line up in a terminal. No cell can end its row or its column."""
    cells = [[_cell(cell) for cell in row] for row in [header, *rows]]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    lines = [[cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)] for row in cells]
    rule = ["-" * width for width in widths]
    return "\n".join("| " + " | ".join(line) + " |" for line in [lines[0], rule, *lines[1:]])


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)((?:\\\\)*)\|", r"\1\\|", visible(text))
