"""What stands in the cells of tables, the same in every report."""

from hashlib import blake2b
from typing import Protocol

from bench.comparing import Results, Sample
from bench.reporting.text.markdown import code
from bench.scoring import Metric
from bench.suite import CLEAN, Suite
from bench.visible import no_formulas, visible


class OfCell(Protocol):
    """A result that belongs to one cell."""

    @property
    def language(self) -> str: ...

    @property
    def condition(self) -> str: ...


def csv_head(suite: Suite, about: str, results: Results) -> str:
    """The comment above a CSV: one line, and no formula in a spreadsheet, whatever the corpus is called."""
    return no_formulas(f"# {suite.label}; {about}; {visible(results.signature)}") + "\n"


def short_pin(line: str) -> str:
    """Eight characters that stand for what pins numbers, where there is no room for the line."""
    return blake2b(line.encode(), digest_size=4).hexdigest()


def signature_line(line: str) -> str:
    """What pins the numbers of a document, and how it is named in the corner of its pictures."""
    return f"signature: {code(line)} ({short_pin(line)} in pictures)"


def cell_name(result: OfCell) -> str:
    """The language, and the condition unless it is clean."""
    return result.language if result.condition == CLEAN else f"{result.language} {result.condition}"


def metric_note(metric: Metric) -> str:
    """What stands behind a cost that is not one of WER."""
    return " CER" if metric == "cer" else ""


def clips_cell(sample: Sample) -> str:
    """How many were compared, and how many of them were cut or had to be left out."""
    unreadable = f" (+{sample.unreadable} unreadable)" if sample.unreadable else ""
    truncated = f" ({sample.truncated} truncated)" if sample.truncated else ""
    return f"{sample.clips}{truncated}{unreadable}"
