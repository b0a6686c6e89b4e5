"""Reports: cells as model cards print them, pictures that are the same bytes every time."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.comparing import Comparison, Results
from bench.reporting.figures.forest import write_forest
from bench.reporting.tables.costs import render_table, write_table
from bench.reporting.text.cells import signature_line
from bench.reporting.text.format import cost_interval, interval, mark, probability, rate, signed, verdict
from bench.reporting.text.markdown import markdown_table
from bench.suite import Suite
from tests.flat import make_measurements, make_results, make_summary


@pytest.fixture
def suite() -> Suite:
    arms = [{"name": "control", "model": "a"}, {"name": "mla", "model": "b", "control": "control"}]
    return Suite.model_validate(
        {"name": "s", "label": "demo", "languages": ["en", "th"], "arms": arms, "corpus": {"kind": "demo"}}
    )


def make_row(arm: str, language: str, metric: str, delta: float, **changes: Any) -> dict[str, Any]:
    """A comparison row in which nothing in particular happens."""
    primary = "cer" if language == "th" else "wer"
    row: dict[str, Any] = {"arm": arm, "seed": None, "control": None, "language": language, "condition": "clean"}
    row |= {"metric": metric, "primary": metric == primary, "rate": 29.14, "clips": 99, "unreadable": 1}
    row |= {"truncated": 0, "speakers": 40, "unit": "speaker", "unit_note": "", "word_growth": 1.0, "floor": False}
    row |= {"significant": False, "loops": 0, "empties": 0, "masked": 0, "signature": "corpus:x|bench:0"}
    row |= {"clips_hash": "c", "inputs": "i"}
    if arm == "control":
        return row
    row |= {"control": "control", "control_rate": 26.7, "delta": delta, "low": delta - 1, "high": delta + 1, "p": 0.01}
    row |= {"significant": metric == "wer", "p_adjusted": 0.02, "mde": 2.5, "disagree": [], "loop_driven": False}
    row |= {"direction": "worse" if metric == "wer" else "undecided", "margin": None, "control_loops": 0}
    row |= {"control_empties": 0, "relative_delta": 9.0, "relative_low": 2.0, "relative_high": 16.0}
    row |= {f"{edit}_delta": 0.5 for edit in ("substitutions", "deletions", "insertions")}
    row |= {"changed": 20.0, "improved": 5.0, "worsened": 10.0, "top_share": math.nan}
    return row | changes


def compare(row: dict[str, Any]) -> Comparison:
    (made,) = make_measurements([row])
    assert isinstance(made, Comparison)
    return made


def make_tables(comparisons: pd.DataFrame) -> Results:
    """With the medians of one language."""
    rows = [
        {name: value for name, value in row.items() if not (isinstance(value, float) and math.isnan(value))}
        for row in comparisons.to_dict("records")
    ]
    summaries = [make_summary("mla", "wer", 2.41, statistic=name) for name in ("median", "mean")]
    return make_results(rows, [*summaries, make_summary("mla", "cer", -0.19, languages=("th",))])


@pytest.fixture
def comparisons() -> pd.DataFrame:
    """Two languages of one converted arm, both metrics, and the control's own rows."""
    return pd.DataFrame(
        [
            make_row(arm, language, metric, delta)
            for arm in ("control", "mla")
            for language in ("en", "th")
            for metric, delta in (("wer", 2.414), ("cer", -0.186))
        ]
    )


def test_cells_read_as_on_a_card() -> None:
    assert signed(2.414) == "+2.41"
    assert signed(-0.186) == "−0.19"
    assert signed(math.nan) == "n/a"
    assert interval(-1.0, 2.0) == "[−1.00, +2.00]"
    assert interval(-math.inf, math.inf) == interval(math.nan, math.nan) == "[not determined]"
    assert interval(0.0, 0.0) == "[no difference]"
    row = make_row("mla", "en", "wer", 2.0)
    assert mark(compare(row)) == "✱"
    assert mark(compare(row | {"significant": False})) == "(ns) MDE 2.5"
    for few in ({"effective_units": 29.5}, {"loops": 1}, {"control_loops": 1}):
        assert mark(compare(row | {"significant": False} | few)) == "(ns) MDE at least 2.5"
    unknown = {"significant": False, "mde": math.nan, "disagree": ["MAPSSWE"]}
    assert mark(compare(row | unknown)) == "(ns) MDE 3.0 †"
    few = {"low": 0.0, "high": 0.0, "delta": 0.0, "simultaneous_low": 0.0, "simultaneous_high": 0.0}
    bounded = compare(row | unknown | few | {"bound_low": -0.2, "bound_high": 0.19})
    assert mark(bounded) == mark(replace(bounded, sample=replace(bounded.sample, effective=3))) == "(ns) MDE 0.2° †"
    assert cost_interval(bounded) == "[−0.20, +0.19]°"
    assert cost_interval(compare(row | {"simultaneous_low": 0.5, "simultaneous_high": 3.5})) == "[+0.50, +3.50]"
    assert mark(compare(row | {"significant": False, "on_the_line": True})) == "(on the line) MDE 2.5"
    assert mark(compare(row | {"floor": True})) == "floor"
    assert rate(29.14) == "29.1"
    assert markdown_table(["a", "bb"], [["ccc", "d"]]) == "| a   | bb |\n| --- | -- |\n| ccc | d  |"


@pytest.mark.parametrize(
    ("direction", "against", "words"),
    [
        ("worse", "within", "worse, but not by more than 1.0"),
        ("worse", "beyond", "worse, beyond 1.0"),
        ("worse", "undecided", "worse, perhaps beyond 1.0"),
        ("better", "within", "better"),
        ("undecided", "within", "undecided; not worse by more than 1.0"),
        ("undecided", "beyond", "undecided; capped, beyond 1.0"),
        ("undecided", "undecided", "undecided: up to +1.8 not ruled out"),
    ],
)
def test_verdicts_in_words(direction: str, against: str, words: str) -> None:
    row = make_row("mla", "en", "wer", 0.8, direction=direction, margin=against)
    assert verdict(compare(row), 1.0) == words
    assert verdict(compare(row | {"floor": True, "direction": "floor"}), 1.0) == "floor"


@pytest.mark.parametrize("against", ["within", "undecided"])
def test_where_no_transcript_differs_the_verdict_says_so(against: str) -> None:
    row = make_row("mla", "en", "wer", 0.0, direction="undecided", margin=against) | {"changed": 0.0}
    assert verdict(compare(row), 1.0) == "identical"
    assert verdict(compare(row | {"floor": True, "direction": "floor"}), 1.0) == "floor"
    assert verdict(compare(row | {"changed": 0.4}), 1.0) != "identical"


def test_without_a_margin_the_verdict_names_none() -> None:
    row = make_row("mla", "en", "wer", 0.8)
    assert verdict(compare(row), None) == "worse"
    assert verdict(compare(row | {"direction": "undecided"}), None) == "undecided: up to +1.8 not ruled out"
    unknown = {"direction": "undecided", "high": math.inf, "simultaneous_high": math.inf}
    assert verdict(compare(row | unknown), None) == "undecided"
    bounded = verdict(compare(row | unknown | {"bound_low": -1.0, "bound_high": 2.0}), None)
    assert bounded == "undecided: up to +2.0 not ruled out"


def test_the_table(suite: Suite, comparisons: pd.DataFrame) -> None:
    lines = render_table(suite, make_tables(comparisons)).splitlines()
    assert lines[0] == "demo: synthetic speech, micro models"
    assert "my-suite.toml" in lines[-1]
    english, thai = [" ".join(line.split()) for line in lines if line.startswith(("| en", "| th"))][:2]
    assert english == "| en | 29.1 / 29.1 | 26.7 / 26.7 | +2.41 [+1.41, +3.41] | ✱ | worse | 99 (+1 unreadable) | 40 |"
    assert thai.startswith(
        "| th | 29.1 / 29.1 | 26.7 / 26.7 | −0.19 CER [−1.19, +0.81] | (ns) MDE 2.5 | undecided: up to +0.8"
    )
    summary = "median +2.41 [+1.41, +3.41], mean +2.41 [+1.41, +3.41]; none of them is a floor row"
    assert f"- cost over the 1 WER row (en): {summary}" in lines
    assert signature_line("corpus:x|bench:0") in lines


def test_more_errors_than_words_bring_the_capped_cost(suite: Suite, comparisons: pd.DataFrame) -> None:
    """Whichever arm has them, and whether anything loops or not; loops alone are counted and change nothing."""
    of_arm = comparisons["arm"] == "mla"
    english, thai = (of_arm & (comparisons["language"] == language) for language in ("en", "th"))
    comparisons.loc[english, "loops"] = 3
    comparisons.loc[thai & (comparisons["metric"] == "cer"), "control_runaways"] = 2
    comparisons[["capped_delta", "capped_low", "capped_high"]] = [0.5, -0.25, 1.25]
    lines = render_table(suite, make_tables(comparisons)).splitlines()
    capped = "; with each clip's errors capped at its length, cost +0.50 [−0.25, +1.25]"
    told = f"- th, clips with more errors than characters: 0 (2 in control){capped}"
    assert [line for line in lines if line.startswith("- en, ")] == ["- en, loops: 3 (0 in control)"]
    assert [line for line in lines if line.startswith("- th, ")] == [told]
    comparisons.loc[english, ["runaways", "loop_driven"]] = [4, True]
    driven = render_table(suite, make_tables(comparisons))
    counts = "clips with more errors than words: 4 (0 in control), loops: 3 (0 in control)"
    assert f"- en, {counts}{capped}; loop-driven: capped, the mark would be the other one" in driven


def test_methods_that_disagree_are_named_in_the_row_and_below(suite: Suite, comparisons: pd.DataFrame) -> None:
    english = (comparisons["arm"] == "mla") & (comparisons["language"] == "en")
    comparisons.loc[english, "disagree"] = pd.Series([["sign-flip", "MAPSSWE"]] * len(comparisons))
    lines = render_table(suite, make_tables(comparisons)).splitlines()
    assert "| ✱ † " in next(line for line in lines if line.startswith("| en"))
    assert "- † en: not significant by sign-flip, MAPSSWE" in lines


def test_few_speakers_and_torn_words_are_cautioned(suite: Suite, comparisons: pd.DataFrame) -> None:
    comparisons["speakers"], comparisons["effective_units"] = 400, 11.96
    comparisons.loc[comparisons["language"] == "th", "word_growth"] = 7.9
    text = render_table(suite, make_tables(comparisons))
    assert "- caution: en th: worth fewer than 30 speakers of equally many clips (the fewest: 12.0, in en)" in text
    assert "- caution: th: the normaliser makes 7.9 words of one" in text


def test_a_suite_of_controls_has_rates_alone(suite: Suite, comparisons: pd.DataFrame) -> None:
    alone = suite.model_copy(update={"arms": suite.arms[:1]})
    text = render_table(alone, make_tables(comparisons))
    assert "| en   | 29.1 | 29.1 |" in text
    assert "cost" not in text


def test_results_have_one_signature(suite: Suite, comparisons: pd.DataFrame) -> None:
    """It belongs to all of them, not to a row: two cannot share a table."""
    text = render_table(suite, replace(make_tables(comparisons), signature="corpus:y|bench:0"))
    assert text.count("corpus:y|bench:0") == 1
    assert "corpus:x" not in text


def test_files_are_written_and_repeatable(suite: Suite, comparisons: pd.DataFrame, tmp_path: Path) -> None:
    contents = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        write_table(suite, make_tables(comparisons), folder)
        write_forest(suite, make_tables(comparisons), folder)
        contents.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert set(contents[0]) == {"table.md", "table.csv", "cost.svg", "cost.png"}
    assert contents[0] == contents[1]
    csv = pd.read_csv(tmp_path / "a" / "table.csv", comment="#")
    assert len(csv) == len(comparisons)
    assert "th (CER)" in contents[0]["cost.svg"].decode()


def test_no_p_is_printed_as_zero() -> None:
    told = {0.9999: "0.9999", 0.0312: "0.0312", 1e-4: "0.0001", 9.9e-5: "< 0.0001", 0.0: "< 0.0001"}
    assert {p: probability(p) for p in told} == told
    assert probability(float("nan")) == "n/a"
