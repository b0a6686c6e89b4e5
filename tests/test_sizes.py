"""Cost over model size and over the decode cache: the points, and the pictures as typed."""

from pathlib import Path

import pandas as pd

from bench.analysis.frontier import trades_of
from bench.analysis.published import PARAMETERS
from bench.analysis.size_curves import size_curves
from bench.comparing import Results
from bench.mla.dimensions import WHISPERS
from bench.mla.sizes import make_config
from bench.reporting.tables.overview import overview_section
from bench.suite import ArmSpec, Suite
from tests.conftest import Command, write_clips, write_suite
from tests.flat import make_results, make_summary
from tests.skeletons import make_skeleton

STATISTICS = ("median", "mean")


def make_costs(costs: dict[str, float], slope: float | None = None) -> Results:
    """Median and mean costs by arm, each with an interval of a point each way."""
    summaries = [make_summary(arm, "wer", cost, statistic=name) for arm, cost in costs.items() for name in STATISTICS]
    summaries += [] if slope is None else [make_summary("fam", "wer", slope, is_slope=True)]
    rows = [
        {"arm": arm, "control": "control", "language": "en", "delta": cost, "low": cost - 1, "high": cost + 1}
        for arm, cost in costs.items()
    ]
    return make_results(rows, summaries)


def make_suite(*arms: ArmSpec) -> Suite:
    return Suite.model_validate({"name": "s", "languages": ["en"], "arms": arms, "corpus": {"kind": "manifest"}})


def test_a_family_is_a_curve_over_its_controls() -> None:
    arms = [ArmSpec(name=name, model="m") for name in ("big", "small")]
    arms += [ArmSpec(name=f"{name}-mla", model="m", control=name, family="fam") for name in ("big", "small")]
    curves = list(
        size_curves(make_suite(*arms), make_costs({"big-mla": 1.0, "small-mla": 3.0}, -2.0), {"big": 80, "small": 40})
    )
    (curve,) = curves
    assert [(point.arm, point.parameters, point.median.value) for point in curve.points] == [
        ("small-mla", 40, 3.0),
        ("big-mla", 80, 1.0),
    ]
    assert curve.slope is not None
    assert curve.slope.value == -2.0
    assert curve.points[0].languages["en"].value == 3.0


def test_what_costs_more_and_saves_less_is_dominated() -> None:
    """But not by an arm that is held against another control."""
    arms = [ArmSpec(name=name, model="m") for name in ("control", "other")]
    arms += [ArmSpec(name=name, model="m", control="control") for name in ("cut", "worse", "exact")]
    caches = {"control": 100.0, "cut": 60.0, "worse": 70.0, "exact": 40.0, "other": 10.0}
    trades = trades_of(make_suite(*arms), make_costs({"cut": 2.0, "worse": 3.0, "exact": 0.0}), caches, "wer")
    dominated = {trade.arm: trade.dominated for trade in trades}
    assert dominated == {"control": True, "other": False, "cut": True, "worse": True, "exact": False}
    without = trades_of(make_suite(*arms[:-1]), make_costs({"cut": 2.0, "worse": 3.0}), caches, "wer")
    assert {trade.arm: trade.dominated for trade in without} == {
        **dict.fromkeys(("control", "other", "cut"), False),
        "worse": True,
    }


def test_a_control_that_is_unusable_in_a_language_says_nothing_of_an_arm() -> None:
    """Neither against bytes nor in the table of all arms, which names what it leaves out."""
    arms = [ArmSpec(name="control", model="m")]
    arms += [ArmSpec(name=name, model="m", control="control") for name in ("a", "b", "c")]
    of_all = [
        make_summary(arm.name, "wer", 90.0, statistic="mean", floors=("ka",), languages=("en", "ka"))
        for arm in arms[1:]
    ]
    usable = [make_summary(arm.name, "wer", 2.0, statistic="mean", with_floors=False) for arm in arms[1:]]
    rows = [
        {"arm": arm.name, "control": "control", "language": "en", "delta": 2.0, "low": 1.0, "high": 3.0}
        for arm in arms[1:]
    ]
    results, caches = make_results(rows, of_all + usable), {arm.name: 10.0 for arm in arms}
    costs = [trade.cost.value for trade in trades_of(make_suite(*arms), results, caches, "wer")]
    assert costs == [0.0, 2.0, 2.0, 2.0]
    table = overview_section(make_suite(*arms), results)
    assert table.count("+2.00") == 3
    assert "90" not in table
    assert table.endswith("Means leave out floor rows: ka.")


def test_sizes_are_those_of_the_published_models() -> None:
    for name, parameters in PARAMETERS.items():
        assert name in WHISPERS
        assert parameters == sum(weight.numel() for weight in make_skeleton(make_config(name)).parameters())


def test_as_typed(bench: Command, tmp_path: Path, model_folders: dict[str, Path]) -> None:
    suite = write_suite(tmp_path / "a.toml", model_folders, write_clips(tmp_path / "clips"))
    text = suite.read_text(encoding="utf-8") + "\n[memory]\nbatch = [1]\ntokens = [20]\n"
    suite.write_text(text, encoding="utf-8")
    assert bench("run", suite).returncode == 0
    assert "no arm has a family, and neither memory nor time is measured" in bench("curve", suite).stderr
    assert bench("memory", suite).returncode == 0
    drawn = bench("curve", suite)
    assert drawn.returncode == 0, drawn.stderr
    assert sorted(path.name for path in (tmp_path / "reports" / "mine").glob("frontier.*")) == [
        "frontier.png",
        "frontier.svg",
    ]
    suite.write_text(text.replace('control = "control" }', 'control = "control", family = "f" }'), encoding="utf-8")
    assert bench("run", suite).returncode == 0
    assert bench("curve", suite).returncode == 0
    table = pd.read_csv(tmp_path / "reports" / "mine" / "curve.csv", comment="#")
    assert list(table["language"]) == ["median", "en", "de"]
    assert bench("table", suite).returncode == 0
    assert bench("verify", suite).returncode == 0
    (tmp_path / "reports" / "mine" / "curve.csv").write_text("nothing")
    assert "curve.csv" in bench("verify", suite).stdout
