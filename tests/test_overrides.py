"""What `bench run` is told beside its suite, and what the verbs that read its results then hold to."""

import json
from pathlib import Path

from bench.suite import Overrides, load_suite
from tests.conftest import Command, refusal


def test_a_try_with_few_clips_and_then_all_of_them(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    """Every verb reads what the last run was told; the next run without says nothing of it."""
    tried = bench("run", suite_file, "--limit", "2", "--batch", "3")
    assert tried.returncode == 0, tried.stderr
    assert "decoded 8 clips" in tried.stdout
    assert "8 decodes to make, of 2 arms" in tried.stderr
    assert f"next: bench table {suite_file}" in tried.stderr
    kept = tmp_path / "results" / "mine" / "overrides.json"
    assert json.loads(kept.read_text()) == {"limit": 2, "batch": 3}
    table = bench("table", suite_file, "--json", "t.json")
    assert table.returncode == 0, table.stderr
    written = json.loads((tmp_path / "t.json").read_text())
    assert {row["language"] for row in written["comparisons"]} == {"en", "de"}
    assert written["signature"] in table.stdout
    assert bench("plan", suite_file, "--json", "p.json").returncode == 0
    assert len(json.loads((tmp_path / "p.json").read_text())["languages"]) == 2
    assert bench("doctor", suite_file, "--json", "d.json").returncode == 0
    assert {finding["state"] for finding in json.loads((tmp_path / "d.json").read_text())} <= {"ok", "note"}
    assert "mine: as the last run was told: --limit 2 --batch 3; `bench run` without them" in table.stderr
    assert bench("table", suite_file, "--latex").stdout.count(r"\begin{table}") == 1
    for schema, path in {"every-eval-ever": "every_eval_ever/converted.json", "tidy-csv": "tidy.csv"}.items():
        exported = bench("export-results", suite_file, "--schema", schema)
        assert f"wrote reports/mine/{path}" in exported.stdout
        assert (tmp_path / "reports" / "mine" / path).is_file()
    assert bench("verify", suite_file).returncode == 0
    assert bench("compare", suite_file).returncode == 0
    assert bench("diff", suite_file, "t.json").stdout.startswith("no difference: ")
    next(row for row in written["comparisons"] if row["primary"] and row["language"] == "en")["rate"] += 1
    written["signature"] = written["signature"].replace("|bench:", "|bench:x", 1)
    written["comparisons"] = [
        row for row in written["comparisons"] if (row["arm"], row["language"]) != ("converted", "de")
    ]
    (tmp_path / "other.json").write_text(json.dumps(written))
    differing = bench("diff", "t.json", "other.json")
    assert differing.returncode == 1
    assert "only before: converted/de/clean" in differing.stdout
    assert "1 cells differ, 2 are the same" in differing.stdout
    assert "- bench: " in differing.stdout
    whole = bench("run", suite_file)
    assert "decoded 24 clips" in whole.stdout  # in batches of another size, which a decode may depend on
    assert not kept.exists()
    assert "as the last run was told" not in bench("table", suite_file).stderr


def test_fewer_clips_of_the_same_settings_are_found_again(bench: Command, suite_file: Path) -> None:
    assert bench("run", suite_file).returncode == 0
    fewer = bench("run", suite_file, "--limit", "3")
    assert "decoded 0 clips" in fewer.stdout


def test_what_a_suite_would_refuse_is_refused(suite_file: Path) -> None:
    assert "decode.dtype: 'float8'" in refusal("run", suite_file, "--dtype", "float8")


def test_the_noise_floor_is_made_of_the_dtype_that_was_asked_for(suite_file: Path) -> None:
    text = suite_file.read_text(encoding="utf-8").replace("[corpus]", "noise_floor = true\n[corpus]", 1)
    suite_file.write_text(text, encoding="utf-8")
    suite = load_suite(str(suite_file), overrides=Overrides(dtype="bfloat16", batch=6))
    assert (suite.decode.dtype, suite.decode.batch) == ("bfloat16", 6)
    assert "control-batch-3" in {arm.name for arm in suite.arms}


def test_a_damaged_file_of_options_is_one_line(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    (tmp_path / "results" / "mine").mkdir(parents=True)
    (tmp_path / "results" / "mine" / "overrides.json").write_text('{"seed": 3}')
    refused = bench("table", suite_file)
    assert refused.returncode == 2
    assert "overrides.json is damaged: it holds no options of a run" in refused.stderr
