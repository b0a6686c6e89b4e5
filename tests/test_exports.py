"""Results as others read them: a published schema, a tidy table, a tracker, a paper."""

import io
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from bench.analysis.suite_records import SuiteRecords
from bench.corpus_identity import CommonVoiceCorpus
from bench.errors import BenchError
from bench.reporting.exports.every_eval_ever import every_eval_ever
from bench.reporting.exports.tidy import tidy_csv
from bench.reporting.exports.tracking import log_results
from bench.reporting.tables.latex import latex, render_latex
from bench.reporting.text.format import signed
from bench.stats import Interval
from tests.cards import make_records, make_suite
from tests.conftest import refusal

SCHEMA = Path(__file__).parent / "schemas" / "every_eval_ever-0.3.0.json"


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> SuiteRecords:
    """Not to be changed."""
    return make_records(make_suite(), tmp_path_factory.mktemp("plain"))


def on_the_hub(records: SuiteRecords) -> SuiteRecords:
    corpus = CommonVoiceCorpus(release="17.0-2024-03-15", split="test", locales={"en": "en", "th": "th"})
    return replace(records, manifest=records.manifest.model_copy(update={"corpus": corpus}))


def test_documents_are_valid_by_the_published_schema(records: SuiteRecords) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed: the extra tests")
    validator = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    for found in (records, on_the_hub(records)):
        for arm in found.suite.arms:
            document = json.loads(json.dumps(every_eval_ever(found, arm, 1_764_000_000), allow_nan=False))
            assert [error.message for error in validator.iter_errors(document)] == []


def test_every_cost_has_its_interval_and_no_path_leaves_the_machine(records: SuiteRecords) -> None:
    arm = next(arm for arm in records.suite.arms if arm.control is not None)
    document = every_eval_ever(records, arm, 1_764_000_000)
    found = {entry["evaluation_result_id"]: entry["score_details"] for entry in document["evaluation_results"]}
    for row in records.results.of(arm).clean:
        cost = found[f"{arm.id}/{row.language}/clean/{row.metric}/cost"]
        assert cost["score"] == row.delta.value
        if row.delta.is_determined:
            interval = cost["uncertainty"]["confidence_interval"]
            assert (interval["lower"], interval["upper"]) == (row.delta.low, row.delta.high)
    assert str(Path.cwd()) not in json.dumps(document)
    assert '"/' not in json.dumps(document)


def test_a_tidy_table_has_one_number_a_row(records: SuiteRecords) -> None:
    table = pd.read_csv(io.StringIO(tidy_csv(records)))
    name = ["arm", "language", "condition", "metric", "quantity"]
    assert not table.duplicated(name).any()
    costs = table[table["quantity"] == "cost"].set_index(["arm", "language", "metric"])
    for row in records.results.comparisons:
        assert costs.loc[(str(row.arm), row.language, row.metric), "value"] == pytest.approx(row.delta.value, abs=1e-4)
    assert set(table["signature"]) == {records.results.signature}


def test_a_tracker_gets_a_run_an_arm(records: SuiteRecords, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: dict[str, dict[str, Any]] = {}

    def init(project: str, name: str, config: dict[str, Any]) -> SimpleNamespace:
        runs[name] = {"project": project, "config": config}
        return SimpleNamespace(log=runs[name].update, finish=lambda: None)

    monkeypatch.setitem(sys.modules, "trackio", SimpleNamespace(init=init))
    assert log_results(records, "trackio", "mine") == [arm.id for arm in records.suite.arms]
    arm = next(arm for arm in records.suite.arms if arm.control is not None)
    row = records.results.of(arm).clean.primary[0]
    assert runs[arm.id][f"cost/{row.language}"] == row.delta.value
    assert runs[arm.id]["project"] == "mine"
    assert runs[arm.id]["config"]["signature"] == records.results.signature


def test_a_tracker_that_is_not_there_is_one_line(records: SuiteRecords, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(BenchError, match=r"pip install whisper-mla-bench\[wandb\]"):
        log_results(records, "wandb", "mine")


def test_what_is_no_schema_is_refused() -> None:
    assert "--schema yaml: choose one of every-eval-ever, tidy-csv" in refusal(
        "export-results", "demo", "--schema", "yaml"
    )
    assert "--project belongs to trackio" in refusal("export-results", "demo", "--schema", "tidy-csv", "--project", "p")


def test_nothing_of_a_name_is_a_command_to_latex() -> None:
    assert latex(r"a_b & 5 % \input{x} −1 ✱ †") == (r"a\_b \& 5 \% \textbackslash{}input\{x\} $-$1 $^{*}$ $^{\dagger}$")


def typeset(text: str, folder: Path) -> str:
    """What LaTeX says of a page of it; the test is skipped where there is none."""
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed: what is printed is not set")
    document = rf"\documentclass{{article}}\usepackage{{booktabs}}\begin{{document}}{text}\end{{document}}"
    (folder / "a.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, errors="replace")
    assert done.returncode == 0, done.stdout[-2000:]
    return done.stdout


def test_a_paper_has_every_row(records: SuiteRecords, tmp_path: Path) -> None:
    text = render_latex(records.suite, records.results)
    arms = [arm for arm in records.suite.arms if arm.control is not None]
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == len(arms)
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert len({line.count(" & ") for line in rows}) == 1
    for row in records.results.comparisons:
        if row.primary:
            (line,) = [line for line in rows if line.startswith(row.language)]
            assert signed(row.delta.value).replace("−", "$-$") in line
            assert ("*" in line) == row.verdict.significant
    assert "−" not in text
    assert "Overfull" not in typeset(text, tmp_path)


LANGUAGES = [
    *("ar", "cy", "de", "el", "en", "es", "et", "fa", "fr", "ga", "it", "ja"),
    *("ka", "lt", "mn", "mt", "pl", "pt", "ru", "sl", "ta", "th", "tr", "zh"),
]


def test_a_paper_has_room_for_what_is_long(tmp_path: Path) -> None:
    """Names that LaTeX would obey, 24 languages, costs in four figures, a margin, marks of every kind."""
    arms = [{"name": "base_1", "model": "m/a"}, {"name": "mla_9.b-c", "seed": 3, "model": "m/b", "control": "base_1"}]
    suite = make_suite(arms, languages=LANGUAGES, statistics={"resamples": 100, "margin": 0.5}, name="of_24-tongues")
    found = make_records(suite, tmp_path)
    far = Interval(-1963.78, 1076.09)
    rows = [
        replace(
            row,
            floor=place % 5 == 0,
            delta=replace(row.delta, value=(-1) ** place * 1056.15),
            verdict=replace(
                row.verdict, interval=far, dissenting=("mapsswe",), on_the_line=place % 2 == 0, margin="within"
            ),
        )
        for place, row in enumerate(found.results.comparisons)
    ]
    controls = [row for row in found.results.measurements if row not in found.results.comparisons]
    text = render_latex(suite, replace(found.results, measurements=(*controls, *rows)))
    assert r"mla\_9.b-c\#3 against base\_1 (of\_24-tongues)" in text
    assert len(re.findall(r"^\w\w (\(CER\) )?&.*\\\\$", text, re.MULTILINE)) == len(LANGUAGES)
    assert "Overfull" not in typeset(text, tmp_path)
