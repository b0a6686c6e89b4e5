"""Verification: an untouched run passes; each planted change is named, and the exit code is 1."""

import inspect
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from rich.console import Console

from bench.analysis.power import Size
from bench.analysis.suite_records import read_suite_records
from bench.cli import VERBS
from bench.comparing import compare_suite
from bench.corpora import Corpus, Utterance
from bench.corpus_identity import ManifestCorpus
from bench.errors import BenchError
from bench.plan import Plan, Supposition, make_plan
from bench.reporting.catalogue import CATALOGUE, Sources, render
from bench.reporting.tables.power import render_plan
from bench.runners import run_suite
from bench.stats import critical_normal, expected_standard_error
from bench.stats.distributions import normal_sf
from bench.store import Store
from bench.suite import Suite, load_suite
from bench.verify import verify
from tests.conftest import Command, write_clips, write_suite
from tests.manifests import with_arm
from tests.stored import make_suite
from tests.test_commands import one_line_error
from tests.test_repository import committed_files


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory, model_folders: dict[str, Path]) -> Path:
    """A folder with a suite file, its results and its reports."""
    folder = tmp_path_factory.mktemp("verified")
    extra = 'statistics = { resamples = 200 }\nscoring = { sensitivity = "whisper-basic" }'
    suite = write_suite(folder / "mine.toml", model_folders, write_clips(folder / "clips"), extra, nll=True)
    loaded, store = load_suite(str(suite)), Store(folder / "results" / "mine")
    run_suite(loaded, store, [], Console(stderr=True))
    compare_suite(loaded, store)
    write_reports(loaded, store)
    return folder


def write_reports(suite: Suite, store: Store) -> None:
    """What `bench table` renders, beside the results."""
    folder = store.folder.parents[1] / "reports" / suite.name
    render("table", Sources(read_suite_records(suite, store), store.folder.parent), folder)


@pytest.fixture
def decoded(pristine: Path, tmp_path: Path) -> Path:
    """The suite file, with a copy of everything beside it."""
    shutil.copytree(pristine, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "mine.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(str(pristine), str(tmp_path)), encoding="utf-8")
    return path


def differences(decoded: Path) -> list[str]:
    folder = decoded.parent
    return list(verify(load_suite(str(decoded)), Store(folder / "results" / "mine"), folder / "reports" / "mine"))


def run(decoded: Path) -> int:
    """Runs, compares and renders anew; returns how many clips were decoded."""
    suite, store = load_suite(str(decoded)), Store(decoded.parent / "results" / "mine")
    summary = run_suite(suite, store, [], Console(stderr=True))
    compare_suite(suite, store)
    write_reports(suite, store)
    return summary.decoded


def test_a_changed_record_of_memory_is_named(bench: Command, decoded: Path) -> None:
    """Rendered with the table; a record that says something else afterwards is told from what was rendered."""
    decoded.write_text(
        decoded.read_text(encoding="utf-8") + "\n[memory]\nbatch = [1]\ntokens = [9]\n", encoding="utf-8"
    )
    measured = bench("memory", decoded)
    assert "positions (median transcript)" in measured.stdout, measured.stderr
    assert differences(decoded) == []
    path = decoded.parent / "results" / "mine" / "memory.parquet"
    pd.read_parquet(path).assign(own=1).to_parquet(path)
    assert any("memory.md: line" in line for line in differences(decoded))
    assert bench("table", decoded).returncode == 0
    assert differences(decoded) == []


def test_an_untouched_run_verifies(bench: Command, decoded: Path) -> None:
    result = bench("verify", decoded)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.startswith("verified mine")


def test_without_reports_it_says_so(bench: Command, decoded: Path, tmp_path: Path) -> None:
    (tmp_path / "reports" / "mine" / "table.csv").unlink()
    assert "table.csv: missing beside the other reports" in differences(decoded)[0]
    shutil.rmtree(tmp_path / "reports")
    assert "no report is rendered yet" in bench("verify", decoded).stdout


def test_a_changed_decode_is_named_until_it_is_decoded_again(bench: Command, decoded: Path, tmp_path: Path) -> None:
    part = sorted((tmp_path / "results" / "mine" / "decodes").iterdir())[0]
    decodes = pd.read_parquet(part)
    decodes.loc[2, "hypothesis"] = "one two three four"
    decodes.to_parquet(part, index=False)
    changed = bench("verify", decoded)
    assert changed.returncode == 1
    assert f"{part.name}: not what was decoded" in changed.stdout
    assert f"cannot be recomputed: results/mine/decodes/{part.name}: not what was decoded" in changed.stdout
    assert f"{part.name}: not what was decoded; delete it" in one_line_error(bench("compare", decoded))
    again = bench("run", decoded)
    assert again.returncode == 2
    assert f"{part.name}: not what was decoded; delete it" in again.stderr
    part.unlink()
    assert run(decoded) == 6
    assert differences(decoded) == []


def test_a_part_of_another_arm_or_cell_is_named(bench: Command, decoded: Path, tmp_path: Path) -> None:
    """Copied over by hand, or, where the manifest was told of it, holding another cell than it stands for."""
    store = Store(tmp_path / "results" / "mine")
    manifest = store.read_manifest()
    (control,), (converted,), (german,) = (
        manifest.arms[arm].parts[cell]
        for arm, cell in (("control", "en/clean"), ("converted", "en/clean"), ("control", "de/clean"))
    )
    good = store.part_path(control).read_bytes()
    for other in (converted, german):
        shutil.copyfile(store.part_path(other), store.part_path(control))
        assert f"{control}.parquet: not what was decoded; delete it" in one_line_error(bench("compare", decoded))
    hashes = dict(manifest.arms["control"].hashes) | {control: manifest.arms["control"].hashes[german]}
    store.write_manifest(with_arm(manifest, "control", hashes=hashes))
    error = one_line_error(bench("compare", decoded))
    assert f"{control}.parquet: holds decodes of de/clean, not of en/clean; delete it" in error
    store.part_path(control).unlink()
    store.part_path(control).mkdir()
    assert f"{control}.parquet: cannot be read: Is a directory; delete it" in one_line_error(bench("compare", decoded))
    store.part_path(control).rmdir()
    store.part_path(control).write_bytes(good)
    store.write_manifest(manifest)
    assert bench("compare", decoded).returncode == 0


def test_changed_utterances_are_named(decoded: Path, tmp_path: Path) -> None:
    path = tmp_path / "results" / "mine" / "utterances.parquet"
    pd.read_parquet(path).assign(reference="one").to_parquet(path, index=False)
    (line,) = differences(decoded)
    assert line.endswith("utterances.parquet: not what was recorded with the decodes; run `bench run` on this suite")
    assert run(decoded) == 0
    assert differences(decoded) == []


def test_a_changed_comparison_is_named(decoded: Path, tmp_path: Path) -> None:
    path = tmp_path / "results" / "mine" / "comparisons.parquet"
    comparisons = pd.read_parquet(path)
    row = comparisons.index[(comparisons["arm"] == "converted") & (comparisons["metric"] == "cer")][0]
    comparisons.loc[row, "delta"] += 0.01
    comparisons.to_parquet(path, index=False)
    (line,) = differences(decoded)
    assert f"comparisons.parquet: delta of row {row} (arm converted, " in line
    assert "language en" in line


def test_a_changed_cell_of_the_table_is_named(decoded: Path, tmp_path: Path) -> None:
    table = tmp_path / "reports" / "mine" / "table.md"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    number = next(i for i, line in enumerate(lines) if line.startswith("| de"))
    lines[number] = lines[number].replace("| 6 ", "| 7 ", 1)
    table.write_text("".join(lines), encoding="utf-8")
    (line,) = differences(decoded)
    assert f"table.md: line {number + 1} reads" in line


def test_a_report_that_no_record_gives_is_named(decoded: Path, tmp_path: Path) -> None:
    """Of an arm that is gone, say; what is of a corpus or somebody's own is left alone."""
    reports = tmp_path / "reports" / "mine"
    for name in ("card-old.md", "card-old.png", "ladder-old.svg", "memory.md"):
        (reports / name).write_text("figures of once", encoding="utf-8")
    for name in ("data.md", "clips.tsv", "notes.txt"):
        (reports / name).write_text("something else", encoding="utf-8")
    lines = differences(decoded)
    assert [line.split(":")[0].removeprefix(f"{reports}/") for line in lines] == [
        "card-old.md",
        "card-old.png",
        "ladder-old.svg",
        "memory.md",
    ]
    assert "not what the suite's records give (any more); run `bench card`, or delete it" in lines[1]


def test_missing_and_damaged_files_are_named(bench: Command, decoded: Path, tmp_path: Path) -> None:
    results = tmp_path / "results" / "mine"
    (results / "comparisons.parquet").write_bytes(b"cut short")
    (results / "slices.parquet").unlink()
    (tmp_path / "reports" / "mine" / "cost.png").write_bytes(b"\x89PNG other")
    lines = "\n".join(differences(decoded))
    assert "comparisons.parquet is damaged" in lines
    assert "slices.parquet: not there yet" in lines
    assert "cost.png: not the picture that its records give" in lines
    sorted((results / "decodes").iterdir())[0].write_bytes(b"cut short")
    assert "cannot be recomputed" in differences(decoded)[-1]
    assert "not what was decoded" in one_line_error(bench("compare", decoded))
    part = sorted((results / "decodes").iterdir())[1]
    part.unlink()
    part.mkdir()
    assert any(f"{part.name}: cannot be read: Is a directory; delete it" in line for line in differences(decoded))
    (results / "manifest.json").write_text("{", encoding="utf-8")
    verified = bench("verify", decoded)
    assert verified.returncode == 1
    assert verified.stdout.startswith("cannot be recomputed: results/mine/manifest.json is damaged")
    assert len(verified.stdout.splitlines()) == 1


def test_what_reading_refuses_does_not_verify(bench: Command, decoded: Path) -> None:
    """Be it that all values are those that were computed: of such a table no report is rendered."""
    folder = decoded.parent / "results" / "mine"
    path, sums = folder / "thresholds.parquet", folder / "tables.json"
    whole, hashes = path.read_bytes(), sums.read_text(encoding="utf-8")
    at = whole.index(b"pandas") if b"pandas" in whole else whole.index(b"ARROW:schema")
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    assert one_line_error(bench("table", decoded)).startswith("bench: results/mine/thresholds.parquet")
    assert any("thresholds.parquet" in line for line in differences(decoded))
    path.write_bytes(whole)
    sums.write_text("[1]", encoding="utf-8")
    (line,) = differences(decoded)
    assert "tables.json is damaged: it holds no hashes; run `bench compare`" in line
    sums.write_text(hashes, encoding="utf-8")
    assert differences(decoded) == []


def test_plans_from_decodes_and_from_a_rate(bench: Command, decoded: Path) -> None:
    from_decodes = bench("plan", decoded, "--target", 2)
    assert from_decodes.returncode == 0, from_decodes.stderr
    assert "from the stored decodes" in from_decodes.stdout
    assert "speakers for 2" in from_decodes.stdout
    assert "| this suite | 12 | 2 | 1 | 2 | 24 | " in " ".join(from_decodes.stdout.split())
    assert "24,000,000 x 8 x 2 = 384,000,000, of a million clips in each of 24 languages" in from_decodes.stdout
    assert "not known" not in from_decodes.stdout
    stated = bench("plan", decoded, "--wer", 30, "--results", "elsewhere")
    assert "from an error rate of 30 %" in stated.stdout
    assert "time not known before a first run" in stated.stdout
    simulated = bench("plan", decoded, "--wer", 30, "--simulate", "--results", "elsewhere")
    assert "simulated: 400 corpora a language, seed 1, B = 200 resamples each" in simulated.stdout
    assert "marks 1, simulated" in simulated.stdout
    assert "--simulate belongs to --wer" in one_line_error(bench("plan", decoded, "--simulate"))
    assert "or state a WER by --wer" in one_line_error(bench("plan", decoded, "--results", "elsewhere"))
    assert "--wer 0" in one_line_error(bench("plan", decoded, "--wer", 0))
    assert "--target -1" in one_line_error(bench("plan", decoded, "--target", -1))


def planned(
    speakers: Sequence[str],
    clusters: str = "speaker",
    clips_per_speaker: float | None = None,
    simulate: Callable[[int], object] | None = None,
) -> tuple[Plan, Size]:
    """English clips of the same ten words, by those speakers; three in ten words wrong."""
    words = " ".join("abcdefghij")
    clips = [Utterance(f"u{i}", "en", words, speaker, b"") for i, speaker in enumerate(speakers)]
    corpus = Corpus(ManifestCorpus(stem="clips", split=None, clusters=clusters), {"en": clips})
    suite = make_suite([{"name": "a"}, {"name": "b", "control": "a"}], ["en"], statistics={"resamples": 200})
    plan = make_plan(suite, Store(Path("nowhere")), Supposition(30.0, clips_per_speaker), 4.0, corpus, simulate)
    (language,) = plan.languages
    return plan, language.size


def test_clips_of_one_speaker_are_not_planned_as_independent() -> None:
    one_each = [f"s{i}" for i in range(300)]
    alone, ten = planned(one_each)[1], planned([f"s{i % 30}" for i in range(300)])[1]
    assert alone.standard_error == pytest.approx(100 * expected_standard_error(0.3, 3000))
    assert (alone.design_effect, ten.design_effect) == pytest.approx((1, 1.9))
    assert ten.standard_error == pytest.approx(1.9**0.5 * alone.standard_error)
    unequal = planned(["s"] * 200 + [f"t{i}" for i in range(100)])[1]
    assert unequal.design_effect == pytest.approx(1 + (40_100 / 300 - 1) * 0.1)
    assert (alone.least, planned([f"s{i % 29}" for i in range(300)])[1].least) == (False, True)


@pytest.mark.parametrize(
    ("speakers", "clusters"), [([""] * 300, "speaker"), ([f"s{i}" for i in range(300)], "sentence")]
)
def test_where_no_speaker_is_named_clips_a_speaker_are_supposed(speakers: list[str], clusters: str) -> None:
    plan, size = planned(speakers, clusters)
    assert "10 clips a speaker in en, where none are named (--clips-per-speaker)" in plan.source
    assert size.design_effect == pytest.approx(1.9)
    plan, size = planned(speakers, clusters, clips_per_speaker=50)
    assert size.design_effect == pytest.approx(5.9)
    assert size.least
    with pytest.raises(BenchError, match="--clips-per-speaker 0: a number, 1 or more"):
        planned(speakers, clusters, clips_per_speaker=0)
    with pytest.raises(BenchError, match="the corpus names every clip's speaker"):
        planned([f"s{i}" for i in range(300)], clips_per_speaker=2)


def test_simulated_power_is_of_the_target_and_the_same_again() -> None:
    told: list[int] = []
    plan, _ = planned([f"s{i % 60}" for i in range(300)], simulate=told.append)
    (language,) = plan.languages
    assert language.simulated is not None
    marked, alone = language.simulated
    assert marked == alone  # one language is a family of itself
    assert alone == pytest.approx(normal_sf(critical_normal(0.05) - 4 / language.size.standard_error), abs=0.1)
    assert sum(told) == 400
    assert plan.languages == planned([f"s{i % 60}" for i in range(300)], simulate=told.append)[0].languages


def test_languages_in_which_nothing_differs_have_no_plan(decoded: Path) -> None:
    suite, store = load_suite(str(decoded)), Store(decoded.parent / "results" / "mine")
    path = store.table_path("comparisons")
    table = store.read_arrow(path)
    rows = table.to_pylist()
    for row in rows:
        row["standard_error"] = 0.0 if row["language"] == "de" else float("nan")
    store.write_arrow(path, pa.Table.from_pylist(rows, schema=table.schema))
    store.write_sums([path])
    margin = suite.model_copy(update={"statistics": suite.statistics.model_copy(update={"margin": 1.0})})
    text = render_plan(replace(make_plan(suite, store, None, None), margin=margin.statistics.margin))
    assert [line.count("n/a") for line in text.splitlines() if line.startswith(("| en", "| de"))] == [6, 5]


def test_a_changed_signature_is_named(decoded: Path) -> None:
    store = Store(decoded.parent / "results" / "mine")
    path = store.table_path("slices")
    table = store.read_arrow(path)
    store.write_arrow(path, table.replace_schema_metadata({**table.schema.metadata, b"signature": b"corpus:other"}))
    assert differences(decoded) == [f"{path}: its signature is not what its decodes give; run `bench compare`"]


@pytest.mark.parametrize("suite", ["demo", "demo-family", "demo-ladder"])
def test_every_committed_report_has_one_owner(suite: str) -> None:
    folder = f"reports/{suite}"
    names = [Path(file).relative_to(folder) for file in committed_files(folder)]
    owners = {name.as_posix(): [report.name for report in CATALOGUE if report.owns(name)] for name in names}
    assert owners
    assert {name: of for name, of in owners.items() if len(of) != 1} == {}


def test_no_name_has_two_owners() -> None:
    """Whatever the * stands for, another report's name included."""
    texts = ("x", *(report.name for report in CATALOGUE))
    names = {name.replace("*", text) for report in CATALOGUE for name in report.files for text in texts}
    owners = {name: [report.name for report in CATALOGUE if report.owns(Path(name))] for name in names}
    assert {name: of for name, of in owners.items() if len(of) != 1} == {}
    assert len({report.name for report in CATALOGUE}) == len(CATALOGUE)


def test_every_report_is_written_by_a_verb_of_the_command_line() -> None:
    """`verify` tells users to type it, with its options."""
    verbs = {verb.__name__: verb for verb in VERBS}
    for report in CATALOGUE:
        name, *options = report.verb.split()
        parameters = inspect.signature(verbs[name]).parameters
        assert {option.removeprefix("--").replace("-", "_") for option in options} <= set(parameters), report.name
