"""The first minutes: which suites there are, and a suite of one's own that runs as it is written."""

from pathlib import Path

import pytest

from bench.suite import load_suite
from tests.conftest import Command, refusal, write_clips


def test_a_suite_that_init_writes_runs(bench: Command, tmp_path: Path, model_folders: dict[str, Path]) -> None:
    write_clips(tmp_path / "clips", clips=3)
    (tmp_path / "suites").mkdir()
    made = bench("init", model_folders["control"], model_folders["converted"], "clips", "suites/first.toml")
    assert made.returncode == 0, made.stderr
    assert "next: bench doctor suites/first.toml, or bench run suites/first.toml --limit 20" in made.stderr
    suite = load_suite(str(tmp_path / "suites" / "first.toml"))
    assert (suite.name, suite.languages) == ("first", ("en", "de"))
    assert suite.corpus.path is not None
    assert suite.corpus.path.resolve() == (tmp_path / "clips").resolve()
    assert str(tmp_path) not in (tmp_path / "suites" / "first.toml").read_text()
    assert "first.toml is there already" in refusal("init", "a", "b", tmp_path, tmp_path / "suites" / "first.toml")
    text = (tmp_path / "suites" / "first.toml").read_text().replace("max_new_tokens = 128", "max_new_tokens = 12")
    (tmp_path / "suites" / "first.toml").write_text(text)
    assert bench("run", "suites/first.toml", "--limit", "2").returncode == 0


def test_a_release_of_common_voice_is_known_by_its_locales(bench: Command, tmp_path: Path) -> None:
    for locale in ("cy", "de"):
        (tmp_path / "cv-corpus-17.0-2024-03-15" / locale).mkdir(parents=True)
        (tmp_path / "cv-corpus-17.0-2024-03-15" / locale / "test.tsv").write_text("client_id\tpath\tsentence\n")
    made = bench("init", "openai/whisper-tiny", "my/mla", "cv-corpus-17.0-2024-03-15", "--language", "cy")
    assert made.returncode == 0, made.stderr
    suite = load_suite(str(tmp_path / "my-suite.toml"))
    assert (suite.corpus.kind, suite.languages) == ("common-voice", ("cy",))
    assert [arm.model for arm in suite.arms] == ["openai/whisper-tiny", "my/mla"]
    assert [str(arm.id) for arm in suite.arms] == ["whisper-tiny", "mla"]
    assert suite.arms[1].control == "whisper-tiny"


def test_a_release_without_a_test_split_is_measured_on_what_is_validated(bench: Command, tmp_path: Path) -> None:
    locale = tmp_path / "cv-corpus-17.0-2024-03-15" / "cy"
    locale.mkdir(parents=True)
    (locale / "validated.tsv").write_text("client_id\tpath\tsentence\n")
    assert "a release of Common Voice, which a suite reads" in refusal(
        "convert", "demo:96-control", tmp_path / "made", "--cache-cut", "0.5", "--calibration", locale.parent
    )
    assert bench("init", "openai/whisper-tiny", "my/mla", locale.parent).returncode == 0
    corpus = load_suite(str(tmp_path / "my-suite.toml")).corpus
    assert (corpus.kind, corpus.split) == ("common-voice", "validated")


@pytest.mark.parametrize(
    ("models", "names"),
    [
        (("my/mla", "your/mla"), ["control", "converted"]),
        (("models/größe", "models/(a b)"), ["gr-e", "a-b"]),
        (("models/日本", "my/mla"), ["control", "converted"]),
    ],
)
def test_arms_are_called_as_their_models(
    models: tuple[str, str], names: list[str], bench: Command, tmp_path: Path
) -> None:
    """By their parts in the suite where that gives no two names."""
    write_clips(tmp_path / "clips", clips=1)
    assert bench("init", *models, "clips").returncode == 0
    assert [str(arm.id) for arm in load_suite(str(tmp_path / "my-suite.toml")).arms] == names


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["a", "b", "nowhere"], "nowhere: no such file or folder; give a manifest"),
        (["a", "b", ".", "suite.txt"], "suite.txt: a suite's name ends in .toml"),
        (["a", "b", "."], "needs one .tsv or .jsonl manifest"),
    ],
)
def test_what_no_suite_can_be_made_of(words: list[str], complaint: str, bench: Command) -> None:
    refused = bench("init", *words)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert complaint in refused.stderr


def test_suites_are_listed_with_what_is_there(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('name = "no suite"\n')
    (tmp_path / "reports" / "mine").mkdir(parents=True)
    listed = bench("list")
    assert listed.returncode == 0, listed.stderr
    rows = {line.split("|")[1].strip(): line for line in listed.stdout.splitlines()}
    assert rows[suite_file.name].rstrip("| ").endswith("reports")
    assert {"demo", "demo-family", "whisper-base"} <= set(rows)
    assert "pyproject.toml" not in rows
