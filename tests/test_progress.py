"""What is seen of work that takes long: speeds people can read, and lines in a log."""

import io
import time

import pytest
from rich.console import Console

from bench import progress
from bench.progress import StageBars, duration, progress_bar, progress_line, speed


@pytest.mark.parametrize(
    ("done", "seconds", "unit", "shown"),
    [
        (120, 10, "clips", "12 clips/s"),
        (10, 31, "clips", "3.1 s/clip"),
        (2, 9, "corpora", "4.5 s/corpus"),
        (0, 9, "a", ""),
    ],
)
def test_below_one_a_second_it_is_seconds_each(done: int, seconds: float, unit: str, shown: str) -> None:
    assert speed(done, seconds, unit) == shown


def test_durations_read_as_people_say_them() -> None:
    assert [duration(seconds) for seconds in (8, 89, 90, 780, 3600, 7500)] == [
        *("8 s", "89 s", "2 min", "13 min"),
        *("1 h 00 min", "2 h 05 min"),
    ]


def test_a_line_says_how_much_is_done_and_what_is_left() -> None:
    line = progress_line("decoding cy/clean", 1200, 4800, 3720, "clips")
    assert line == "decoding cy/clean: 1,200 of 4,800 clips, 3.1 s/clip, 1 h 02 min so far, 3 h 06 min left"
    assert progress_line("", 3, None, 1, "clips") == "3 clips, 3 clips/s, 1 s so far"


def test_without_a_terminal_there_are_lines_meanwhile_and_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.05)
    log = io.StringIO()
    with progress_bar(Console(file=log), "clips") as bar:
        task = bar.add_task("decoding", total=4)
        bar.advance(task)
        time.sleep(0.3)
        bar.advance(task, 3)
    lines = log.getvalue().splitlines()
    assert len(lines) > 2
    assert lines[0].startswith("decoding: 1 of 4 clips")
    assert lines[-1].startswith("decoding: 4 of 4 clips")
    assert "left" not in lines[-1]


def test_a_stage_that_is_done_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.05)
    log = io.StringIO()
    with progress_bar(Console(file=log), "widths") as bar:
        stages = StageBars(bar)
        stages.watch("measuring", 9, 3)
        stages.watch("exchanging", 4, 1)
        time.sleep(0.3)
        stages.end()
    lines = log.getvalue().splitlines()
    assert [line for line in lines if line.startswith("measuring")] == ["measuring: 3 of 3 widths, " + lines[0][26:]]
    assert lines[-1].startswith("exchanging: 1 of 1 widths")
    assert lines[-2].startswith("exchanging: 1 of 4 widths")


def test_a_bar_that_is_disabled_says_nothing() -> None:
    log = io.StringIO()
    with progress_bar(Console(file=log), "clips", disable=True) as bar:
        bar.advance(bar.add_task("x", total=1))
    assert log.getvalue() == ""
