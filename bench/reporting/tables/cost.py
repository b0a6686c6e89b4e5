"""What decoding costs, as text, with its arithmetic."""

from bench.cost import DRIVER_BYTES, Cost
from bench.reporting.text.markdown import markdown_table

WORKERS = (1, 8, 64)
DAY = 86_400
UNITS = ((365.25 * DAY, "years"), (DAY, "days"), (3600, "h"), (60, "min"))
"""From two of each on; below, seconds."""


def render_cost(cost: Cost) -> str:
    """The suite as it is and at a million clips a language, and how each number comes about."""
    rows = [_row(name, of) for name, of in (("this suite", cost), ("at scale", cost.at_scale()))]
    workers = [f"{count} worker{'s' if count > 1 else ''}" for count in WORKERS]
    header = ["", "clips", "languages", "conditions", "arms", "decodes", *workers, "disk", "planning"]
    return "\n\n".join([markdown_table(header, rows), _arithmetic(cost)])


def _row(name: str, cost: Cost) -> list[str]:
    times = ["n/a" if cost.seconds is None else time(cost.seconds / count) for count in WORKERS]
    counts = [f"{count:,}" for count in (cost.clips, cost.languages, cost.conditions, cost.arms, cost.decodes)]
    return [name, *counts, *times, size(cost.bytes), size(cost.driver_bytes)]


def _arithmetic(cost: Cost) -> str:
    scaled = cost.at_scale()
    speed = cost.speed
    took = (
        "time not known before a first run (try a few utterances)"
        if speed is None
        else f"time = decodes x {1000 * speed.each:.3g} ms / workers (the last run: {speed.decodes:,.0f} decodes in "
        f"{speed.seconds:,.0f} s of one worker, its models loaded)"
    )
    return (
        f"decodes = clips x conditions x arms: {scaled.clips:,} x {scaled.conditions} x {scaled.arms} = "
        f"{scaled.decodes:,}, of a million clips in each of {scaled.languages} languages; {took}; disk = decodes x "
        f"{cost.bytes_each:.0f} bytes; planning = clips x {DRIVER_BYTES:,} bytes of memory, where a run is started: "
        "a suite a language where that is too much"
    )


def time(seconds: float) -> str:
    """In the largest unit of which there are two."""
    for length, name in UNITS:
        if seconds >= 2 * length:
            return f"{seconds / length:,.1f} {name}"
    return f"{seconds:.0f} s"


def size(count: float) -> str:
    """In MB, GB or TB."""
    for length, name in ((1e12, "TB"), (1e9, "GB")):
        if count >= length:
            return f"{count / length:,.1f} {name}"
    return f"{count / 1e6:.1f} MB"
