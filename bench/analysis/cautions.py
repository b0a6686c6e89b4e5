"""What a reader must know before trusting an interval: read off the comparisons, one line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bench.comparing import SPEAKER, UTTERANCE, Comparison
from bench.suite import SPEECH_MARGIN, ArmId

FEW_SPEAKERS = 30
TORN = 1.5
"""Words that a normaliser makes of one, beyond which a WER counts fragments."""


def list_cautions(comparisons: Sequence[Comparison]) -> list[str]:
    """What is resampled where it is not speakers; two environments; few speakers; unsure levels; what are no words."""
    first: dict[tuple[str, str], Comparison] = {}
    for row in comparisons:
        first.setdefault((row.language, row.condition), row)
    cells = list(first.values())
    return [
        *_other_units(cells),
        *_environments(comparisons),
        *_few_speakers(cells),
        *_unsure_levels(cells),
        *_torn_words(cells),
        *_unspaced(comparisons),
    ]


def _other_units(cells: Sequence[Comparison]) -> Iterator[str]:
    for note in dict.fromkeys(cell.sample.unit_note for cell in cells if cell.sample.unit_note):
        names = _names(cell for cell in cells if cell.sample.unit_note == note)
        yield (
            f"{names}: {note}, so clips are resampled, not speakers; these intervals ignore that clips of one speaker "
            "are alike"
        )
    for unit in dict.fromkeys(cell.sample.unit for cell in cells):
        if unit not in (SPEAKER, UTTERANCE):
            yield (
                f"{_names(cell for cell in cells if cell.sample.unit == unit)}: the corpus names no speakers; clips of "
                f"one {unit} are resampled together instead, and counted as speakers here. One person may stand behind "
                "several: where 10 to 40 had read 300 sentences, such 95 % intervals held the true cost in 64 to 81 % "
                "of simulated corpora"
            )


def _environments(comparisons: Sequence[Comparison]) -> Iterator[str]:
    controls: dict[tuple[str, str], ArmId] = {}
    for row in comparisons:
        if row.environments:
            controls.setdefault((row.arm.name, row.environments), row.control)
    for (name, note), control in controls.items():
        yield (
            f"{name} and {control} were decoded in different environments ({note}), "
            "and what that alone does is part of these costs; a control decoded in both says how much it is"
        )


def _few_speakers(cells: Sequence[Comparison]) -> Iterator[str]:
    """By Kish's number: many names say little where few of them speak most clips."""
    few = [cell for cell in cells if cell.sample.unit != UTTERANCE and cell.sample.effective < FEW_SPEAKERS]
    if few:
        fewest = min(few, key=lambda cell: cell.sample.effective)
        yield (
            f"{_names(few)}: worth fewer than {FEW_SPEAKERS} speakers of equally many clips (the fewest: "
            f"{fewest.sample.effective:.1f}, in {fewest.language}); these intervals are rough and say little of other "
            "speakers"
        )


def _unsure_levels(cells: Sequence[Comparison]) -> Iterator[str]:
    masked = [cell for cell in cells if cell.sample.masked > 0]
    if masked:
        counts = {
            language: (
                max(cell.sample.masked for cell in masked if cell.language == language),
                max(cell.sample.clips for cell in masked if cell.language == language),
            )
            for language in dict.fromkeys(cell.language for cell in masked)
        }
        of = ", ".join(f"{language} {most} of {clips}" for language, (most, clips) in counts.items())
        yield (
            f"clips with a background of their own within {SPEECH_MARGIN} dB of their speech, or without a pause: "
            f"{of}; their level, and every SNR of theirs, is uncertain"
        )


def _torn_words(cells: Sequence[Comparison]) -> Iterator[str]:
    first = {cell.language: cell.sample.word_growth for cell in cells if cell.sample.word_growth > TORN}
    second = {
        cell.language: cell.sensitivity.word_growth
        for cell in cells
        if cell.sensitivity is not None and cell.sensitivity.word_growth > TORN
    }
    for growths, which in ((first, "normaliser"), (second, "second normaliser")):
        for language, growth in growths.items():
            yield f"{language}: the {which} makes {growth:.1f} words of one, so its WER counts fragments"


def _unspaced(comparisons: Sequence[Comparison]) -> Iterator[str]:
    cells = [row for row in comparisons if row.primary and row.metric == "wer" and row.sample.unspaced]
    if cells:
        yield (
            f"{_names(cells)}: the references have no spaces between words, so WER counts whole phrases as words; have "
            "characters counted (scoring.cer_primary, --metric cer)"
        )


def _names(cells: Iterable[Comparison]) -> str:
    return " ".join(dict.fromkeys(cell.language for cell in cells))
