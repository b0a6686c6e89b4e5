"""What a card says besides its sizing note, section by section, from records alone."""

from __future__ import annotations

from collections.abc import Iterator

from bench.compare import list_cautions, outcomes_of
from bench.reporting.card.results import CardRow, card_table
from bench.reporting.card.sizing import headlines_about
from bench.reporting.degraded import degraded_specs
from bench.reporting.format import counted, verdict
from bench.reporting.markdown import inline
from bench.reporting.memory.tables import headline_table
from bench.reporting.memory.text import about_memory
from bench.reporting.notes import disagreement_lines, failure_lines
from bench.reporting.records import SuiteRecords
from bench.reporting.robustness import CAVEAT, overall_table, robustness_lines
from bench.reporting.rows import cells_of, clean_of, rows_of
from bench.suite import ArmSpec

KINDS = {
    "noise": "added noise",
    "telephony": "telephony (8 kHz)",
    "far-field": "far-field",
    "overlap": "overlapping speech",
}
"""What speech may be heard under, by the kind of a condition."""
SPEECH = {
    "demo": "Synthetic speech, read by a formant synthesiser: no room, no microphone, no noise of its own.",
    "common-voice": "Crowdsourced recordings by consumer microphones with real noise of their surroundings (traffic, "
    "rooms, devices): Common Voice's own conditions, not a studio's. The results above include them.",
}
RECORDED = "The recordings of the corpus as they are; the harness knows nothing of where and how they were made."


def results_table(found: SuiteRecords, arm: ArmSpec) -> str:
    margin = found.suite.statistics.margin
    rows = []
    for cell in cells_of(clean_of(rows_of(found.tables.comparisons, arm))):
        wer, cer, primary = cell["wer"], cell["cer"], cell["primary"]
        mark = "" if primary["floor"] else "✱" if primary["significant"] else "(ns)"
        rows.append(
            CardRow(
                *(primary["language"], wer["rate"], cer["rate"], primary["metric"], primary["delta"]),
                *(mark, bool(primary["floor"])),
                control=(wer["control_rate"], cer["control_rate"]),
                bounds=(primary["low"], primary["high"]),
                verdict=verdict(primary, margin),
                clips=f"{primary['clips']:,}",
            )
        )
    return card_table("this model", str(arm.control), rows)


def result_lines(found: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    """Methods that disagree, and loops."""
    primary = [cell["primary"] for cell in cells_of(clean_of(rows_of(found.tables.comparisons, arm)))]
    yield from disagreement_lines(primary)
    yield from failure_lines(primary, str(arm.control))


def memory_section(found: SuiteRecords, arm: ArmSpec) -> str:
    """Both arms' bytes, and where they were measured; or that they were not."""
    control = found.suite.control_of(arm)
    headlines = headlines_about(found, *filter(None, [control, arm]))
    if found.memory is None or not headlines:
        return "Not measured yet."
    about = about_memory(found.suite, found.memory.table)
    gpu = "" if found.memory.table["reserved"].notna().any() else " Peaks on a GPU are not measured."
    return f"{about}.{gpu}\n\n{headline_table(headlines, None)}"


def robustness_section(found: SuiteRecords, arm: ArmSpec) -> str:
    """What the costs are under other conditions than clean speech; or that nobody looked."""
    if not degraded_specs(found.suite):
        return "Not measured: the suite has clean speech only."
    lines = "\n".join(robustness_lines(found.suite, arm, found.tables))
    return f"{lines}\n\n{overall_table(found.suite, arm, found.tables)}\n\n{CAVEAT}"


def limitation_lines(found: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    """What the figures do not cover, and what the model needs."""
    suite, tables = found.suite, found.tables
    yield (
        f"- Measured in {counted(len(suite.languages), 'language')} ({' '.join(suite.languages)}), on one corpus; "
        "nothing is said of other languages and of other speech."
    )
    if floors := outcomes_of(tables, arm).floor:
        yield f"- {arm.control} itself is unusable in {' '.join(floors)} (floor), so that no cost is told there."
    if len(tables.seeds) and (tables.seeds["arm"] == arm.name).any():
        yield "- One of several training seeds; the suite's table has them pooled."
    else:
        yield "- One checkpoint: the intervals cover other speakers and clips, not training again."
    if arm.trust_remote_code:
        yield "- It brings code of its own: `trust_remote_code=True`, at a commit that you have read."
    if arm.transformers:
        yield f"- It asks for transformers {inline(arm.transformers)}."
    for line in list_cautions(rows_of(tables.comparisons, arm)):
        yield f"- {inline(line)}."


def acoustics_lines(found: SuiteRecords) -> Iterator[str]:
    """What the speech is, what was done to it, and what was not."""
    suite = found.suite
    yield SPEECH.get(suite.corpus.kind, RECORDED)
    degraded = degraded_specs(suite)
    if degraded:
        yield f"Also measured under {', '.join(spec.describe() for spec in degraded)}."
    missing = [name for kind, name in KINDS.items() if kind not in {spec.kind for spec in degraded}]
    if missing:
        yield f"Not benchmarked: {', '.join(missing)}."
