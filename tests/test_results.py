"""Results: pooled by addition alone, picked by arm, condition and metric, and nothing unjudged among them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.comparing import ArmResult, Results
from bench.errors import BenchError
from bench.scoring import ErrorCounts
from tests.flat import make_results, make_summary

EDITS = st.text(alphabet="=SDI", max_size=30)


def result_of(edits: str) -> ArmResult:
    counts = ErrorCounts.of_edits(edits)
    flags = (counts.errors > counts.length, len(edits) % 3, not edits)
    return ArmResult(counts, min(counts.errors, counts.length), *map(int, flags))


@given(st.lists(EDITS, max_size=6))
def test_pooling_is_counting_all_at_once(clips: list[str]) -> None:
    pooled = ErrorCounts.pooled(map(ErrorCounts.of_edits, clips))
    assert pooled == ErrorCounts.of_edits("".join(clips))
    results = list(map(result_of, clips))
    assert ArmResult.pooled(results).counts == pooled
    for count in ("capped", "runaways", "loops", "empties"):
        assert getattr(ArmResult.pooled(results), count) == sum(getattr(result, count) for result in results)


@given(EDITS, EDITS, EDITS)
def test_in_whatever_order(one: str, other: str, third: str) -> None:
    a, b, c = map(result_of, (one, other, third))
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert ArmResult.pooled([a]) == a


@pytest.fixture
def results() -> Results:
    rows = [
        {"arm": arm, "control": control, "language": language, "condition": condition, "metric": metric}
        | {"primary": (metric == "cer") == (language == "th")}
        for arm, control in (("control", None), ("mla", "control"))
        for condition in ("clean", "white@10")
        for metric in ("wer", "cer")
        for language in ("en", "th", "de")
    ]
    summaries = [make_summary("mla", "wer", 2.0), make_summary("mla", "wer", 1.0, with_floors=False, floors=())]
    slope = make_summary("mla", "wer", 0.5, is_slope=True)  # a family may have the arm's name
    return make_results(rows, [*summaries, slope])


def test_cells_are_picked_in_the_suites_order(results: Results) -> None:
    arm = results.of("mla")
    assert [(row.language, row.metric) for row in arm.clean.primary] == [("en", "wer"), ("th", "cer"), ("de", "wer")]
    assert len(arm.cells) == 12
    assert {row.condition for row in arm.under("white@10")} == {"white@10"}
    assert [pair.primary.metric for pair in arm.clean.pairs] == ["wer", "cer", "wer"]
    assert {row.language for row in results.rates_of("control").of_metric("cer").of_language("th")} == {"th"}


def test_a_slope_is_nobodys_summary(results: Results) -> None:
    assert [summary.estimate.value for summary in results.of("mla").summaries] == [2.0, 1.0]
    assert [slope.estimate.value for slope in results.slopes(["mla"])] == [0.5]
    assert results.of("mla").summary("wer", "mean") is None


def test_an_arm_that_nothing_holds_is_named_with_those_that_are(results: Results) -> None:
    for name in ("control", "other"):
        with pytest.raises(BenchError, match=f"^arm {name}: held against no control; the arms that are: mla$"):
            results.of(name)
