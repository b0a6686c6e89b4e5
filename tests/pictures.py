"""Suites of any size with made-up records, and the texts that a picture of them shows."""

import math
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from bench.analysis.memory.capacity import Capacity
from bench.analysis.memory.headlines import ClipBytes
from bench.comparing import Results, Summary
from bench.data import DataReport, LanguageData
from bench.reporting.figures.style import settle
from bench.scoring import METRICS, Metric
from bench.suite import CLEAN, Suite
from tests.flat import make_measurements, make_summary

LANGUAGES = (
    *("en", "zh-CN", "hsb", "yue", "pt-BR", "th", "de", "es", "fr", "ru", "tr", "cy", "ar", "ka", "nan-tw"),
    *("ja", "sv-SE", "ga-IE", "nn-NO", "rm-sursilv", "ckb", "kab", "sw", "cmn_hans_cn"),
)
BY_CHARACTERS = ("zh-CN", "yue", "th", "ja", "cmn_hans_cn")
LONG = "whisper-small-balanced-latent"
"""With what is added, a name of thirty characters and more."""
LADDERS: tuple[dict[str, Any], ...] = (
    {"name": "white", "kind": "noise", "noise": "white"},
    {"name": "speech-shaped", "kind": "noise", "noise": "speech-shaped", "snr_db": [*range(-10, 32, 3)]},
)
OTHERS: tuple[dict[str, Any], ...] = (
    {"name": "telephony", "kind": "telephony"},
    {"name": "far-field-and-a-telephone", "kind": "far-field"},
    {"name": "overlap", "kind": "overlap"},
)


def make_suite(languages: int, converted: int, conditions: Sequence[dict[str, Any]] = LADDERS + OTHERS) -> Suite:
    arms = [{"name": "control", "model": "m"}]
    arms += [{"name": f"{LONG}-{number}", "model": "m", "control": "control"} for number in range(converted)]
    return Suite.model_validate(
        {
            "name": "s",
            "languages": LANGUAGES[:languages],
            "arms": arms,
            "conditions": [{"name": CLEAN}, *conditions],
            "corpus": {"kind": "manifest"},
            "scoring": {"cer_primary": BY_CHARACTERS},
        }
    )


def make_results(suite: Suite, largest: float = 226.0) -> Results:
    """Costs that grow with noise; the last arm costs up to `largest`, and some intervals are not determined."""
    rng = np.random.default_rng(3)
    rows: list[dict[str, Any]] = []
    means: list[Summary] = []
    for place, arm in enumerate(suite.arms):
        level = 0.0 if place == 0 else largest if place == len(suite.arms) - 1 > 0 else 2.0 * (place % 5) - 2
        for condition in suite.conditions:
            noise = 30 - min(30.0, 30.0 if condition.snr_db is None else condition.snr_db)
            about = {"arm": arm.name, "seed": None, "control": arm.control, "condition": condition.name}
            cells = [_cell(rng, language, level, noise) for language in suite.languages]
            rows += [about | cell for cell in cells]
            if arm.control:
                means += [mean for metric in METRICS for mean in _means(arm.id, condition.name, metric, cells)]
    signature = "corpus:made-up|" + "|".join(f"models:{arm.id}=0123abcd" for arm in suite.arms)
    return Results(signature, "0", make_measurements(rows), tuple(means))


def _cell(rng: np.random.Generator, language: str, level: float, noise: float) -> dict[str, Any]:
    cost, half = level * rng.uniform(0.5, 1) + rng.normal() * 2, rng.uniform(0.5, 8)
    rate = 20 + 2.2 * noise + max(0.0, cost)
    half = math.inf if rng.random() < 0.06 else half
    return {
        **{"language": language, "metric": "cer" if language in BY_CHARACTERS else "wer", "primary": True},
        **{"delta": cost, "low": cost - half, "high": cost + half, "significant": abs(cost) > half},
        **{"rate": rate, "rate_low": rate - half, "rate_high": rate + half, "floor": noise > 32},
    }


def _means(arm: str, condition: str, metric: Metric, cells: list[dict[str, Any]]) -> list[Summary]:
    """As of an arm and condition: over the languages that are no floors; none where there are none."""
    kept = [cell for cell in cells if cell["metric"] == metric and not cell["floor"]]
    if not any(cell["metric"] == metric for cell in cells):
        return []
    value = float(np.mean([cell["delta"] for cell in kept])) if kept else math.nan
    half = 4 / math.sqrt(len(kept)) if kept else math.nan
    about = {"condition": condition, "statistic": "mean", "with_floors": False}
    about |= {"languages": tuple(cell["language"] for cell in kept)}
    return [
        make_summary(arm, metric, value, half, **about, quantity=quantity) for quantity in ("cost", "more than clean")
    ]


def make_data(languages: int) -> DataReport:
    """The last language names no speaker."""
    rng, found = np.random.default_rng(4), []
    for place, language in enumerate(LANGUAGES[:languages]):
        clips = int(10 ** rng.uniform(1.5, 4))
        speakers = np.sort(rng.integers(1, 12_000, 1200))[::-1] if place < languages - 1 or place == 0 else np.array([])
        seconds = rng.gamma(6, 1.2, clips)
        counts: dict[str, int] = {}
        found.append(
            LanguageData(
                language, clips, seconds, np.ones(clips), speakers, counts, counts, "0123456789abcdef", (), None
            )
        )
    return DataReport("common-voice-23.0-2025-09-05/test", tuple(found), 0)


def make_clips(arms: int, controls: int = 1) -> list[ClipBytes]:
    return [
        ClipBytes(
            f"{LONG}-{control}-{arm}" if arm else f"{LONG}-control-{control}",
            f"{LONG}-control-{control}" if arm else None,
            *("float16", 447, 24_000.0 * 3**control / (1 + arm), 9e6 * 3**control, 1e6, 75_000_000 * 3**control),
        )
        for control in range(controls)
        for arm in range(arms + 1)
    ]


def make_capacities(clips: list[ClipBytes]) -> list[Capacity]:
    """From some hundreds of thousands of clips to one that fits the smallest limit by a hair."""
    fixed = [3.9 * 2**30 if place == 1 else float(clip.weights) for place, clip in enumerate(clips)]
    sizes = [1.1e6 if place == 2 else 1e8 if place == 1 else 2e7 * (1 + place) for place in range(len(clips))]
    return [
        Capacity(clip.arm, clip.control, clip.dtype, 447, at_start, a_clip, True, None)
        for clip, at_start, a_clip in zip(clips, fixed, sizes, strict=True)
    ]


def texts_of(figure: Figure) -> list[tuple[str, Bbox]]:
    """Every text that is drawn where it is saved, with its box in pixels."""
    drawn: dict[int, tuple[str, Bbox]] = {}
    draw = Text.draw

    def note(text: Text, renderer: Any, *others: Any) -> None:
        if text.get_visible() and text.get_text().strip():
            drawn[id(text)] = (text.get_text(), text.get_window_extent(renderer))
        draw(text, renderer, *others)

    settle(figure)
    with patch.object(Text, "draw", note):
        figure.draw_without_rendering()
    return list(drawn.values())


def faults_of(figure: Figure) -> list[str]:
    """A line for every two texts that overlap by more than a pixel, and every text that is cut off."""
    texts = texts_of(figure)
    boxes = np.array([box.extents for _, box in texts])
    low, high = np.maximum(boxes[:, None, :2], boxes[None, :, :2]), np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    over = np.triu(((high - low) > 1).all(axis=2), 1)
    faults = [f"{texts[one][0]!r} overlaps {texts[other][0]!r}" for one, other in zip(*np.nonzero(over), strict=True)]
    width, height = figure.get_size_inches() * figure.dpi
    outside = (boxes[:, :2] < -1).any(axis=1) | (boxes[:, 2:] > np.array([width, height]) + 1).any(axis=1)
    return faults + [f"{texts[place][0]!r} is cut off" for place in np.nonzero(outside)[0]]
