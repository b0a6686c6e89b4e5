"""Where drafts are taken up again, and how much of them is fed at once: properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.runners.search.drafts import LONGEST, REACH, Draft, Echo, common_run, take_up
from bench.runners.search.pace import COST, Pace, best_width

TOKENS = st.integers(0, 5)
TEXT = st.lists(TOKENS, min_size=1, max_size=30)
DISTINCT = st.lists(st.integers(0, 10_000), min_size=6, max_size=30, unique=True)
PROMPT = [-3, -2, -1]


def follow(draft: list[int], said: list[int]) -> Draft:
    """A draft that has heard a text."""
    guide, heard = Draft("control", [*PROMPT, *draft], len(PROMPT)), list(PROMPT)
    for token in said:
        heard.append(token)
        guide.hear(heard)
    return guide


@given(TEXT, st.integers(0, 30), TEXT)
def test_a_common_run_is_common_and_no_longer(one: list[int], end: int, other: list[int]) -> None:
    end = min(end, len(one))
    run = common_run(one, end, other)
    assert one[end - run : end] == other[len(other) - run :]
    assert run == LONGEST or run == min(end, len(other)) or one[end - run - 1] != other[-run - 1]


@given(TEXT, TEXT, st.integers(0, 40))
def test_the_place_is_the_best_within_reach(draft: list[int], said: list[int], expected: int) -> None:
    place = take_up(draft, said, expected)
    start = min(expected, len(draft))
    near = [i for i in range(len(draft) + 1) if abs(i - expected) <= REACH or i == start]
    assert place in near
    assert common_run(draft, place, said) == max(common_run(draft, i, said) for i in near)


@given(DISTINCT, st.data())
def test_behind_a_substitution_the_draft_goes_on(draft: list[int], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(draft) - 2))
    guide = follow(draft, [*draft[:at], -9])
    assert guide.ahead([], 99) == draft[at + 1 :]


@given(DISTINCT, st.data())
def test_behind_an_insertion_the_next_common_token_finds_the_place(draft: list[int], data: st.DataObject) -> None:
    at, extra = data.draw(st.integers(0, len(draft) - 1)), data.draw(st.integers(1, 4))
    guide = follow(draft, [*draft[:at], *[-9] * extra, draft[at]])
    assert guide.ahead([], 99) == draft[at + 1 :]


@given(DISTINCT, st.data())
def test_behind_a_deletion_the_next_token_finds_the_place(draft: list[int], data: st.DataObject) -> None:
    gone = data.draw(st.integers(1, 4))
    at = data.draw(st.integers(0, len(draft) - gone - 1))
    guide = follow(draft, [*draft[:at], draft[at + gone]])
    assert guide.ahead([], 99) == draft[at + gone + 1 :]


@given(TEXT, TEXT)
def test_a_draft_never_foresees_what_it_does_not_hold(draft: list[int], said: list[int]) -> None:
    guide = follow(draft, said)
    ahead = guide.ahead([], 99)
    assert ahead == [*PROMPT, *draft][len(PROMPT) + len(draft) - len(ahead) :]
    assert guide.run <= LONGEST


@given(st.lists(st.integers(0, 50), min_size=3, max_size=6, unique=True), st.integers(2, 4))
def test_an_echo_goes_round_what_repeats_itself(loop: list[int], times: int) -> None:
    echo, said = Echo(), list(PROMPT)
    for token in loop * times:
        said.append(token)
        echo.hear(said)
    assert echo.ahead(said, 2 * len(loop)) == loop * 2


def test_an_echo_of_what_was_said_once_is_silent() -> None:
    echo, said = Echo(), list(PROMPT)
    for token in range(20):
        said.append(token)
        echo.hear(said)
        assert echo.ahead(said, 5) == []


@given(st.lists(st.lists(st.floats(0, 1), max_size=12), min_size=1, max_size=6), st.floats(0.01, 1))
def test_the_width_is_the_one_of_most_tokens_for_the_time(rows: list[list[float]], cost: float) -> None:
    chances = [np.cumprod(row) for row in rows]

    def rate(width: int) -> float:
        return sum(1 + float(row[:width].sum()) for row in chances) / (1 + cost * width)

    rates = [rate(width) for width in range(max(map(len, rows)) + 1)]
    assert rates[best_width(chances, cost)] == pytest.approx(max(rates))


def test_drafts_that_fail_are_given_up_and_taken_up_again_when_they_come_true() -> None:
    """Whether a draft would have been right is counted whether it was fed or not."""
    pace = Pace()
    widths = []
    for right in (False, True):
        for _ in range(600):
            pace.learn("control", 0, [1], [1 if right else 2])
        widths.append(best_width([pace.chances("control", 0, 1)], COST))
    assert widths == [0, 1]


def test_what_is_learnt_of_one_guide_says_nothing_of_another() -> None:
    pace = Pace()
    for _ in range(50):
        pace.learn("control", LONGEST, [1], [2])
    assert pace.chances("control", LONGEST, 1) < 0.2 < pace.chances("echo", LONGEST, 1)


@pytest.mark.parametrize("cost", [0.05, 0.3, 0.8])
@pytest.mark.parametrize("fixed", [0.0, 0.3])
def test_the_cost_of_a_token_is_learnt_from_passes(cost: float, fixed: float) -> None:
    """Of passes that each take a share as such, whatever the rows; few rows then make another token cheaper."""
    pace, rng = Pace(), np.random.default_rng(0)
    assert pace.cost(16) == COST
    for rows, width in rng.integers(1, 20, (128, 2)):
        seconds = 0.02 * (fixed + (1 - fixed) * (rows / 16) * (1 + cost * (width - 1)))
        pace.took(int(rows), int(width), seconds * rng.uniform(0.95, 1.1))
    assert pace.cost(16) == pytest.approx((1 - fixed) * cost, rel=0.3, abs=0.05)
    assert pace.cost(1) <= pace.cost(16)
