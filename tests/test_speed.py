"""`bench speed`, as typed: every way on the same clips, ratios, and texts that agree."""

import json
from pathlib import Path

import pandas as pd
import pytest

from bench import equality_study
from bench.reporting.figures.speed import draw_speed
from bench.reporting.tables.speed import render_speed
from bench.runners.search import Searcher
from bench.speed.growth import Cost, Growth
from bench.speed.record import BENCH, FASTER, GENERATE, PIPELINE, Portion, SpeedRecord, read_speed_record
from tests.conftest import Command

SPEED = Path(__file__).parents[1] / "results" / "speed"
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
    assert all((tmp_path / "results" / "quick" / f"speed_ways.{kind}").stat().st_size for kind in ("svg", "png"))


def test_every_token_is_held_against_generate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one that is another is counted."""
    path = tmp_path / "quick.toml"
    path.write_text(SUITE.format(more=""), encoding="utf-8")
    equality_study.main(tmp_path, [str(path)])
    ours = Searcher.decode
    monkeypatch.setattr(Searcher, "decode", lambda *given: [[*row[:-1], 0] for row in ours(*given)])
    equality_study.main(tmp_path, [str(path)])
    rows = pd.read_csv(tmp_path / "equality.csv")
    assert list(rows.arm) == ["control", "svd", "int8", "eager"] * 2
    assert set(rows.decodes) == {10}
    assert list(rows.equal) == [10] * 4 + [0] * 4


def test_growth_is_of_one_batch_and_leaves_a_picture(bench: Command, tmp_path: Path) -> None:
    (tmp_path / "quick.toml").write_text(SUITE.format(more=""), encoding="utf-8")
    done = bench("speed", tmp_path / "quick.toml", "--growth")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "results" / "quick"
    record = json.loads((folder / "speed_growth.json").read_text(encoding="utf-8"))
    assert [(cost["clips"], cost["arms"]) for cost in record["clips"]] == [(4, 2), (16, 2), (64, 2)]
    assert [(cost["clips"], cost["arms"]) for cost in record["arms"]] == [(4, 1), (4, 2)]
    assert "quick: the same batch of 4 clips" in done.stdout
    assert all((folder / f"speed_growth.{kind}").stat().st_size for kind in ("svg", "png"))
    refused = bench("speed", tmp_path / "quick.toml", "--growth", "--clips", "9")
    assert refused.returncode == 2
    assert "--clips: --growth always takes one batch" in refused.stderr


def test_so_many_clips_as_asked_for(bench: Command, tmp_path: Path) -> None:
    (tmp_path / "quick.toml").write_text(SUITE.format(more=""), encoding="utf-8")
    assert bench("speed", tmp_path / "quick.toml", "--clips", "5").returncode == 0
    record = json.loads((tmp_path / "results" / "quick" / "speed_ways.json").read_text(encoding="utf-8"))
    assert [portion["clips"] for portion in record["portions"]] == [4, 1]


def test_arms_of_other_encoders_are_not_timed_together(bench: Command, tmp_path: Path) -> None:
    other = '\n  { name = "other", model = "demo:72-control", control = "control" },'
    (tmp_path / "quick.toml").write_text(SUITE.format(more=other), encoding="utf-8")
    refused = bench("speed", tmp_path / "quick.toml")
    assert refused.returncode == 2
    assert "arm other has another encoder than control" in refused.stderr


def test_faster_whisper_stands_beside_the_first_arm_alone() -> None:
    ours = {"encoder": 2.0, "control": 1.0, "exact": 7.0, "text": 0.0}
    seconds = {BENCH: ours, GENERATE: {"control": 3.0, "exact": 3.0}, FASTER: {"control": 1.5}}
    facts = {"device": "cpu", "threads": 1, "batch": 4, "versions": {}}
    counts = {"searched": {"control": 1, "exact": 1}, "again": {"control": 0, "exact": 0}}
    equal = {GENERATE: {"control": 4, "exact": 4}, FASTER: {"control": 3}}
    record = SpeedRecord(
        suite="mine", arms=("control", "exact"), portions=(Portion(4, 10.0, seconds),), equal=equal, **counts, **facts
    )  # type: ignore[arg-type]
    assert record.ways == (GENERATE,)
    assert record.first_alone(FASTER) == 0.5
    said = "faster-whisper takes 0.50 times as long for control as `bench run` without the other arms; 3 of 4 texts"
    assert said in render_speed(record)


def test_growth_is_in_parts_of_the_first() -> None:
    costs = (Cost(4, 2, 1.0, 9.0), Cost(16, 2, 4.4, 9.0))
    growth = Growth("mine", 4, costs, (Cost(4, 1, 0.8, 9.0), Cost(4, 2, 1.0, 9.0)))
    assert [growth.of_linear(cost) for cost in costs] == [1, pytest.approx(1.1)]
    assert growth.of_one(growth.arms[1]) == pytest.approx(1.25)


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


def test_bars_are_as_long_as_the_ratios() -> None:
    """And what they are made of is in parts of what all batches took."""
    ours = {"encoder": 3.0, "control": 0.5, "exact": 0.5}
    seconds = {BENCH: ours, GENERATE: {"control": 6.0, "exact": 2.0}}
    facts = {"device": "cpu", "threads": 1, "batch": 4, "versions": {}, "equal": {}, "searched": {}, "again": {}}
    record = SpeedRecord(suite="mine", arms=("control", "exact"), portions=(Portion(4, 10.0, seconds),), **facts)  # type: ignore[arg-type]
    (panel,) = draw_speed(record).axes
    bars = [(bar.get_y(), bar.get_x(), bar.get_width()) for bar in panel.patches if bar.get_width() > 0]
    rows = sorted({row for row, *_ in bars})
    widths = [[round(width, 9) for row, _, width in bars if row == which] for which in rows]
    assert widths == [[0.75, 0.125, 0.125], [1.5, 0.5]]
    assert [text.get_text().strip() for text in panel.texts] == ["1.00", "2.00"]


def test_the_record_says_what_was_measured() -> None:
    """The text of results/speed, beside the files that it tells of."""
    text = (SPEED / "README.md").read_text(encoding="utf-8")
    rows = pd.read_csv(SPEED / "equality.csv")
    total = f"{rows.equal.sum():,} of {rows.decodes.sum():,} decodes"
    assert total in " ".join(text.split())
    assert f"In {rows.again.sum()} of {rows.batches.sum():,} batches" in " ".join(text.split())
    for (name, *settings), of in rows.groupby(["suite", "transformers", "attention", "batch"], sort=False):
        share = of.seconds.sum() / of.seconds_generate.sum()
        counts = f"{len(of)} | {of.decodes.sum():,} | {of.equal.sum():,} | {of.again.sum()} of {of.batches.sum():,}"
        assert f"| {name} | {' | '.join(map(str, settings))} | {counts} | {share:.2f} |" in text
    for name in ("pair", "six", "tiny-random"):
        record = read_speed_record(SPEED / f"{name}.json")
        assert record is not None
        (row,) = (line for line in text.splitlines() if line.startswith(f"| [{name}]"))
        said = (
            f"| {len(record.arms)} | {record.clips} | {record.ratio(GENERATE):.2f} | **{record.ratio(PIPELINE):.2f}** |"
        )
        assert said in row
        same = {count for way in (GENERATE, PIPELINE) for count in record.equal[way].values()}
        assert same == {record.clips}
        further = {arm: f"{100 * record.further(arm, PIPELINE):.1f}" for arm in record.arms[1:]}
        eight_bits = further.pop("int8", None)
        ends = dict.fromkeys(sorted(further.values(), key=float)[:: max(1, len(further) - 1)])
        assert f"| {' to '.join(ends)} %{f'; int8 {eight_bits} %' if eight_bits else ''} |" in row
        if record.has_foreign:
            assert f"faster-whisper, float32, takes {record.first_alone(FASTER):.2f} of our time" in text
            assert f"({record.equal[FASTER][record.arms[0]]} of its {record.clips} texts" in text
    growth = json.loads((SPEED / "eight.json").read_text(encoding="utf-8"))
    costs = {kind: tuple(Cost(**cost) for cost in growth[kind]) for kind in ("clips", "arms")}
    grown = Growth(growth["suite"], growth["batch"], **costs)
    longer = [f"{grown.of_linear(cost) * cost.clips / grown.clips[0].clips:.4g}" for cost in grown.clips[1:]]
    assert f"take {' and '.join(longer)} times as long" in " ".join(text.split())
    assert [round(grown.of_one(cost), 2) for cost in grown.arms] == [1, 1.10, 1.21, 1.56]
    assert "of one arm's time two take 1.10, four 1.21, eight 1.56" in " ".join(text.split())
