"""Bytes in closed form: against published figures, and against what a live cache holds."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bench.memory.budget import Decoding
from bench.memory.closed_form import budget_of, count_parameters
from bench.memory.variants import EXACT_SHAPES, list_variants
from bench.memory_records import Load
from bench.mla.cache_layout import CacheLayout
from bench.mla.dimensions import WHISPERS, Dimensions, read_dimensions
from bench.mla.layout import layout_of
from bench.mla.shapes import LatentShape, Module
from bench.mla.sizes import make_config
from tests.conftest import Command, refusal
from tests.skeletons import make_skeleton

PUBLISHED = {"tiny": 37.76, "base": 72.59, "small": 241.73, "medium": 763.86, "large-v3": 1543.49, "turbo": 808.88}
"""Millions of parameters, of the checkpoints on the hub."""
ROUNDED = {
    **{"tiny.en": 38, "base.en": 73, "small.en": 242, "medium.en": 764, "large-v2": 1543},
    **{"distil-small.en": 166, "distil-medium.en": 394, "distil-large-v2": 756, "distil-large-v3": 756},
}
"""As their cards say."""
DECODING = Decoding(Load(batch=1, beams=1, positions=448), frames=1500, itemsize=2)
SHORT = replace(DECODING, load=Load(batch=1, beams=1, positions=50))


@pytest.mark.parametrize("name", list(WHISPERS))
def test_weights_are_those_of_the_published_sizes(name: str) -> None:
    millions = count_parameters(read_dimensions(name), {}) / 1e6
    expected, close = (PUBLISHED[name], 0.01) if name in PUBLISHED else (ROUNDED[name], 0.6)
    assert millions == pytest.approx(expected, abs=close)


@pytest.mark.parametrize(
    ("name", "own", "cross", "cache"),
    [
        ("tiny", 2_688, 9_000, 11.41),
        ("base", 5_376, 18_000, 22.83),
        ("small", 16_128, 54_000, 68.48),
        ("medium", 43_008, 144_000, 182.6),
        ("large-v3", 71_680, 240_000, 304.4),
    ],
)
def test_a_clip_in_half_precision(name: str, own: int, cross: int, cache: float) -> None:
    """2 x layers x width x 2 bytes x positions: KiB, KiB, MiB."""
    budget = budget_of(read_dimensions(name), {}, DECODING)
    assert (budget.own, budget.cross) == (own * 1024, cross * 1024)
    assert budget.lines["decode_cache"] / 2**20 == pytest.approx(cache, rel=1e-3)


def saved(cut: float | None, decoding: Decoding, form: int, line: str) -> float:
    stock, *others = list_variants(read_dimensions("tiny"), decoding, cut, ["self"])
    change = others[form].change(line, stock)
    assert change is not None
    return -change


def test_what_the_published_cut_saves() -> None:
    """62.5 % of the self-attention cache is a seventh of the decode cache, and less beside short transcripts."""
    assert saved(0.625, DECODING, 0, "own") == pytest.approx(62.5)
    assert saved(0.625, DECODING, 0, "decode_cache") == pytest.approx(14.4, abs=0.05)
    assert saved(0.625, SHORT, 0, "decode_cache") == pytest.approx(2.0, abs=0.05)
    assert saved(0.625, DECODING, 0, "beside_weights") == pytest.approx(13.1, abs=0.05)
    assert saved(0.625, DECODING, 2, "decode_cache") == pytest.approx(78.9, abs=0.05)
    assert saved(0.625, DECODING, 2, "beside_weights") == pytest.approx(80.7, abs=0.05)


def test_clips_and_beams_are_rows() -> None:
    tiny = read_dimensions("tiny")
    one = budget_of(tiny, {}, DECODING)
    many = budget_of(tiny, {}, replace(DECODING, load=Load(batch=3, beams=5, positions=448)))
    assert (many.own, many.cross, many.states) == (15 * one.own, 15 * one.cross, 15 * one.states)
    assert many.weights == one.weights


@pytest.mark.parametrize("name", ["tiny", "distil-small.en", "turbo"])
@pytest.mark.parametrize(
    "latents",
    [
        {},
        EXACT_SHAPES,
        {"self": LatentShape(kept=0, rank=96)},
        {"self": LatentShape(kept=0, rank=(None, 100, 30, 7)), "cross": LatentShape(kept=0, rank=9, shared=True)},
        {"cross": LatentShape(kept=120, rank=33)},
    ],
)
def test_parameters_and_layout_are_those_of_a_model_that_is_built(
    name: str, latents: dict[Module, LatentShape]
) -> None:
    config = make_config(name)
    skeleton = make_skeleton(config, latents)
    assert {parameter.device for parameter in skeleton.parameters()} == {torch.device("meta")}
    dimensions = Dimensions.of_config(config)
    assert count_parameters(dimensions, latents) == sum(weight.numel() for weight in skeleton.parameters())
    assert CacheLayout.of(dimensions, latents) == layout_of(skeleton)


def test_the_command_prints_and_writes(bench: Command, tmp_path: Path) -> None:
    done = bench("memory", "--budget", "tiny", "--cut", "0.625", "--json", "b.json")
    assert done.returncode == 0, done.stderr
    assert "−14.4 %" in done.stdout
    assert "nothing measured" in done.stdout
    forms = {form["form"]: form for form in json.loads((tmp_path / "b.json").read_text())["forms"]}
    assert forms["stock"]["decode_cache"] == 2 * 4 * 384 * 2 * (448 + 1500)
    assert list(forms) == ["stock", "62.5 % cut (self)", "int8 cache", "exact (self + cross)"]


def test_a_folder_is_as_good_as_a_name(bench: Command, model_folders: dict[str, Path]) -> None:
    done = bench("memory", "--budget", model_folders["control"], "--tokens", "20")
    assert done.returncode == 0, done.stderr
    assert "20 text positions, 150 encoder positions" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["huge"], "huge: neither a folder with a config.json nor one of tiny, tiny.en, base"),
        (["tiny", "--cut", "1.5"], "cache cut 1.5"),
        (["tiny", "--cut", "0.3"], "wider than the model"),
        (["tiny", "--tokens", "449"], "--tokens 449: tiny has 448 positions at most"),
        (["tiny", "--frames", "2000"], "--frames 2000: tiny has 1500"),
        (["tiny", "--dtype", "float8"], "--dtype float8: choose one of float32"),
        (["tiny", "--cut", "0.5", "--modules", "encoder"], "--modules encoder: choose decoder-self, cross"),
    ],
)
def test_what_cannot_be_budgeted(arguments: list[str], complaint: str) -> None:
    assert complaint in refusal("memory", "--budget", *arguments)
