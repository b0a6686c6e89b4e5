"""The columns of what is computed over comparisons: summaries, slices, seeds, training and so on."""

from __future__ import annotations

from collections.abc import Iterator

from bench.comparing.interactions import Interaction
from bench.comparing.new_language import NewLanguage
from bench.comparing.schema.shared import about_arm, about_cell, control, ends, estimate, identified
from bench.comparing.seeds import SeedCost
from bench.comparing.slices import Slice
from bench.comparing.summaries import Summary
from bench.comparing.thresholds import Threshold
from bench.comparing.training import TrainingChange
from bench.io.columns import COUNT, FLAG, NUMBER, TEXT, TEXTS, Column, Schema


def _summary_columns() -> Iterator[Column]:
    yield Column("of", "of", TEXT, "id of the arm; of a slope, its family")
    yield Column("family", "family", TEXT, "the recipe that arms of several sizes share")
    yield Column("condition", "condition", TEXT, "what was done to the audio")
    yield Column("metric", "metric", TEXT, "wer or cer: of languages whose cost is of that metric")
    yield Column(
        "quantity", "quantity", TEXT, "cost; zero-shot: before training; more than clean: above the clean cost"
    )
    yield Column("statistic", "statistic", TEXT, "median or mean over the languages")
    yield Column("is_slope", "is_slope", FLAG, "whether it is the trend over sizes, a doubling of parameters")
    yield Column("with_floors", "with_floors", FLAG, "whether floors are among the languages where there are any")
    yield Column("languages", "languages", TEXTS, "those it is over")
    yield Column("floors", "floors", TEXTS, "those of them whose control is unusable")
    yield Column("value", "estimate.value", NUMBER, "the statistic, points")
    yield from ends("", "estimate")


def _slice_columns() -> Iterator[Column]:
    yield from about_arm()
    yield from about_cell()
    yield Column("slice", "kind", TEXT, "length (of the reference), gender, age or accent")
    yield Column("value", "value", TEXT, "which of them")
    yield Column("clips", "clips", COUNT, "clips in the slice")
    yield Column("speakers", "speakers", COUNT, "speakers with a clip in it; 0 where clips are resampled")
    yield Column("rate", "rate", NUMBER, "the arm's error rate, per cent")
    yield Column("control_rate", "control_rate", NUMBER, "the control's")
    yield Column("delta", "delta.value", NUMBER, "the arm's rate minus its control's, points")
    yield from ends("", "delta")
    yield Column("p", "p", NUMBER, "two-sided p of no difference")
    yield Column("p_bh", "p_bh", NUMBER, "the same after Benjamini and Hochberg over all slices of the arm")


def _seed_columns() -> Iterator[Column]:
    yield Column("arm", "name", TEXT, "name of the arms that differ in their training seed")
    yield Column("language", "language", TEXT, "the language, or of how many it is the mean", derived=True)
    yield Column("languages", "languages", TEXTS, "those it is the mean over")
    yield Column("is_mean", "is_mean", FLAG, "whether it is a mean over languages")
    yield Column("condition", "condition", TEXT, "what was done to the audio")
    yield Column("metric", "metric", TEXT, "wer or cer")
    yield Column("seeds", "seeds", COUNT, "training seeds")
    yield Column("controls", "controls", COUNT, "controls that they stand against")
    yield from estimate("", "delta", "mean delta")
    yield Column("df", "df", NUMBER, "Satterthwaite's degrees of freedom")
    yield Column("p", "p", NUMBER, "two-sided p of no difference; null under three seeds")
    yield Column("primary", "primary", FLAG, "whether the metric makes the language's cost")
    yield Column("control_rate", "control_rate", NUMBER, "mean rate of the controls, per cent")
    yield Column("floor", "floor", FLAG, "whether they are unusable")
    yield Column("p_adjusted", "p_adjusted", NUMBER, "p after Holm over the languages")
    yield Column("significant", "significant", FLAG, "the mark")
    yield Column("direction", "direction", TEXT, "worse, better or undecided")


def _training_columns() -> Iterator[Column]:
    yield from about_arm()
    yield from about_cell()
    yield Column("kind", "kind", TEXT, "training: the arm minus its start; zero-shot: its start minus the control's")
    yield from identified("of", "of", "the arm that is subtracted from")
    yield from identified("against", "against", "the arm that is subtracted")
    yield Column("rate", "rate", NUMBER, "error rate of the former, per cent")
    yield Column("against_rate", "against_rate", NUMBER, "of the latter")
    yield Column("delta", "delta.value", NUMBER, "difference, points")
    yield from ends("", "delta")
    yield Column("p", "p", NUMBER, "two-sided p of no difference")


def _interaction_columns() -> Iterator[Column]:
    yield from about_arm()
    yield from control()
    yield from about_cell()
    yield Column("primary", "primary", FLAG, "whether the metric makes the language's cost")
    yield Column("clips", "clips", COUNT, "clips that are readable here and on clean speech")
    yield Column("floor", "floor", FLAG, "whether the control is unusable here")
    yield Column("cost", "cost", NUMBER, "the arm's rate minus its control's here, points")
    yield Column("clean_cost", "clean_cost", NUMBER, "the same on clean speech")
    yield Column("difference", "difference.value", NUMBER, "cost minus clean cost, points")
    yield from ends("", "difference")
    yield Column("p_difference", "p_difference", NUMBER, "two-sided p of no such difference")
    yield Column("mde_alone", "mde_alone", NUMBER, "difference that a test of this cell alone finds with 80 % chance")
    capped = "difference with each clip's errors at most its length"
    yield Column("capped_difference", "capped_difference.value", NUMBER, capped)
    yield from ends("capped_", "capped_difference")
    yield Column("ratio", "ratio.value", NUMBER, "the arm's relative error rate here over the clean one")
    yield from ends("ratio_", "ratio")
    yield Column("p_ratio", "p_ratio", NUMBER, "two-sided p of a ratio of 1")
    yield Column("p_more", "p_more", NUMBER, "one-sided p of no more in points, or of no higher ratio: the larger")
    grid = "the same after Benjamini and Hochberg over the arm's languages and conditions"
    yield Column("p_more_bh", "p_more_bh", NUMBER, grid)
    yield Column("hurts_more", "hurts_more", FLAG, "whether the cost exceeds the clean one on both scales")


def _threshold_columns() -> Iterator[Column]:
    yield from about_arm()
    yield from control()
    yield Column("language", "language", TEXT, "Whisper's code")
    yield Column("ladder", "ladder", TEXT, "the entry of the suite's conditions")
    yield Column("metric", "metric", TEXT, "wer or cer, whichever makes the language's cost")
    yield Column("clips", "clips", COUNT, "clips that are readable on every rung")
    yield Column("rate", "rate", NUMBER, "twice the control's clean rate, per cent")
    reached = "where the control reaches it; infinite: nowhere; null: not known"
    yield Column("control_snr_db", "control_snr_db", NUMBER, reached)
    yield Column("snr_db", "snr_db", NUMBER, "where the arm does")
    yield Column("shift_db", "shift.value", NUMBER, "how much less noise the arm bears; null where one does not")
    yield from ends("", "shift")
    yield Column("p", "p", NUMBER, "two-sided p of no shift")
    yield Column("refused", "refused", TEXT, "why no shift is given: rungs over 5 dB apart where a curve crosses")
    yield Column("p_bh", "p_bh", NUMBER, "the same after Benjamini and Hochberg over the arm's ladders and languages")
    yield Column("shifted", "shifted", FLAG, "whether a shift remains")


def _new_language_columns() -> Iterator[Column]:
    yield from about_arm()
    yield Column("metric", "metric", TEXT, "wer or cer: of languages whose cost is of that metric")
    yield Column("capped", "capped", FLAG, "whether of costs with each clip's errors at most its length")
    yield Column("languages", "languages", TEXTS, "those it is made from")
    assumed = "those of them with too few changes for a standard error of their own"
    yield Column("assumed", "assumed", TEXTS, assumed)
    yield Column("floors", "floors", TEXTS, "left out: those whose control is unusable")
    yield Column("unknown", "unknown", TEXTS, "left out: those of which no standard error can be told")
    yield Column("tau", "tau", NUMBER, "standard deviation of true costs between languages, points; null: too few")
    yield Column("i2", "i2", NUMBER, "per cent of the variation between costs that is not the sampling of clips")
    yield Column("mean", "mean.value", NUMBER, "mean over all languages of their kind, points")
    yield Column("standard_error", "mean.standard_error", NUMBER, "its standard error, modified Knapp-Hartung")
    yield from ends("", "mean")
    true = "where the true cost of a language not measured lies, with 95 %"
    yield Column("prediction_low", "prediction.low", NUMBER, true)
    yield Column("prediction_high", "prediction.high", NUMBER, "its other end")


SUMMARIES = Schema(
    "summaries", "an arm or family, condition, metric and statistic", tuple(_summary_columns()), lambda _: Summary
)
SLICES = Schema("slices", "a converted arm and part of a clean cell", tuple(_slice_columns()), lambda _: Slice)
SEEDS = Schema(
    "seeds", "a name with several training seeds and a clean cell", tuple(_seed_columns()), lambda _: SeedCost
)
TRAINING = Schema("training", "a trained arm and clean cell", tuple(_training_columns()), lambda _: TrainingChange)
INTERACTIONS = Schema(
    "interactions", "a converted arm, noisy cell and metric", tuple(_interaction_columns()), lambda _: Interaction
)
THRESHOLDS = Schema(
    "thresholds", "a converted arm, language and ladder", tuple(_threshold_columns()), lambda _: Threshold
)
NEW_LANGUAGES = Schema(
    "new_languages", "a converted arm and metric, raw or capped", tuple(_new_language_columns()), lambda _: NewLanguage
)
