"""Arms that are conversions on clips, by a word: made once, kept, and known by their model, clips and recipe."""

import json
from pathlib import Path

import pytest

from bench.arms import conversion_folder, find_arm
from bench.conversion.by_word import request_of
from bench.corpora import choose_clips, load_corpus
from bench.errors import BenchError
from bench.suite import load_suite
from tests.conftest import Command, write_clips, write_suite


def write(path: Path, model_folders: dict[str, Path], manifest: Path, calibration: str = "clips/clips.tsv") -> Path:
    file = write_suite(path, model_folders, manifest)
    arm = f'{{ name = "small", model = "balanced-75:control", calibration = "{calibration}", control = "control" }},\n]'
    file.write_text(file.read_text(encoding="utf-8").replace("\n]", f"\n  {arm}", 1), encoding="utf-8")
    return file


@pytest.fixture
def suite_of_a_word(tmp_path: Path, model_folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    manifest = write_clips(tmp_path / "clips")
    return write(tmp_path / "mine.toml", model_folders, manifest, str(manifest))


def test_a_conversion_is_made_before_the_run_and_kept(bench: Command, suite_of_a_word: Path, tmp_path: Path) -> None:
    asked = bench("doctor", suite_of_a_word)
    assert "small: balanced-75:control is not made yet; `bench run` makes it first" in asked.stdout
    assert "decodes   are counted when small is made" in asked.stdout
    assert "speakers who calibrate are tested: small; calibrate on others" in asked.stdout
    assert asked.returncode == 0
    assert "made small" not in bench("run", suite_of_a_word, "--arm", "control").stderr
    done = bench("run", suite_of_a_word)
    assert done.returncode == 0, done.stderr
    assert "made small: balanced-75:control" in done.stderr
    (folder,) = (path for path in (tmp_path / "cache" / "whisper-mla-bench" / "conversions").iterdir() if path.is_dir())
    assert folder.name.startswith("balanced-75-")
    record = json.loads((folder / "conversion.json").read_text(encoding="utf-8"))
    assert record["request"]["allocate"]
    again = bench("run", suite_of_a_word)
    assert "made small" not in again.stderr
    assert again.stdout.startswith("decoded 0 clips")
    assert "small" in bench("table", suite_of_a_word).stdout


def test_another_clip_is_another_conversion(
    suite_of_a_word: Path, tmp_path: Path, model_folders: dict[str, Path]
) -> None:
    suite = load_suite(str(suite_of_a_word))
    arm = suite.arms[-1]
    control = find_arm(suite.files_of(arm)).fingerprint
    before = conversion_folder(arm, control)
    with pytest.raises(BenchError, match="is not made yet; `bench run` makes it"):
        find_arm(arm, suite.files_of(arm))
    assert conversion_folder(arm, "another model") != before
    audio = next((tmp_path / "clips").rglob("*.wav"))
    audio.write_bytes(audio.read_bytes() + b"\0\0")
    assert conversion_folder(arm, control) != before


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"balanced-75:control", calibration = "%s"', '"balanced-75:control"', "is made on clips; set calibration"),
        ('"balanced-75:control"', '"svd-75:control"', "calibration names clips for model = balanced-87.5:NAME"),
        ('"balanced-75:control"', '"balanced-75:nobody"', "the arms with a model are"),
    ],
)
def test_words_that_do_not_fit(suite_of_a_word: Path, tmp_path: Path, old: str, new: str, complaint: str) -> None:
    text = suite_of_a_word.read_text(encoding="utf-8")
    old = old.replace("%s", str(next((tmp_path / "clips").glob("*.tsv"), tmp_path / "clips")))
    assert old in text
    suite_of_a_word.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(BenchError, match=complaint):
        load_suite(str(suite_of_a_word))


def test_clips_that_are_not_there_are_one_line(bench: Command, suite_of_a_word: Path, tmp_path: Path) -> None:
    text = suite_of_a_word.read_text(encoding="utf-8")
    (tmp_path / "none.tsv").write_text("path\tsentence\tlocale\n", encoding="utf-8")
    manifest = text.partition('calibration = "')[2].partition('"')[0]
    suite_of_a_word.write_text(
        text.replace(f'calibration = "{manifest}"', 'calibration = "none.tsv"'), encoding="utf-8"
    )
    refused = bench("run", suite_of_a_word)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("bench: arm small: ")
    assert refused.stderr.count("\n") == 1


def test_what_each_word_asks_for() -> None:
    even, shared, least = (request_of(word, "int8") for word in ("even-62.5", "shared-448", "least-0.005"))
    assert (even.modules, even.init, even.cut, even.allocate) == (("self",), "balanced", 0.625, False)
    assert (shared.modules, shared.rank, shared.share_cross) == (("cross",), 448, True)
    assert (least.max_divergence, least.share_cross, least.allocate, least.kv) == (0.005, True, True, "int8")
    assert request_of("activation-75", None).allocate


def test_speakers_set_aside_calibrate_the_suite_that_never_tests_them(
    bench: Command, suite_of_a_word: Path, tmp_path: Path
) -> None:
    """A suite names itself; what is heard is nobody's who is tested, so there is nothing to be wary of."""
    text = suite_of_a_word.read_text(encoding="utf-8")
    clips = text.partition('calibration = "')[2].partition('"')[0]
    words = ("even-75", "shared-24", "least-0.1")
    arms = "".join(
        f'  {{ name = "{word}", model = "{word}:control", calibration = "mine.toml", control = "control" }},\n'
        for word in words
    )
    text = text.replace(clips, "mine.toml", 1).replace("\n]", f"\n{arms}]", 1)
    suite_of_a_word.write_text(text.replace("[corpus]", "[corpus]\nset_aside = 2", 1), encoding="utf-8")
    done = bench("run", suite_of_a_word)
    assert done.returncode == 0, done.stderr
    assert "caution: arm" not in done.stderr
    kept = tmp_path / "cache" / "whisper-mla-bench" / "conversions"
    assert sorted(path.name.rpartition("-")[0] for path in kept.iterdir() if path.is_dir()) == sorted(
        (*words, "balanced-75")
    )
    suite = load_suite(str(suite_of_a_word))
    heard = {(clip.language, clip.speaker) for clip in choose_clips(str(suite_of_a_word), 16).seen}
    corpus = load_corpus(suite.corpus, suite.languages, suite.seed)
    assert heard.isdisjoint((clip.language, clip.speaker) for clips in corpus.utterances.values() for clip in clips)
