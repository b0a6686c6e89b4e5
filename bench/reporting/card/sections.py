"""What a card says below its first sentences, section by section, from records alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bench.analysis.cautions import list_cautions
from bench.analysis.memory.breakdown import has_peaks
from bench.analysis.memory.contradictions import contradictions_of
from bench.analysis.memory.headlines import common_load
from bench.analysis.noise_floor import noise_floor_of
from bench.analysis.robustness import degraded_specs
from bench.analysis.suite_records import SuiteRecords
from bench.analysis.verdict_counts import count_verdicts
from bench.comparing import CellPair, Comparison
from bench.reporting.card.acoustics import conditions_line, conditions_missing, speech_of
from bench.reporting.card.family import family_lines
from bench.reporting.card.saving import headlines_about
from bench.reporting.tables.card import CardRow, card_table
from bench.reporting.tables.memory import contradiction_line, provenance_of
from bench.reporting.tables.memory_tables import headline_table
from bench.reporting.tables.notes import disagreement_lines, noise_floor_lines, summary_lines, unseen_lines
from bench.reporting.tables.robustness import noise_caveat
from bench.reporting.tables.robustness_tables import overall_table
from bench.reporting.text.cells import clips_cell
from bench.reporting.text.format import cost_interval, estimated, unmarked, verdict
from bench.reporting.text.markdown import inline
from bench.reporting.text.new_language import new_language_lines
from bench.reporting.text.verdict_sentences import undecided_sentence
from bench.suite import CLEAN, ArmSpec, Suite

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


def results_table(records: SuiteRecords, arm: ArmSpec) -> str:
    """A row a language; the clips only where they are not as many everywhere, or some could not be used whole."""
    pairs = records.results.of(arm).clean.pairs
    clips = [clips_cell(pair.primary.sample) for pair in pairs]
    alike = len(set(clips)) == 1 and clips[0].isdigit()
    margin = records.suite.statistics.margin
    rows = [_row(pair, margin, None if alike else shown) for pair, shown in zip(pairs, clips, strict=True)]
    return card_table("this model", str(arm.control), rows, cost_name(records, arm))


def _row(pair: CellPair[Comparison], margin: float | None, clips: str | None) -> CardRow:
    wer, cer, primary = pair.wer, pair.cer, pair.primary
    return CardRow(
        language=primary.language,
        wer=wer.rate.value,
        cer=cer.rate.value,
        metric=primary.metric,
        cost=primary.delta.value,
        mark=_mark(primary),
        floor=primary.floor,
        control=(wer.control_result.rate, cer.control_result.rate),
        interval=cost_interval(primary),
        capped=estimated(primary.capped) if primary.has_runaways and not primary.floor else None,
        verdict=verdict(primary, margin) + _capped_verdict(primary),
        loops=f"{primary.result.loops} ({primary.control_result.loops})",
        clips=clips,
    )


def _capped_verdict(row: Comparison) -> str:
    """Where runaways drive the mark: the one without them."""
    if not row.verdict.loop_driven:
        return ""
    without = "undecided" if row.verdict.significant else "worse" if row.capped.value > 0 else "better"
    return f"; loop-driven: capped, {without}"


def cost_name(records: SuiteRecords, arm: ArmSpec) -> str:
    """Nothing was converted where arm and control are one model, in another environment or with another cache."""
    control = records.suite.control_of(arm)
    models = {records.manifest.arms[each.id].fingerprint for each in (arm, control) if each}
    return "conversion cost" if len(models) > 1 else "difference"


def _mark(comparison: Comparison) -> str:
    """Without the detectable cost, which is told above; nothing of a floor."""
    if comparison.floor:
        return ""
    text = "✱" if comparison.verdict.significant else unmarked(comparison)
    return f"{text} †" if comparison.verdict.dissenting else text


def note_lines(records: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    """Means, what could have been found, runaways, the noise floor, methods that disagree, sizes of its family."""
    results = records.results.of(arm)
    primary = results.clean.primary
    yield from summary_lines([summary for summary in results.summaries if summary.condition == CLEAN])
    if undecided := undecided_sentence(count_verdicts(results)):
        yield f"- {undecided}"
    yield from unseen_lines(primary)
    yield from noise_floor_lines(noise_floor_of(records.suite, records.results, arm), arm.control)
    yield from disagreement_lines(primary)
    yield from family_lines(records, arm)


def memory_section(records: SuiteRecords, arm: ArmSpec) -> str:
    """Both arms' bytes, and where they were measured; or that they were not."""
    control = records.suite.control_of(arm)
    headlines = headlines_about(records, *filter(None, [control, arm]))
    if arm not in records.suite.models:
        return "Not measured: only models that transformers runs are."
    if arm not in records.suite.measurable:
        return f"The weights and the cache of {arm.control}: not measured apart."
    if records.memory is None or not headlines:
        return "Not measured yet."
    measured, shown = records.memory.records, (arm.id, arm.control)
    contradictions = [contradiction_line(one) for one in contradictions_of(measured) if one.arm in shown]
    gpu = [] if has_peaks(measured) else ["Peaks on a GPU are not measured."]
    return "\n\n".join([*contradictions, headline_table(headlines, common_load(measured)), *gpu])


def memory_lines(records: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    """Where bytes were measured, and of what; nothing where they were not."""
    if arm in records.suite.measurable and records.memory is not None and headlines_about(records, arm):
        yield f"- Bytes: {inline(provenance_of(records.suite, records.memory.records))}. {CACHES}"


def robustness_section(records: SuiteRecords, arm: ArmSpec) -> str:
    """What the costs are under other conditions than clean speech; or that nobody looked."""
    if not degraded_specs(records.suite):
        return "Not measured: the suite has clean speech only."
    return "\n\n".join([conditions_line(records.suite), overall_table(records.suite, records.results.of(arm))])


def robustness_reading(suite: Suite) -> Iterator[str]:
    """How to read that table; nothing where there is none."""
    specs = degraded_specs(suite)
    if specs:
        noise = f" {noise_caveat(suite)}" if any(spec.kind == "noise" for spec in specs) else ""
        yield f"- Robustness: {READING}{noise}"


def limitation_lines(records: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    """What the figures do not cover, and what the model needs."""
    suite, results = records.suite, records.results.of(arm)
    yield f"- {speech_of(suite)}"
    if missing := conditions_missing(suite):
        yield f"- Not benchmarked: {missing}."
    yield "- One corpus: nothing is said of other speech."
    yield from (f"- {line[0].upper()}{line[1:]}." for line in new_language_lines(results))
    if cost_name(records, arm) == "conversion cost":
        yield "- One checkpoint: the intervals cover other speakers and clips, not training again."
    if any(cost.name == arm.name for cost in records.results.seeds):
        yield "- It is one of several training seeds; the suite's table pools them."
    if arm.trust_remote_code:
        yield "- It brings code of its own and needs `trust_remote_code=True`; read that code at the commit you load."
    if arm.transformers:
        yield f"- It asks for transformers {inline(arm.transformers)}."
    cautions = list_cautions([replace(row, sensitivity=None) for row in results.cells])
    for line in [*cautions, *records.list_unheard(arm)]:
        yield f"- {inline(line)}."
