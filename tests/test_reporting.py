"""Reports: cells as model cards print them, pictures that are the same bytes every time."""

import math
from pathlib import Path

import pandas as pd
import pytest

from bench.reporting import render_table, write_forest, write_table
from bench.reporting.format import interval, mark, markdown_table, rate, signed
from bench.suite import Suite


@pytest.fixture
def suite() -> Suite:
    arms = [{"name": "control", "model": "a"}, {"name": "mla", "model": "b", "control": "control"}]
    return Suite.model_validate(
        {"name": "s", "label": "demo", "languages": ["en", "th"], "arms": arms, "corpus": {"kind": "demo"}}
    )


@pytest.fixture
def comparisons() -> pd.DataFrame:
    """Two languages of one converted arm, both metrics, and the control's own rows."""
    rows = []
    for arm, control in (("control", None), ("mla", "control")):
        for language, primary in (("en", "wer"), ("th", "cer")):
            for metric, delta in (("wer", 2.414), ("cer", -0.186)):
                row = {"arm": arm, "seed": None, "control": control, "language": language, "condition": "clean"}
                row |= {"loops": 0, "control_loops": 0.0}
                row |= {"metric": metric, "primary": metric == primary, "rate": 29.14, "clips": 99}
                row |= {"unreadable": 1, "truncated": 0, "speakers": 40, "floor": False}
                row |= {"significant": control is not None and metric == "wer", "signature": "corpus:x|bench:0"}
                if control:
                    row |= {"control_rate": 26.7, "delta": delta, "low": delta - 1, "high": delta + 1, "p": 0.01}
                rows.append(row)
    return pd.DataFrame(rows)


def test_cells_read_as_on_a_card() -> None:
    assert signed(2.414) == "+2.41"
    assert signed(-0.186) == "−0.19"
    assert signed(math.nan) == "n/a"
    assert interval(-1.0, 2.0) == "[−1.00, +2.00]"
    assert interval(-math.inf, math.inf) == interval(math.nan, math.nan) == "[not determined]"
    assert interval(0.0, 0.0) == "[no difference]"
    assert [mark(True, False), mark(False, False), mark(True, True)] == ["✱", "(ns)", "floor"]
    assert rate(29.14) == "29.1"
    assert markdown_table(["a", "bb"], [["ccc", "d"]]) == "| a   | bb |\n| --- | -- |\n| ccc | d  |"


def test_the_table(suite: Suite, comparisons: pd.DataFrame) -> None:
    lines = render_table(suite, comparisons).splitlines()
    assert lines[0] == "demo: synthetic speech, micro models"
    assert "my-suite.toml" in lines[-1]
    english, thai = (" ".join(line.split()) for line in lines if line.startswith(("| en", "| th")))
    assert english == "| en | 29.1 / 29.1 | 26.7 / 26.7 | +2.41 [+1.41, +3.41] | ✱ | 99 (+1 unreadable) | 40 |"
    assert thai == "| th | 29.1 / 29.1 | 26.7 / 26.7 | −0.19 CER [−1.19, +0.81] | (ns) | 99 (+1 unreadable) | 40 |"
    assert "- median cost over the 1 WER rows (en): +2.41; none of them is a floor row" in lines
    assert "signature: `corpus:x|bench:0`" in lines


def test_loops_bring_the_capped_cost(suite: Suite, comparisons: pd.DataFrame) -> None:
    looping = (comparisons["arm"] == "mla") & (comparisons["language"] == "en")
    comparisons.loc[looping, "loops"] = 3
    comparisons[["capped_delta", "capped_low", "capped_high"]] = [0.5, -0.25, 1.25]
    lines = render_table(suite, comparisons).splitlines()
    capped = "- en, loops: 3 (0 in control); with each clip's errors capped at its length, cost +0.50 [−0.25, +1.25]"
    assert [line for line in lines if "capped" in line] == [capped]


def test_a_suite_of_controls_has_rates_alone(suite: Suite, comparisons: pd.DataFrame) -> None:
    alone = suite.model_copy(update={"arms": suite.arms[:1]})
    text = render_table(alone, comparisons)
    assert "| en   | 29.1 | 29.1 |" in text
    assert "cost" not in text


def test_files_are_written_and_repeatable(suite: Suite, comparisons: pd.DataFrame, tmp_path: Path) -> None:
    contents = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        write_table(suite, comparisons, folder)
        write_forest(suite, comparisons, folder)
        contents.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert set(contents[0]) == {"table.md", "table.csv", "cost.svg", "cost.png"}
    assert contents[0] == contents[1]
    csv = pd.read_csv(tmp_path / "a" / "table.csv", comment="#")
    assert len(csv) == len(comparisons)
    assert "th (CER)" in contents[0]["cost.svg"].decode()
