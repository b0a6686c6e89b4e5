"""How a card's figures were measured, in words, each read off what was recorded."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from bench.analysis.suite_records import SuiteRecords
from bench.comparing import SPEAKER, UTTERANCE, Comparison, Sample, runtime_of
from bench.manifest import DecodeSettings
from bench.reporting.card.origin import is_on_hub
from bench.reporting.text.format import counted
from bench.reporting.text.legend import ANOTHER, CAPPED, LOOP
from bench.reporting.text.markdown import code, inline
from bench.reporting.text.verdict_sentences import points
from bench.suite import ArmId, ArmSpec, Suite

LONG = {"truncate": "; clips cut at the model's window", "sequential": "; long clips window after window"}
MARKS = (
    "(ns): not; (on the line): more resamples might say either; †: another method would have set the other mark, and "
    f"a line above says which. {CAPPED}{LOOP}"
)


def corpus_line(records: SuiteRecords, arm: ArmSpec) -> str:
    """Which clips: Common Voice 17.0 test, 1,500 clips a language by 40 to 312 speakers."""
    samples = [row.sample for row in _primary(records, arm)]
    are_speakers = all(sample.unit == SPEAKER for sample in samples)
    speakers = f" by {_range([sample.speakers for sample in samples])} speakers" if are_speakers else ""
    counts = [sample.clips for sample in samples]
    clips = f"{_range(counts)} {'clip' if max(counts) == 1 else 'clips'}"
    return f"{inline(records.manifest.corpus.name)}, {clips} a language{speakers}"


def method_lines(records: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    suite, settings = records.suite, records.manifest.arms[arm.id].settings
    control = suite.control_of(arm)
    yield f"- This model, {arm.id}: {_model(records, arm)}." + (
        f" Its control, {control.id}: {_model(records, control)}." if control else ""
    )
    of_arms = {each.id: records.manifest.arms[each.id].settings for each in (arm, control) if each}
    yield f"- {_decoding(of_arms)}{LONG.get(settings.long_clips, '')}. Both arms see the same clips."
    where = {name: _environment(of_arm) for name, of_arm in of_arms.items()}
    if len(set(where.values())) == 1:
        yield f"- Both arms: {where[arm.id]}."
    else:
        yield from (f"- {name}: {words}." for name, words in where.items())
    by_cer = [language for language in suite.languages if language in suite.scoring.cer_primary]
    metric = f" The cost is in CER for {' '.join(by_cer)}, in WER elsewhere." if by_cer else ""
    yield f"- Normaliser: {suite.scoring.normalizer}. Rates: all errors over all words or characters.{metric}"
    resampled = _resampled(_primary(records, arm))
    yield (
        f"- cost: this model minus {arm.control}, in points. Interval: paired bootstrap over {resampled}, symmetric "
        "studentised, 95 % for all languages at once: 0 lies outside exactly where the mark stands; °: too few "
        "speakers differ, so it bounds the cost with each clip's errors at most its length instead. ✱: p <= 0.05 "
        f"after Holm's correction over {counted(len(suite.languages), 'language')}; {MARKS}"
    )
    yield from _declared(suite, arm)
    if len(suite.languages) > 1:
        yield f"- {ANOTHER}"
    if arm.start and control is not None and control.start:
        yield f"- zero-shot: what conversion cost before any training, {arm.start} minus {control.start}."
    yield f"- To repeat it: `bench run` and `bench card` on suite {suite.name}; `bench verify` recomputes it."


def _decoding(of_arms: Mapping[ArmId, DecodeSettings]) -> str:
    """How both decode; a program does as it likes."""
    known = [name for name, settings in of_arms.items() if settings.max_new_tokens is not None]
    if not known:
        return "Transcribed by programs of their own, by their own settings"
    greedy = (
        "Greedy decoding, temperature 0, no fallback, language and task forced, "
        f"{of_arms[known[0]].max_new_tokens} new tokens at most"
    )
    others = [name for name in of_arms if name not in known]
    return f"{greedy} ({known[0]}; {others[0]}: as its program does it)" if others else greedy


def _declared(suite: Suite, arm: ArmSpec) -> Iterator[str]:
    """The margin and the floor."""
    statistics = suite.statistics
    if statistics.margin is not None:
        yield (
            f"- Margin: {points(statistics.margin)}, declared in the suite. within: the cost, each clip's errors at "
            "most its length, is shown to be below it; beyond: above it; one-sided, p <= 0.05 after Holm's correction."
        )
    yield (
        f"- Floor: a language where {arm.control}'s own WER is above {statistics.floor.wer:g} % (its CER above "
        f"{statistics.floor.cer:g} % where that is the cost); its cost bears no mark."
    )


def _model(records: SuiteRecords, arm: ArmSpec) -> str:
    """Its name and commit on the hub, or what else it is called; never where it lies."""
    recorded = records.manifest.arms[arm.id]
    name = "a local folder" if Path(arm.model).is_absolute() else code(arm.model)
    if arm.runner == "command":
        words = shlex.join(Path(word).name if Path(word).is_absolute() else word for word in arm.command)
        name = f"the program {code(words)}" + (f", revision {inline(arm.revision)}" if arm.revision else "")
    commit = f" at {recorded.commit[:12]}" if is_on_hub(arm) and recorded.commit else ""
    cache = f", {arm.kv} cache" if arm.kv else ""
    return f"{name}{commit}{cache} (fingerprint {recorded.fingerprint[:8]})"


def _environment(settings: DecodeSettings) -> str:
    """What decoded an arm, and how its own settings change that."""
    attention = f"{settings.attention} attention" if settings.attention else None
    named = [settings.device, settings.dtype or settings.compute_type, attention, *runtime_of(settings)]
    return ", ".join(inline(word) for word in named if word) + _own_settings(settings)


def _own_settings(settings: DecodeSettings) -> str:
    """What the model's generation config changes about greedy decoding."""
    names = sorted(settings.generation)
    return f"; the model's own {', '.join(map(inline, names))}" if names else ""


def _resampled(rows: Sequence[Comparison]) -> str:
    """speakers; or what is resampled instead, with its languages where they differ."""
    units: dict[str, str] = {}
    for row in rows:
        what = _unit(row.sample)
        units[what] = f"{units[what]} {row.language}" if what in units else row.language
    return " and ".join(units if len(units) == 1 else [f"{unit} ({where})" for unit, where in units.items()])


def _unit(sample: Sample) -> str:
    words = {SPEAKER: "speakers", UTTERANCE: "clips"}
    unit = words.get(sample.unit, f"clips of one {inline(sample.unit)}")
    return unit if sample.sentences is None else f"{unit} crossed with sentences"


def _primary(records: SuiteRecords, arm: ArmSpec) -> list[Comparison]:
    """Words first."""
    return [row for row in records.results.of(arm).clean if row.primary]


def _range(numbers: Collection[int]) -> str:
    low, high = min(numbers), max(numbers)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
