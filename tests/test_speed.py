"""`bench speed`, as typed: every way on the same clips, ratios, and texts that agree."""

import json
from pathlib import Path

import pytest

from bench.speed.record import BENCH, GENERATE, PIPELINE, Portion, SpeedRecord
from tests.conftest import Command

SUITE = """
name = "quick"
label = "demo"
languages = ["cy"]
arms = [
  {{ name = "control", model = "demo:48-control-seed0" }},
  {{ name = "svd", model = "svd-87.5:control", control = "control" }},
  {{ name = "int8", model = "demo:48-control-seed0", kv = "int8", control = "control" }},
  {{ name = "eager", model = "demo:48-control-seed0", attention = "eager", control = "control" }},{more}
]
[corpus]
kind = "demo"
utterances = 10
[decode]
batch = 4
max_new_tokens = 20
"""


def test_all_ways_take_turns_and_say_the_same(bench: Command, tmp_path: Path) -> None:
    (tmp_path / "quick.toml").write_text(SUITE.format(more=""), encoding="utf-8")
    done = bench("speed", tmp_path / "quick.toml")
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "results" / "quick" / "speed_ways.json").read_text(encoding="utf-8"))
    assert [portion["clips"] for portion in record["portions"]] == [4, 4, 2]
    assert record["equal"][GENERATE] == {"control": 10, "svd": 10, "int8": 10}
    assert record["equal"][PIPELINE] == {"control": 10, "svd": 10}
    assert record["searched"] == {"control": 3, "svd": 3, "int8": 0}
    assert "10 of 10" in done.stdout
    assert "quick: 3 arms, 10 clips" in done.stdout


def test_arms_of_other_encoders_are_not_timed_together(bench: Command, tmp_path: Path) -> None:
    other = '\n  { name = "other", model = "demo:72-control", control = "control" },'
    (tmp_path / "quick.toml").write_text(SUITE.format(more=other), encoding="utf-8")
    refused = bench("speed", tmp_path / "quick.toml")
    assert refused.returncode == 2
    assert "arm other has another encoder than control" in refused.stderr


def test_ratios_are_medians_over_batches() -> None:
    def portion(encoder: float, first: float, second: float, alone: float) -> Portion:
        ours = {"encoder": encoder, "control": first, "exact": second}
        return Portion(4, 10.0, {BENCH: ours, GENERATE: {"control": alone, "exact": 2 * alone}})

    portions = (portion(4, 1, 1, 4), portion(1, 1, 2, 4), portion(2, 1, 1, 4))
    facts = {"device": "cpu", "threads": 1, "batch": 4, "versions": {}, "equal": {}, "searched": {}, "again": {}}
    record = SpeedRecord(suite="mine", arms=("control", "exact"), portions=portions, **facts)  # type: ignore[arg-type]
    assert record.ratio(GENERATE) == 3
    assert record.further("exact", GENERATE) == pytest.approx(1 / 8)
    assert record.share("encoder") == pytest.approx(7 / 14)
    assert record.clips == 12
    assert record.ways == (GENERATE,)
