"""What only reads records or reckons starts at once: it loads no library that models, hub corpora or pictures need."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = ("torch", "transformers", "datasets")
READERS = (
    "scoring",
    "stats",
    "store",
    "memory_records",
    "comparing",
    "analysis",
    "plan",
    "data",
    "reporting",
    "verify",
    "api",
)
"""Packages and modules of which nothing may load a heavy library."""
IMPORT_EVERYTHING = """
from importlib import import_module
from pkgutil import walk_packages
for name in {0}:
    package = import_module("bench." + name)
    for module in walk_packages(getattr(package, "__path__", []), package.__name__ + "."):
        import_module(module.name)
        first = [heavy for heavy in {1} if heavy in sys.modules]
        assert not first, (module.name, first)
"""


def loaded_by(code: str, names: tuple[str, ...]) -> list[str]:
    """Those of the modules that a new interpreter holds after running that code."""
    command = [sys.executable, "-c", f"import sys\n{code}\nprint('loaded', *(n for n in {names} if n in sys.modules))"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1].split()[1:]


def test_what_reads_records_loads_no_model_library() -> None:
    assert loaded_by(IMPORT_EVERYTHING.format(READERS, HEAVY), HEAVY) == []


def test_reports_are_imported_one_by_one() -> None:
    assert loaded_by("import bench.reporting", (*HEAVY, "matplotlib", "pandas")) == []


def test_comparing_two_files_loads_no_model_library_and_draws_nothing(tmp_path: Path) -> None:
    for name, text in {"a": "one two four", "b": "one three four"}.items():
        rows = [{"id": str(i), "text": "one two three", "pred_text": text, "speaker": str(i % 3)} for i in range(9)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    words = ["compare", str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"), "--language", "en"]
    code = f"from bench.cli import app\napp({words!r}, standalone_mode=False)"
    drawn = (*HEAVY, "matplotlib", "bench.reporting.tables.pair")
    assert loaded_by(code, drawn) == ["bench.reporting.tables.pair"]


SUITE_VERBS = (
    *("run", "compare", "table", "card", "curve", "report"),
    *("verify", "plan", "doctor", "data", "speed", "recover", "memory"),
)


def loaded_by_a_mistake(words: tuple[str, ...], told: str, names: tuple[str, ...], folder: Path = ROOT) -> list[str]:
    """Those of the modules that are loaded when that command has told the mistake."""
    code = f"""
from bench.cli import app
from bench.errors import BenchError
import os
os.chdir({str(folder)!r})
try:
    app({list(words)!r}, standalone_mode=False)
except BenchError as error:
    assert {told!r} in str(error), error
else:
    raise AssertionError("no error")
"""
    return loaded_by(code, names)


@pytest.mark.parametrize("verb", SUITE_VERBS)
def test_a_suite_that_is_not_there_is_told_at_once(verb: str) -> None:
    told = loaded_by_a_mistake((verb, "nosuch"), "no suite called 'nosuch'", (*HEAVY, "pandas", "matplotlib", "scipy"))
    assert told == []


SVD = ("--init", "svd", "--cache-cut", "0.5")
NO_MODEL = [
    (("convert", "nosuch", "new", *SVD), "no folder nosuch"),
    (("convert", "demo:nosuch", "new", *SVD), "no model demo:nosuch"),
    (("convert", "demo:96-control", "new"), "give one of --cache-cut"),
    (("convert", "demo:96-control", "new", "--init", "nosuch"), "--init nosuch"),
    (("convert", "demo:96-control", ".", *SVD), "exists already"),
    (("convert", "demo:96-control", "new", *SVD, "--calibration", "nowhere.tsv"), "nowhere.tsv: no such manifest"),
    (("export", "demo:nosuch", "new"), "no model demo:nosuch"),
    (("run", "demo", "--arm", "nosuch"), "--arm nosuch: the suite's arms are"),
    (("run", "mine.toml"), "no model folder"),
    (("memory", "mine.toml"), "no model folder"),
    (("speed", "mine.toml"), "no model folder"),
    (("recover", "demo"), "has no [recovery]"),
]
"""Mistakes in the name of a model, an arm, a folder or an option."""


@pytest.mark.parametrize(
    ("words", "told"), NO_MODEL, ids=lambda each: " ".join(each) if isinstance(each, tuple) else ""
)
def test_a_model_that_is_not_there_is_told_before_torch_is_loaded(
    words: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "mine.toml").write_text(
        f"""
name = "mine"
languages = ["en"]
arms = [{{ name = "control", model = "{tmp_path / "gone"}" }}]
[corpus]
kind = "manifest"
path = "clips.tsv"
""",
        encoding="utf-8",
    )
    assert loaded_by_a_mistake(words, told, (*HEAVY, "matplotlib", "scipy"), tmp_path) == []


@pytest.mark.parametrize("verb", ["card", "curve", "report", "table", "verify", "show", "plan"])
def test_what_is_not_decoded_is_told_before_anything_is_drawn(verb: str, tmp_path: Path) -> None:
    more = {"card": ("--arm", "svd-93.75"), "show": ("--language", "en", "--arm", "svd-93.75")}.get(verb, ())
    words = (verb, "demo", *more)
    assert loaded_by_a_mistake(words, "nothing decoded yet", (*HEAVY, "matplotlib"), tmp_path) == []


def test_a_budget_needs_no_library() -> None:
    code = "from bench.cli import app\napp(['memory', '--budget', 'tiny', '--cut', '0.625'], standalone_mode=False)"
    assert loaded_by(code, (*HEAVY, "pandas", "matplotlib", "scipy", "numpy")) == []


def test_help_and_what_it_says_of_every_verb_load_nothing_heavy() -> None:
    code = "from bench.cli import app\nfor words in (['--help'], ['run', '--help']): app(words, standalone_mode=False)"
    assert loaded_by(code, (*HEAVY, "matplotlib", "pandas", "pyarrow", "scipy")) == []
