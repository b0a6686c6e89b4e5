"""The columns of comparisons: an arm in a cell by a metric, and its control beside it where it has one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bench.comparing.comparison import Comparison, Measurement
from bench.comparing.schema.shared import about_arm, about_cell, control, estimate
from bench.io.columns import COUNT, FLAG, NUMBER, TEXT, TEXTS, Column, Schema


def _result(prefix: str, path: str, whose: str) -> Iterator[Column]:
    """An arm's errors; the rate is the caller's."""
    yield Column(f"{prefix}substitutions", f"{path}.counts.substitutions", COUNT, f"substitutions of {whose}")
    yield Column(f"{prefix}deletions", f"{path}.counts.deletions", COUNT, f"deletions of {whose}")
    yield Column(f"{prefix}insertions", f"{path}.counts.insertions", COUNT, f"insertions of {whose}")
    yield Column(f"{prefix}length", f"{path}.counts.length", COUNT, "units of all references: words, or characters")
    yield Column(f"{prefix}errors", f"{path}.counts.errors", COUNT, f"all errors of {whose}", derived=True)
    yield Column(f"{prefix}capped", f"{path}.capped", COUNT, "errors, each clip's at most its length", in_csv=False)
    yield Column(f"{prefix}rate", f"{path}.rate", NUMBER, f"corpus error rate of {whose}, per cent", derived=True)
    capped = "the same with each clip's errors at most its length"
    yield Column(f"{prefix}capped_rate", f"{path}.capped_rate", NUMBER, capped, derived=True)
    runaways = f"clips of {whose} with more errors than their reference has units"
    yield Column(f"{prefix}runaways", f"{path}.runaways", COUNT, runaways)
    yield Column(f"{prefix}loops", f"{path}.loops", COUNT, f"hypotheses of {whose} that repeat themselves or never end")
    yield Column(f"{prefix}empties", f"{path}.empties", COUNT, f"empty hypotheses of {whose}")


def _sample() -> Iterator[Column]:
    yield Column("clips", "sample.clips", COUNT, "clips that every arm is scored on")
    yield Column("speakers", "sample.speakers", COUNT, "speakers who are named")
    yield Column("unit", "sample.unit", TEXT, "what is resampled: speaker, utterance, or what clips are grouped by")
    yield Column("unit_note", "sample.unit_note", TEXT, "why that is not the speaker, where nobody asked for it")
    yield Column("unreadable", "sample.unreadable", COUNT, "clips left out of every arm")
    yield Column("word_growth", "sample.word_growth", NUMBER, "words that the normaliser makes of one that was written")
    unspaced = "whether most references have no spaces between words"
    yield Column("unspaced", "sample.unspaced", FLAG, unspaced, in_csv=False)
    yield Column("masked", "sample.masked", COUNT, "clips whose background is too near their speech for a level")
    yield Column("truncated", "sample.truncated", COUNT, "clips cut at the model's window")
    effective = "Kish's number of units: of so many with equally many clips"
    yield Column("effective_units", "sample.effective", NUMBER, effective)
    crossed = "sentences, where several units read one and both are clustered"
    yield Column("sentences", "sample.sentences", COUNT, crossed)


def _bounds() -> Iterator[Column]:
    yield Column("bound_low", "bounds.interval.low", NUMBER, "bound of the capped delta, exact where nothing changed")
    yield Column("bound_high", "bounds.interval.high", NUMBER, "its other end")
    yield Column("p_within", "bounds.p_within", NUMBER, "one-sided p of a capped delta of the margin or more")
    yield Column("p_beyond", "bounds.p_beyond", NUMBER, "one-sided p of a capped delta of the margin or less")
    yield Column("independent_clips", "bounds.units", NUMBER, "how many independent clips the sample is worth")
    yield Column("runaway_share", "runaways.share", NUMBER, "largest share of runaways not ruled out, per cent")
    points = "what so many would add, each as many units as a decoder may write tokens"
    yield Column("runaway_points", "runaways.points", NUMBER, points)


def _tests() -> Iterator[Column]:
    yield Column("percentile_low", "percentile.low", NUMBER, "percentile interval of the delta, for comparison")
    yield Column("percentile_high", "percentile.high", NUMBER, "its other end")
    yield Column("p_percentile", "tests.p_percentile", NUMBER, "p of the percentile bootstrap")
    yield Column("mapsswe_segments", "tests.mapsswe.segments", COUNT, "segments of MAPSSWE")
    yield Column("mapsswe_mean", "tests.mapsswe.mean", NUMBER, "mean difference of errors a segment")
    yield Column("mapsswe_sd", "tests.mapsswe.sd", NUMBER, "its standard deviation")
    yield Column("mapsswe_z", "tests.mapsswe.z", NUMBER, "z of MAPSSWE")
    yield Column("mapsswe_p", "tests.mapsswe.p", NUMBER, "p of MAPSSWE")
    yield Column("mde", "mde", NUMBER, "delta that would bear the mark with 80 % chance, at Holm's first step")
    yield Column("mde_alone", "mde_alone", NUMBER, "delta that a test of this cell alone would find with 80 % chance")


def _changes() -> Iterator[Column]:
    yield Column("changed", "changes.changed", NUMBER, "per cent of transcripts that differ")
    yield Column("improved", "changes.improved", NUMBER, "per cent of transcripts with fewer errors")
    yield Column("worsened", "changes.worsened", NUMBER, "per cent of transcripts with more errors")
    top = "per cent of the delta that the most affected hundredth of the clips carries"
    yield Column("top_share", "changes.top_share", NUMBER, top)


def _second() -> Iterator[Column]:
    second = "under the second normaliser"
    yield Column("sensitivity_rate", "sensitivity.rate", NUMBER, f"the arm's rate {second}")
    yield Column("sensitivity_control_rate", "sensitivity.control_rate", NUMBER, f"the control's rate {second}")
    growth = "words that the second normaliser makes of one that was written"
    yield Column("sensitivity_word_growth", "sensitivity.word_growth", NUMBER, growth)
    yield from estimate("sensitivity_", "sensitivity.delta", f"delta {second}")
    yield Column("sensitivity_p", "sensitivity.p", NUMBER, f"p {second}")
    yield Column(
        "nll_delta", "likelihood.delta", NUMBER, "difference of the references' negative log-likelihood, nats", digits=2
    )
    yield Column("nll_z", "likelihood.z", NUMBER, "its z over the resampled units", digits=1)


def _verdict() -> Iterator[Column]:
    yield Column("p_signflip", "tests.p_signflip", NUMBER, "p of the cluster sign-flip")
    yield Column("p_clustered_t", "tests.p_clustered_t", NUMBER, "p of the clustered t-test")
    yield Column("p_adjusted", "verdict.p_adjusted", NUMBER, "p after correction over the family")
    yield Column("disagree", "verdict.dissenting", TEXTS, "methods whose own p would set the other flag")
    driven = "a clip has more errors than units, and capped the mark would be the other one"
    yield Column("loop_driven", "verdict.loop_driven", FLAG, driven)
    yield Column("direction", "verdict.direction", TEXT, "worse, better, undecided or floor")
    yield Column("on_the_line", "verdict.on_the_line", FLAG, "more resamples might set the other mark: there is none")
    yield Column("p_within_adjusted", "verdict.p_within", NUMBER, "p_within after correction over the family")
    yield Column("p_beyond_adjusted", "verdict.p_beyond", NUMBER, "p_beyond after correction over the family")
    yield Column("margin", "verdict.margin", TEXT, "within, beyond or undecided; null: none is declared")
    yield Column("environments", "environments", TEXT, "in what the environments of arm and control differ", default="")


def _columns() -> Iterator[Column]:
    yield from about_arm()
    yield from control()
    yield Column("family", "family", TEXT, "the recipe that arms of several sizes share")
    yield from about_cell()
    yield Column("primary", "primary", FLAG, "whether the metric makes the language's cost")
    yield from _sample()
    yield Column("floor", "floor", FLAG, "whether the control is unusable", default=False)
    yield Column("significant", "verdict.significant", FLAG, "the mark", default=False)
    yield from _own_result()
    yield Column("rate_standard_error", "rate.standard_error", NUMBER, "of the arm's rate alone")
    yield Column("rate_low", "rate.low", NUMBER, "interval of the arm's rate alone")
    yield Column("rate_high", "rate.high", NUMBER, "its other end")
    yield from _result("control_", "control_result", "the control")
    yield from estimate("", "delta", "delta: the arm's rate minus its control's")
    yield Column("simultaneous_low", "verdict.interval.low", NUMBER, "interval of the delta, for the family at once")
    yield Column("simultaneous_high", "verdict.interval.high", NUMBER, "its other end")
    yield Column("p", "tests.p", NUMBER, "two-sided p of no difference, by the bootstrap")
    yield Column("resamples", "tests.resamples", COUNT, "resamples behind it")
    yield Column("p_error", "tests.p_error", NUMBER, "its standard error over draws of as many resamples")
    yield from estimate("capped_", "capped", "delta with each clip's errors at most its length")
    yield Column("capped_p", "capped_p", NUMBER, "p of the capped delta")
    yield from _bounds()
    yield Column("without_one_low", "without_one.low", NUMBER, "the least delta that leaving out one unit gives")
    yield Column("without_one_high", "without_one.high", NUMBER, "the largest")
    yield from estimate("substitutions_", "substitutions", "part of the delta that is substitutions")
    yield from estimate("deletions_", "deletions", "part of the delta that is deletions")
    yield from estimate("insertions_", "insertions", "part of the delta that is insertions")
    yield from _tests()
    yield from _changes()
    yield from _second()
    yield Column("relative_delta", "relative.value", NUMBER, "delta in per cent of the control's errors")
    yield Column("relative_low", "relative.low", NUMBER, "its interval")
    yield Column("relative_high", "relative.high", NUMBER, "its other end")
    yield from _verdict()


def _own_result() -> Iterator[Column]:
    """The rate is read back with its interval, which the control's is not."""
    for column in _result("", "result", "the arm"):
        is_rate = column.name == "rate"
        yield Column("rate", "rate.value", NUMBER, column.doc) if is_rate else column


def _type_of(row: Mapping[str, Any]) -> type[Measurement]:
    return Measurement if row["control"] is None else Comparison


COMPARISONS: Schema[Measurement] = Schema(
    "comparisons", "an arm, cell (language under a condition) and metric", tuple(_columns()), _type_of
)
