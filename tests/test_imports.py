"""What only reads records starts at once: it loads no library that models, hub corpora or pictures need."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "transformers", "datasets")
EVERYTHING_IN = """
from importlib import import_module
from pkgutil import walk_packages
package = import_module("bench.{0}")
for module in walk_packages(getattr(package, "__path__", []), "bench.{0}."):
    import_module(module.name)
"""


def loaded_by(code: str, names: tuple[str, ...]) -> list[str]:
    """Those of the modules that a new interpreter holds after running that code."""
    command = [sys.executable, "-c", f"import sys\n{code}\nprint('loaded', *(n for n in {names} if n in sys.modules))"]
    output = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True).stdout
    return output.splitlines()[-1].split()[1:]


@pytest.mark.parametrize(
    "package", ["analysis", "compare", "memory_records", "stats", "scoring", "store", "manifest", "plan", "data"]
)
def test_no_module_of_it_loads_a_model_library(package: str) -> None:
    assert loaded_by(EVERYTHING_IN.format(package), HEAVY) == []


@pytest.mark.parametrize(
    "module", ["bench.memory.budget", "bench.reporting.tables.budgets", "bench.reporting.tables.memory"]
)
def test_bytes_are_reported_without_a_model_library(module: str) -> None:
    assert loaded_by(f"import {module}", HEAVY) == []


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
