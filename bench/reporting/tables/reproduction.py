"""What others published beside what was measured here."""

from collections.abc import Sequence
from functools import partial
from math import isnan
from pathlib import Path

from bench.analysis.published import PublishedCost
from bench.analysis.reproduction import Reproduced, Reproduction, reproduce
from bench.comparing import Results
from bench.errors import BenchError
from bench.io.files import write_atomically, write_text
from bench.reporting.text.format import rate, signed
from bench.reporting.text.markdown import code, inline, markdown_table
from bench.suite import Suite

NAME = "reproduction.md"
LEGEND = (
    "published: as printed on the model's card, not measured here. measured: of this suite's decodes. chance: how far "
    "apart two random samples of the published and the measured number of clips lie in 95 % of cases, the models "
    "being the same (sqrt(2) standard errors of the measured figure, where both numbers are equal); differences "
    "beyond it in more rows than chance lets have another cause: normaliser, clips, decoding, or weights."
)


def write_reproduction(
    suite: Suite, results: Results, costs: Sequence[PublishedCost], corpus: str, folder: Path
) -> str:
    """Writes reproduction.md; returns it. Raises BenchError where nothing of the suite is published."""
    reproduction = reproduce(suite, results, costs, corpus)
    if reproduction is None:
        models = ", ".join(dict.fromkeys(cost.model for cost in costs))
        raise BenchError(f"suite {suite.name}: nothing is published of its arms' models in its languages ({models})")
    text = render_reproduction(suite, reproduction, results.signature)
    write_atomically(folder / NAME, partial(write_text, text))
    return text


def render_reproduction(suite: Suite, reproduction: Reproduction, signature: str) -> str:
    """A row a published figure, and how many lie further off than chance sets them."""
    header = ["arm", "Lang", "", "published", "measured", "difference", "chance", ""]
    table = markdown_table(header, [_row(cell) for cell in reproduction.cells])
    count = (
        f"{reproduction.beyond_chance} of {len(reproduction.cells)} differ by more than chance; chance alone would let "
        f"about {reproduction.expected:.1f}."
    )
    caution, controls = "", ""
    if reproduction.other_controls:
        controls = (
            f"The control of {', '.join(reproduction.other_controls)} is not the published one, so that no cost is set "
            "beside the published."
        )
    if reproduction.elsewhere:
        corpora = " and ".join(map(inline, reproduction.elsewhere))
        caution = (
            f"Published of {corpora}; this suite measures other speech, so that these differences say nothing of "
            "whether the published figures are right."
        )
    title = f"published against {suite.label}: {suite.name}"
    return (
        "\n\n".join(filter(None, [title, caution, controls, table, count, LEGEND, f"signature: {code(signature)}"]))
        + "\n"
    )


def _row(cell: Reproduced) -> list[str]:
    shown = signed if cell.what.startswith("cost") else rate
    return [
        cell.arm,
        cell.language,
        cell.what,
        shown(cell.published),
        shown(cell.measured),
        signed(cell.difference),
        "not known" if isnan(cell.chance) else f"±{cell.chance:.2f}",
        "beyond chance" if cell.beyond_chance else "",
    ]
