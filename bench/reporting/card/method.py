"""How a card's figures were measured, in words, each read off what was recorded."""

from __future__ import annotations

from collections.abc import Iterator

from bench.reporting.format import counted
from bench.reporting.markdown import inline
from bench.reporting.records import SuiteRecords
from bench.reporting.rows import clean_of, rows_of
from bench.suite import ArmSpec


def corpus_line(found: SuiteRecords, arm: ArmSpec) -> str:
    """Which clips: Common Voice 17.0 test, 1,500 clips a language by 40 to 312 speakers."""
    rows = clean_of(rows_of(found.tables.comparisons, arm))
    rows = rows[rows["primary"].astype(bool)]
    clips, speakers = (_range(int(rows[name].min()), int(rows[name].max())) for name in ("clips", "speakers"))
    return f"{inline(found.manifest['corpus'])}, {clips} clips a language by {speakers} speakers"


def method_lines(found: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    suite, settings = found.suite, found.manifest["arms"][arm.id]["settings"]
    statistics, scoring = suite.statistics, suite.scoring
    yield (
        f"- Greedy decoding, temperature 0, no fallback, language and task forced, {settings['max_new_tokens']} new "
        f"tokens at most; {settings['device']}, {settings['dtype']}, {settings['attention']} attention, torch "
        f"{inline(settings['torch'])}, transformers {inline(settings['transformers'])}. Both arms see the same clips."
    )
    yield (
        f"- Normaliser: {scoring.normalizer}. Corpus rates: all errors over all reference units. The cost is CER in "
        f"{' '.join(scoring.cer_primary)}, WER elsewhere."
        if set(scoring.cer_primary) & set(suite.languages)
        else f"- Normaliser: {scoring.normalizer}. Corpus rates: all errors over all reference units."
    )
    yield (
        f"- cost: this model minus {arm.control}, in points. Interval: 95 %, paired bootstrap over speakers (over "
        "clips where speakers are not known), symmetric studentised, unadjusted. ✱: p <= 0.05 after Holm's correction "
        f"over the {counted(len(suite.languages), 'language')}; (ns): not."
    )
    if statistics.margin is not None:
        yield f"- A margin of {statistics.margin:g} points was declared before decoding; it is read off 90 % intervals."
    yield f"- Floor: {arm.control}'s own WER above {statistics.floor.wer:g}, or CER above {statistics.floor.cer:g}."
    yield f"- Again: `bench run {suite.name}`, `bench table {suite.name}`; `bench verify {suite.name}` recomputes it."


def _range(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
