"""The page of files of decodes: what `bench compare` prints, and every utterance behind it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.reporting.explorer.packing import unpack
from tests.conftest import Command
from tests.test_commands import one_line_error
from tests.test_explorer import Page
from tests.test_external import DROPPED, REPLACED, SPOKEN, write_jsonl


def rows_of(system: int, condition: str = "clean") -> list[dict[str, Any]]:
    """Forty clips by ten speakers; the higher the number, the more words are lost."""
    texts = [DROPPED if i % 11 < system else REPLACED if i % 7 == 0 else SPOKEN for i in range(40)]
    return [
        {"id": f"{condition}-{i}", "speaker": f"s{i % 10}", "condition": condition, "text": SPOKEN, "pred_text": text}
        for i, text in enumerate(texts)
    ]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """A control and two systems, under two conditions."""
    names = ["control.jsonl", "pruned.jsonl", "<b>int8\u202e.jsonl"]
    for system, name in enumerate(names):
        write_jsonl(tmp_path / name, [*rows_of(3 * system), *rows_of(4 * system, "telephony")])
    return names


def data_of(path: Path) -> Any:
    page = Page(path.read_text(encoding="utf-8"))
    return unpack(page.scripts[2])


def test_two_files(bench: Command, tmp_path: Path, files: list[str]) -> None:
    """Costs as in the JSON, every utterance of either condition, and nothing that is not text."""
    words = ("compare", *files[:2], "--language", "en", "--json", "out.json", "--resamples", 500)
    plain = bench(*words)
    done = bench(*words, "--page", "pages/mine.html")
    assert done.returncode == 0, done.stderr
    assert done.stdout == plain.stdout
    assert "wrote pages/mine.html" in done.stderr
    path = tmp_path / "pages" / "mine.html"
    data, objects = data_of(path), json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [cost["cost"] for cost in data["costs"]] == [round(each["delta"], 4) for each in objects]
    assert [(cost["low"], cost["high"]) for cost in data["costs"]] == [
        tuple(round(end, 4) for end in each["ci_simultaneous"]) for each in objects
    ]
    assert data["utterances"]["cells"] == [
        ["pruned", "control", "en", condition, "wer", 40, 40] for condition in ("clean", "telephony")
    ]
    assert sum(row[14] for row in data["utterances"]["rows"]) == sum(
        each["converted"]["errors"] - each["control"]["errors"] for each in objects
    )
    text = path.read_text(encoding="utf-8")
    assert "<h1>pruned against control</h1>" in text
    assert "This page was made without audio." in text
    for condition in objects:
        assert condition["signature"] in text.replace("&gt;", ">")
    assert str(tmp_path) not in text
    first = path.read_bytes()
    assert bench(*words, "--page", "pages/mine.html").returncode == 0
    assert path.read_bytes() == first


def test_several_files_against_the_first(bench: Command, tmp_path: Path, files: list[str]) -> None:
    """A name from outside is text; each p is corrected over the pairs, which the legend says."""
    done = bench("compare", *files, "--resamples", 500, "--page", "page.html")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    data = data_of(tmp_path / "page.html")
    assert {(cost["arm"], cost["condition"]) for cost in data["costs"]} == {
        (arm, condition) for arm in ("pruned", "<b>int8\u202e") for condition in ("clean", "telephony")
    }
    assert {tuple(cell[:2]) for cell in data["utterances"]["cells"]} == {
        ("pruned", "control"),
        ("<b>int8\u202e", "control"),
    }
    assert [row[0] for row in data["arms"]["rows"]] == [
        *("control", "pruned", "<b>int8\u202e"),
        *(f"{name}, telephony" for name in ("control", "pruned", "<b>int8\u202e")),
    ]
    assert "2 systems against control" in text
    assert "Holm&#39;s correction over the 2 pairs" in text
    assert "\u202e" not in text
    assert "<b>" not in text


def test_what_has_no_page(bench: Command, files: list[str]) -> None:
    assert "--page: of systems against CONTROL alone" in one_line_error(
        bench("compare", *files, "--all-pairs", "--page", "page.html")
    )
    assert "its page is `bench report`'s" in one_line_error(bench("compare", "demo", "--page", "page.html"))
    nowhere = bench("compare", *files[:2], "--resamples", 200, "--page", "control.jsonl/page.html")
    assert nowhere.returncode == 2
    assert "bench: control.jsonl/page.html: cannot be written" in nowhere.stderr
