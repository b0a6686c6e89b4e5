"""Numbers and marks as they are printed on a model card."""

import math

MINUS = "\N{MINUS SIGN}"


def signed(value: float, digits: int = 2) -> str:
    """+2.41 or −0.19, with a true minus sign; n/a where there is no number."""
    if math.isnan(value):
        return "n/a"
    rounded = f"{value:+.{digits}f}"
    return rounded.replace("-", MINUS)


def interval(low: float, high: float) -> str:
    """[+0.62, +3.10]; in words where all differences are zero, and where too few are not for an interval."""
    if low == high == 0:
        return "[no difference]"
    return f"[{signed(low)}, {signed(high)}]" if math.isfinite(low + high) else "[not determined]"


def rate(value: float) -> str:
    return "n/a" if math.isnan(value) else f"{value:.1f}"


def mark(significant: bool, floor: bool) -> str:
    """✱ for a significant cost, (ns) for none, floor where the control itself is unusable."""
    if floor:
        return "floor"
    return "✱" if significant else "(ns)"


def markdown_table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table whose columns also line up in a terminal."""
    widths = [max(len(cell) for cell in column) for column in zip(header, *rows, strict=True)]
    lines = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in [header, *rows]]
    rule = ["-" * width for width in widths]
    return "\n".join("| " + " | ".join(line) + " |" for line in [lines[0], rule, *lines[1:]])
