"""What a card says besides its sizing note, section by section, from records alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench.analysis.cautions import list_cautions
from bench.analysis.memory.contradictions import contradictions_of
from bench.analysis.memory.headlines import common_load
from bench.analysis.suite_records import SuiteRecords
from bench.analysis.verdict_counts import outcomes_of
from bench.compare import rows_of
from bench.reporting.card.sizing import headlines_about
from bench.reporting.degraded import degraded_specs
from bench.reporting.tables.card import CardRow, card_table
from bench.reporting.tables.memory import about_memory, contradiction_line
from bench.reporting.tables.memory_tables import headline_table
from bench.reporting.tables.notes import disagreement_lines, failure_lines
from bench.reporting.tables.robustness import noise_caveat, overall_table, robustness_lines
from bench.reporting.text.cells import cells_of, clean_of, clips_cell, primary_of
from bench.reporting.text.format import counted, verdict
from bench.reporting.text.markdown import inline
from bench.suite import ArmSpec

READING = (
    "mean cost: this model minus its control, mean over the languages of that metric, floor cells left out; more than "
    "clean: the same minus the cost on clean speech; hurts more: cells where the cost exceeds the clean one both in "
    "points and relative to the errors made, after Benjamini and Hochberg, exploratory; floor: cells where the control "
    "itself is unusable. Loops, empties: in brackets the control's; truncated: cut at the model's window; left out: "
    "unreadable. Both arms hear the same audio."
)
CACHES = (
    "self cache: what attention keeps of the text so far; decode cache: that and what it keeps of the audio, all that "
    "it reads at a step."
)


def results_table(found: SuiteRecords, arm: ArmSpec) -> str:
    margin = found.suite.statistics.margin
    rows = []
    for cell in cells_of(clean_of(rows_of(found.tables.comparisons, arm))):
        wer, cer, primary = cell["wer"], cell["cer"], cell["primary"]
        rows.append(
            CardRow(
                *(primary["language"], wer["rate"], cer["rate"], primary["metric"], primary["delta"]),
                *(_mark(primary), bool(primary["floor"])),
                control=(wer["control_rate"], cer["control_rate"]),
                bounds=(primary["low"], primary["high"]),
                verdict=verdict(primary, margin),
                clips=clips_cell(primary),
            )
        )
    return card_table("this model", str(arm.control), rows, cost_name(found, arm))


def cost_name(found: SuiteRecords, arm: ArmSpec) -> str:
    """Nothing was converted where arm and control are one model, in another environment or with another cache."""
    control = found.suite.control_of(arm)
    models = {found.manifest["arms"][each.id]["fingerprint"] for each in (arm, control) if each}
    return "conversion cost" if len(models) > 1 else "difference"


def _mark(row: dict[str, Any]) -> str:
    """Without the detectable cost, which is told above; nothing of a floor."""
    if row["floor"]:
        return ""
    return ("✱" if row["significant"] else "(ns)") + (" †" if row["disagree"] else "")


def result_lines(found: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    """Methods that disagree, and loops."""
    primary = primary_of(clean_of(rows_of(found.tables.comparisons, arm)))
    yield from disagreement_lines(primary)
    yield from failure_lines(primary, str(arm.control))


def memory_section(found: SuiteRecords, arm: ArmSpec) -> str:
    """Both arms' bytes, and where they were measured; or that they were not."""
    control = found.suite.control_of(arm)
    headlines = headlines_about(found, *filter(None, [control, arm]))
    if found.memory is None or not headlines:
        return "Not measured yet."
    table = found.memory.table
    wrong = [contradiction_line(each) for each in contradictions_of(table) if each.arm in (arm.id, arm.control)]
    gpu = "" if table["reserved"].notna().any() else " Peaks on a GPU are not measured."
    about = f"{inline(about_memory(found.suite, table))}.{gpu}"
    return "\n\n".join([*wrong, about, headline_table(headlines, common_load(table)), CACHES])


def robustness_section(found: SuiteRecords, arm: ArmSpec) -> str:
    """What the costs are under other conditions than clean speech; or that nobody looked."""
    specs = degraded_specs(found.suite)
    if not specs:
        return "Not measured: the suite has clean speech only."
    lines = "\n".join(robustness_lines(found.suite, arm, found.tables))
    noise = [noise_caveat(found.suite)] if any(spec.kind == "noise" for spec in specs) else []
    return "\n\n".join([lines, overall_table(found.suite, arm, found.tables), READING, *noise])


def limitation_lines(found: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    """What the figures do not cover, and what the model needs."""
    suite, tables = found.suite, found.tables
    yield (
        f"- Measured in {counted(len(suite.languages), 'language')} ({' '.join(suite.languages)}), on one corpus; "
        "nothing is said of other languages or other speech."
    )
    if floors := outcomes_of(tables, arm).floor:
        yield f"- {arm.control} itself is unusable in {' '.join(floors)} (floor), so the cost there says nothing."
    if cost_name(found, arm) == "conversion cost":
        yield "- One checkpoint: the intervals cover other speakers and clips, not training again."
    if len(tables.seeds) and (tables.seeds["arm"] == arm.name).any():
        yield "- It is one of several training seeds; the suite's table pools them."
    if arm.trust_remote_code:
        yield "- It brings code of its own and needs `trust_remote_code=True`; read that code at the commit you load."
    if arm.transformers:
        yield f"- It asks for transformers {inline(arm.transformers)}."
    shown = rows_of(tables.comparisons, arm).drop(columns="sensitivity_word_growth", errors="ignore")
    for line in list_cautions(shown):
        yield f"- {inline(line)}."
