"""The short form of `nox -s bench-faults`, and that what it rests on can tell a fault from none."""

import json
import signal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.faults.children import Ended, call
from bench.faults.kills import make_kills
from bench.faults.mutants import fault_of, make_mutants
from bench.faults.mutations import DOCUMENT, LINES
from bench.faults.oracle import edits, require_counts_of
from bench.faults.repeats import growth_of
from tests.test_counts import edit_distance

MUTANTS, SEED = 60, 7
KILLS = ("run", "compare", "table", "recover", "run", "recover")
WELL = Ended(0, "table", "caution: few\n", 1.0, 10**8)


def test_mutants_of_everything_are_refused_in_a_line_or_taken(tmp_path: Path) -> None:
    mutants = list(make_mutants(MUTANTS, SEED, tmp_path))
    assert not [mutant for mutant in mutants if mutant.fault]
    codes = {mutant.code for mutant in mutants}
    assert codes == {0, 2} or codes == {0, 1, 2}, "some are taken, some refused"


def test_killed_at_random_moments_every_command_ends_the_same(tmp_path: Path) -> None:
    kills = list(make_kills(KILLS, SEED, tmp_path))
    assert not [kill for kill in kills if kill.fault or kill.again]
    assert any(kill.code for kill in kills), "none was killed"


def test_a_child_is_not_charged_with_what_its_parent_holds(tmp_path: Path) -> None:
    held = b"\1" * 5 * 10**8
    ended = call(lambda: None, tmp_path)
    assert ended.code == 0, ended.err
    assert 0 <= ended.peak < len(held) / 5


@given(content=st.binary(max_size=300), seed=st.integers(0, 2**32))
def test_a_mutant_is_the_same_from_the_same_seed(content: bytes, seed: int) -> None:
    for mutation in dict.fromkeys((*DOCUMENT, *LINES)):
        made = [mutation(content, np.random.default_rng(seed)) for _ in range(2)]
        assert made[0] == made[1]


@pytest.mark.parametrize(
    ("ended", "fault"),
    [
        (WELL, ""),
        (Ended(2, "", "caution: few\nbench: s.toml: mend it\n", 1.0, 10**8), ""),
        (Ended(1, "r/s/counts.parquet: missing\n", "", 1.0, 10**8), ""),
        (Ended(1, "", "Traceback (most recent call last):\nKeyError: 'x'\n", 1.0, 10**8), "traceback: KeyError: 'x'"),
        (Ended(1, "", "Aborted!\n", 1.0, 10**8), "exit code 1 without a word"),
        (Ended(-signal.SIGXCPU, "", "", 10.0, 10**8), "hang"),
        (Ended(-signal.SIGSEGV, "", "", 1.0, 10**8), "killed by signal 11"),
        (Ended(2, "", "bench: one\nbench: two\n", 1.0, 10**8), "not one line: 'bench: one\\nbench: two\\n'"),
        (Ended(2, "", "bench: one\ntwo\n", 1.0, 10**8), "not one line: 'bench: one\\ntwo\\n'"),
        (Ended(0, "", "", 1.0, 3 * 2**30), "3072 MiB"),
    ],
)
def test_how_a_command_ends_is_judged(ended: Ended, fault: str) -> None:
    assert fault_of(ended) == fault


def test_counts_that_are_not_of_the_files_are_told(tmp_path: Path) -> None:
    rows = [{"id": "a", "ref": "one two three", "pred_text": "one too"}, {"id": "b", "ref": "x", "pred_text": None}]
    file, result = tmp_path / "a.jsonl", tmp_path / "out.json"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for errors in (3, 2):
        counts = {"errors": errors, "length": 4}
        result.write_text(json.dumps({"control": counts, "converted": counts}), encoding="utf-8")
        if errors == 3:
            require_counts_of([file, file], result)
        else:
            with pytest.raises(ValueError, match="wrong: control has"):
                require_counts_of([file, file], result)


@given(pair=st.tuples(*[st.lists(st.sampled_from("abc"), max_size=8)] * 2))
def test_edits_are_the_least(pair: tuple[list[str], list[str]]) -> None:
    assert edits(*pair) == edit_distance(*pair)


def test_growth_is_held_against_the_third_repeat() -> None:
    assert growth_of([50, 90, 100, 101, 104, 99]) == pytest.approx(0.04)
