"""The package from Python: what its page shows runs as it stands there, and lists give what files give."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import bench
from bench import api
from bench.suite import Suite, load_suite
from tests.conftest import Command
from tests.documents import blocks_of

BLOCKS = [block.text for block in blocks_of("docs/python.md", "python")]
REFERENCES = ["one two three", "four five six", "seven eight", "nine ten"] * 12
CONTROL = ["one two three", "four five", "seven eight", "nine ten"] * 12
CONVERTED = ["one two", "four five", "seven ate", "nine ten"] * 11 + CONTROL[:4]
SPEAKERS = [f"s{i % 9}" for i in range(len(REFERENCES))]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty folder, in which the demo is one of a few clips."""

    def few(name: str) -> Suite:
        demo = load_suite(name)
        changed = {"languages": ("en",), "corpus": demo.corpus.model_copy(update={"utterances": 8})}
        return demo.model_copy(update=changed)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(api, "load_suite", few)


@pytest.mark.usefixtures("small")
def test_the_pages_examples_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert len(BLOCKS) == 2
    values: dict[str, Any] = {}
    for block in BLOCKS:
        exec(block, values)
    shown = capsys.readouterr().out
    assert re.search(r"^\+2\.8 \[\+\d+\.\d, \+\d+\.\d\] worse$", shown, re.MULTILINE)
    assert "| clean     | 2.8" in shown
    assert "worth fewer than 30 speakers of equally many clips (the fewest: " in shown
    assert (tmp_path / "reports" / "demo" / "table.md").is_file()
    assert values["arm"].clean.primary == bench.load_results(values["suite"]).of("svd-93.75").clean.primary


def test_lists_give_what_files_give(bench: Command, tmp_path: Path) -> None:
    paths = []
    for name, texts in (("a", CONTROL), ("b", CONVERTED)):
        rows = zip(REFERENCES, texts, SPEAKERS, strict=True)
        lines = [
            json.dumps({"id": f"{number:02}", "ref": reference, "pred_text": text, "speaker": speaker, "lang": "en"})
            for number, (reference, text, speaker) in enumerate(rows, start=1)
        ]
        paths.append(tmp_path / f"{name}.jsonl")
        paths[-1].write_text("\n".join(lines), encoding="utf-8")
    printed = bench("compare", *paths, "--margin", "1").stdout
    made = api.compare(REFERENCES, CONTROL, CONVERTED, speakers=SPEAKERS, language="en", margin=1.0)
    assert str(made) == printed
    assert made.signature in printed


@pytest.mark.parametrize(
    ("lists", "message"),
    [
        ((["a"], ["a", "b"], ["a"]), "control: 2 utterances beside 1 references"),
        (([], [], []), "references: 0 utterances beside 0 references"),
        (("ab", ["a"], ["b"]), "references: one string; give a list"),
    ],
)
def test_lists_that_do_not_fit_are_refused_in_one_line(lists: Any, message: str) -> None:
    with pytest.raises(api.BenchError, match=message):
        api.compare(*lists)


def test_names_are_there_typed_documented_and_loaded_when_asked_for() -> None:
    for name in bench.__all__:
        assert getattr(bench, name).__doc__
        assert name in dir(bench)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = bench.nothing
    code = "import bench, sys; print([name for name in sys.modules if name.startswith('bench.') or name == 'pandas'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['bench.version']"
