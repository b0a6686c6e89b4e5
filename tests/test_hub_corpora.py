"""Corpora of the hub: Parquet and folders of audio, columns known and named, what moves and what is missing."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub import constants

from bench.corpora import Corpus, load_corpus, read_utterance
from bench.corpora.hub.layouts import FLEURS as CONFIGS
from bench.errors import BenchError
from bench.suite import ColumnsSpec, CorpusSpec, load_suite
from tests.conftest import Command, refusal
from tests.hub import fleurs_rows, place, place_fleurs, tone

FLEURS = CorpusSpec(kind="hub", repo="google/fleurs")
ROWS = fleurs_rows([f"Number {i}" for i in range(6)], [tone(0.5, 200 + i) for i in range(6)])


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "hub"


def load(**changes: object) -> Corpus:
    return load_corpus(FLEURS.model_validate(FLEURS.model_dump() | changes), ("en",), 1)


@pytest.mark.parametrize("streaming", [False, True])
def test_fleurs_as_it_is(streaming: bool, cache: Path) -> None:
    """Clips of one sentence belong together, genders have names, and only sampled audio is kept."""
    commit = place_fleurs(cache, {"en_us": ROWS})
    corpus = load(streaming=streaming, utterances=4)
    assert corpus.name == f"google/fleurs@{commit[:12]}/test"
    assert (corpus.identity.commit, corpus.identity.clusters) == (commit, "id")
    clips = {clip.id: clip for clip in load().utterances["en"]}
    assert {name: (clip.speaker, clip.gender, clip.reference) for name, clip in clips.items()} == {
        f"clip{i}.wav": (str(100 + i // 2), ["male", "female"][i % 2], f"Number {i}") for i in range(6)
    }
    assert list(corpus.utterances["en"]) == list(load().utterances["en"])[:4]
    for number, clip in enumerate(clips[f"clip{i}.wav"] for i in range(6)):
        spectrum = np.abs(np.fft.rfft(read_utterance(clip)))
        assert 2 * np.argmax(spectrum) == pytest.approx(200 + number, abs=2)


def test_only_the_audio_of_the_sample_is_written(cache: Path, tmp_path: Path) -> None:
    place_fleurs(cache, {"en_us": ROWS})
    load(utterances=2)
    assert len([path for path in (tmp_path / "cache").rglob("*") if path.is_file()]) == 2


def test_clips_without_text_are_rejected_and_counted(cache: Path) -> None:
    place_fleurs(cache, {"en_us": [*ROWS[:3], ROWS[3] | {"raw_transcription": " "}]})
    corpus = load()
    assert len(corpus.utterances["en"]) == 3
    assert corpus.rejected["en"] == {"no text": 1}


def test_older_conversions_name_their_files_otherwise(cache: Path) -> None:
    folder = place(cache, "datasets", "google/fleurs", "refs/convert/parquet")
    (folder / "en_us").mkdir()
    for number in range(2):
        rows = pa.Table.from_pylist(ROWS[3 * number : 3 * number + 3])
        pq.write_table(rows, folder / "en_us" / f"fleurs-test-0000{number}-of-00002.parquet")
    pq.write_table(pa.Table.from_pylist(ROWS), folder / "en_us" / "fleurs-train.parquet")
    assert {clip.id for clip in load().utterances["en"]} == {f"clip{i}.wav" for i in range(6)}


def test_any_other_repository_by_its_columns(cache: Path) -> None:
    folder = place(cache, "datasets", "some/speech")
    (folder / "data").mkdir()
    rows = [{"sound": {"bytes": tone(0.4, 300), "path": None}, "words": "a b", "who": f"s{i}"} for i in range(3)]
    pq.write_table(pa.Table.from_pylist(rows), folder / "data" / "test-00000-of-00001.parquet")
    spec = CorpusSpec(kind="hub", repo="some/speech", columns=ColumnsSpec(audio="sound", text="words", speaker="who"))
    clips = load_corpus(spec, ("en",), 1).utterances["en"]
    assert {(clip.id, clip.speaker) for clip in clips} == {(f"{i:06d}", f"s{i}") for i in range(3)}
    assert len(read_utterance(clips[0])) == 6400


def test_a_folder_of_audio_with_its_texts(cache: Path, tmp_path: Path) -> None:
    """Also a copy on this machine, named by corpus.path."""
    root = tmp_path / "mine"
    (root / "english" / "test").mkdir(parents=True)
    with (root / "english" / "test" / "metadata.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file_name", "text", "speaker_id", "id"])
        for i in range(3):
            (root / "english" / "test" / f"{i}.wav").write_bytes(tone(0.3, 250))
            writer.writerow([f"{i}.wav", f"text {i}", f"s{i}", f"u{i}"])
    columns = ColumnsSpec(text="text", speaker="speaker_id", id="id")
    spec = CorpusSpec(kind="hub", repo="some/speech", path=root, config={"en": "english"}, columns=columns)
    corpus = load_corpus(spec, ("en",), 1)
    assert {clip.id for clip in corpus.utterances["en"]} == {"u0", "u1", "u2"}
    assert [len(read_utterance(clip)) for clip in corpus.utterances["en"]] == [4800] * 3
    (root / "english" / "test" / "metadata.csv").unlink()
    with pytest.raises(BenchError, match=r"neither Parquet nor a list of clips \(metadata\.csv"):
        load_corpus(spec, ("en",), 1)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"split": "dev"}, "google/fleurs en_us, split dev: neither Parquet nor a list of clips"),
        ({"config": "xx_yy"}, "google/fleurs xx_yy, split test: neither Parquet nor a list of clips"),
        ({"config": {"de": "de_de"}}, "language 'en': google/fleurs is not known to have it; say its name in"),
        ({"columns": {"text": "words"}}, "words"),
        ({"columns": {"id": "id"}}, "100 stands 2 times; name a column of ids of its own"),
        ({"revision": "other"}, "dataset google/fleurs at other: not in the hub's cache, and HF_HUB_OFFLINE is set"),
        ({"repo": "some/thing"}, "not one whose columns are known (google/fleurs, "),
    ],
)
def test_what_is_not_there_is_named(changes: dict[str, object], complaint: str, cache: Path) -> None:
    place_fleurs(cache, {"en_us": ROWS})
    with pytest.raises(BenchError) as caught:
        load(**changes)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_damaged_file_is_named(cache: Path) -> None:
    place_fleurs(cache, {"en_us": ROWS})
    (file,) = cache.rglob("*.parquet")
    file.write_bytes(file.read_bytes()[:-50])
    with pytest.raises(BenchError, match="google/fleurs en_us: cannot be read"):
        load()


@pytest.mark.parametrize(
    ("corpus", "complaint"),
    [
        ('kind = "hub"', "needs the repository"),
        ('kind = "manifest"\npath = "a.tsv"\nrepo = "a/b"', 'are read for kind = "hub" only'),
        ('kind = "common-voice"\nsplit = "train.clean"', "split = 'train.clean': Common Voice has test, dev"),
        ('kind = "hub"\nrepo = "a/b"\ncolumns = { words = "text" }', "the keys allowed here are audio, text, id"),
    ],
)
def test_suites_say_it_rightly(corpus: str, complaint: str, tmp_path: Path) -> None:
    suite = tmp_path / "a.toml"
    suite.write_text(
        f'name = "a"\nlanguages = ["en"]\narms = [{{ name = "a", model = "demo:96-control" }}]\n[corpus]\n{corpus}\n',
        encoding="utf-8",
    )
    assert complaint in refusal("run", suite)


def test_a_name_that_has_moved_is_refused(bench: Command, cache: Path, tmp_path: Path) -> None:
    """Half of a table of the old clips and half of the new would be neither."""
    place_fleurs(cache, {"en_us": ROWS})
    suite = tmp_path / "a.toml"
    suite.write_text(
        'name = "a"\nlanguages = ["en"]\narms = [{ name = "a", model = "demo:96-control" }]\n[corpus]\nkind = "hub"\n'
        'repo = "google/fleurs"\n[decode]\nmax_new_tokens = 8\nlong_clips = "truncate"\n',
        encoding="utf-8",
    )
    assert bench("run", suite).returncode == 0
    assert load_suite(str(suite)).corpus.revision is None
    (old,) = (cache / "datasets--google--fleurs" / "snapshots").iterdir()
    shutil.copytree(old, old.with_name("a" * 40))
    reference = cache / "datasets--google--fleurs" / "refs" / "refs" / "convert" / "parquet"
    reference.write_text("a" * 40)
    refused = bench("run", suite)
    assert refused.returncode == 2
    assert f'set revision = "{old.name}" to go on' in refused.stderr
    text = suite.read_text(encoding="utf-8")
    suite.write_text(text.replace("[decode]", f'revision = "{old.name}"\n[decode]'), encoding="utf-8")
    assert bench("run", suite).stdout.startswith("decoded 0 clips")


def test_real_clips_come_through_the_hub(bench: Command, cache: Path, tmp_path: Path, data_folder: Path) -> None:
    """FLEURS in Opus, seven languages, laid out as the hub's own conversion does: read whole, and decoded."""
    with (data_folder / "speech" / "manifest.tsv").open(encoding="utf-8") as file:
        clips = [row for row in csv.DictReader(file, delimiter="\t") if row["path"].startswith("fleurs/")]
    by_language: dict[str, list[dict[str, str]]] = {}
    for row in clips:
        by_language.setdefault(row["lang"], []).append(row)
    configs = {
        CONFIGS[language]: fleurs_rows(
            [row["text"] for row in rows],
            [(data_folder / "speech" / row["path"]).read_bytes() for row in rows],
            "clip{}.opus",
        )
        for language, rows in by_language.items()
    }
    place_fleurs(cache, configs)
    corpus = load_corpus(FLEURS, tuple(by_language), 1)
    for language, rows in by_language.items():
        assert len(corpus.utterances[language]) == len(rows)
        for clip in corpus.utterances[language]:
            row = rows[int(clip.id.removeprefix("clip").removesuffix(".opus"))]
            assert clip.reference == row["text"]
            assert len(read_utterance(clip)) / 16_000 == pytest.approx(float(row["dur"]), abs=0.05)
    suite = tmp_path / "a.toml"
    suite.write_text(
        f'name = "a"\nlanguages = {json.dumps(list(by_language))}\n'
        'arms = [{ name = "a", model = "demo:96-control" }, '
        '{ name = "b", model = "demo:96-paper-62.5", control = "a" }]\n[corpus]\nkind = "hub"\n'
        'repo = "google/fleurs"\n[decode]\nmax_new_tokens = 20\nlong_clips = "truncate"\n',
        encoding="utf-8",
    )
    ran = bench("run", suite)
    assert ran.returncode == 0, ran.stderr
    assert f"decoded {2 * len(clips)} clips" in ran.stdout
    assert "unreadable" not in ran.stderr


def test_a_list_names_no_clips_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "test"
    folder.mkdir(parents=True)
    (folder / "metadata.csv").write_text("file_name,text\n../secret.wav,a\n", encoding="utf-8")
    spec = CorpusSpec(kind="hub", repo="a/b", path=tmp_path / "mine", columns=ColumnsSpec(text="text"))
    with pytest.raises(BenchError, match=r"names \.\./secret\.wav, which lies elsewhere"):
        load_corpus(spec, ("en",), 1)
    with pytest.raises(BenchError, match="no column words; mend"):
        load_corpus(spec.model_copy(update={"columns": ColumnsSpec(text="words")}), ("en",), 1)


def test_another_column_of_audio_is_other_audio(cache: Path) -> None:
    folder = place(cache, "datasets", "some/speech")
    rows = [{"near": {"bytes": tone(0.2, 300)}, "far": {"bytes": tone(0.2, 900)}, "words": "a"}]
    pq.write_table(pa.Table.from_pylist(rows), folder / "test.parquet")
    heard = {}
    for column in ("near", "far"):
        spec = CorpusSpec(kind="hub", repo="some/speech", columns=ColumnsSpec(audio=column, text="words"))
        heard[column] = load_corpus(spec, ("en",), 1).utterances["en"][0].audio_hash()
    assert heard["near"] != heard["far"]


def test_clips_that_changed_in_a_local_folder_are_read_anew(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "mine" / "test"
    folder.mkdir(parents=True)
    (folder / "metadata.csv").write_text("file_name,text,id\na.wav,null,007\nb.wav,NA,7\n", encoding="utf-8")
    spec = CorpusSpec(kind="hub", repo="a/b", path=tmp_path / "mine", columns=ColumnsSpec(text="text", id="id"))
    lengths = []
    for seconds in (0.2, 0.4):
        for name in ("a", "b"):
            (folder / f"{name}.wav").write_bytes(tone(seconds, 300))
        clips = load_corpus(spec, ("en",), 1).utterances["en"]
        assert {(clip.id, clip.reference) for clip in clips} == {("007", "null"), ("7", "NA")}
        lengths.append(len(read_utterance(clips[0])))
    assert lengths == [3200, 6400]


def test_names_that_are_none_are_no_speakers(cache: Path) -> None:
    folder = place(cache, "datasets", "facebook/voxpopuli", "refs/convert/parquet")
    rows = [
        {
            "audio_id": f"a{i}",
            "audio": {"bytes": tone(0.1, 300)},
            "normalized_text": "a",
            "speaker_id": who,
            "gender": who,
        }
        for i, who in enumerate(("None", "12", "None"))
    ]
    (folder / "en" / "test").mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / "en" / "test" / "0000.parquet")
    clips = load_corpus(CorpusSpec(kind="hub", repo="facebook/voxpopuli"), ("en",), 1).utterances["en"]
    assert sorted((clip.speaker, clip.gender) for clip in clips) == [("", ""), ("", ""), ("12", "12")]


@pytest.mark.parametrize(
    ("names", "split", "complaint"),
    [
        (["clean/train.100/0000.parquet", "clean/train.360/0000.parquet"], "train", "neither Parquet nor a list"),
        (
            ["clean/train.100/0000.parquet", "clean/dev-00000-of-00001.parquet", "other/x/0000.parquet"],
            "test",
            r"mend corpus\.config or corpus\.split \(the splits there are dev, train\.100\)$",
        ),
        (["data/clean/dev/metadata.csv"], "test", r"\(the splits there are dev\)$"),
        (["clean/test-00001-of-00003.parquet"], "test", "1 of 3 files are there; fetch the others"),
        (["clean/partial-test/0000.parquet"], "test", "has converted only a part of it"),
        (["test-other-00000-of-00001.parquet"], "test", "neither Parquet nor a list"),
    ],
)
def test_a_split_is_that_split_and_whole(names: list[str], split: str, complaint: str, cache: Path) -> None:
    folder = place(cache, "datasets", "openslr/librispeech_asr")
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    with pytest.raises(BenchError, match=complaint):
        load_corpus(CorpusSpec(kind="hub", repo="openslr/librispeech_asr", split=split), ("en",), 1)


def test_another_repository_has_not_moved(bench: Command, cache: Path, tmp_path: Path) -> None:
    """It is another, and decoded anew."""
    place_fleurs(cache, {"en_us": ROWS})
    folder = place(cache, "datasets", "some/speech")
    rows = [{"audio": {"bytes": tone(0.2, 300)}, "words": "a"}]
    pq.write_table(pa.Table.from_pylist(rows), folder / "test.parquet")
    suite = tmp_path / "a.toml"
    head = 'name = "a"\nlanguages = ["en"]\narms = [{ name = "a", model = "demo:96-control" }]\n'
    decode = '[decode]\nmax_new_tokens = 8\nlong_clips = "truncate"\n'
    for corpus in ('repo = "google/fleurs"', 'repo = "some/speech"\ncolumns = { text = "words" }'):
        suite.write_text(f'{head}[corpus]\nkind = "hub"\n{corpus}\n{decode}', encoding="utf-8")
        assert bench("run", suite).returncode == 0
