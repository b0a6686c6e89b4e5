"""Common Voice: five releases, eleven locales, every fault planted and counted; folders and archives alike."""

import gzip
import io
import tarfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from transformers.models.whisper.tokenization_whisper import LANGUAGES as LANGUAGE_CODES

from bench.audio import UnreadableAudioError
from bench.corpora import Corpus, load_corpus, read_utterance
from bench.corpora.common_voice.archive import cache_folder
from bench.corpora.common_voice.locales import NAMED_OTHERWISE, locales_of
from bench.corpora.common_voice.rows import REQUIRED, parse_split
from bench.corpora.sampling import sample
from bench.data import describe_data
from bench.errors import BenchError
from bench.languages import code_of
from bench.suite import CorpusSpec, Suite, load_suite
from tests.common_voice import COLUMNS, LOCALES, Planted, tone, write_archive, write_locale, write_release
from tests.conftest import Command
from tests.test_corpora import utterances

LANGUAGES = tuple(locale.split("-")[0] for locale in LOCALES)
PLANTED = Planted(
    clips=6,
    rejected={
        "another locale": 1,
        "duplicate path": 2,
        "empty sentence": 3,
        "no usable path": 3,
        "not UTF-8": 1,
        "wrong number of columns": 2,
    },
    unreadable={"cut short": 1, "empty file": 2},
)
RELEASE = "17.0-2024-03-15"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def load(path: Path, *languages: str, count: int | None = None, **spec: str) -> Corpus:
    corpus = CorpusSpec.model_validate({"kind": "common-voice", "path": path, "utterances": count, **spec})
    return load_corpus(corpus, languages, 1)


def make_suite(path: Path, *languages: str, count: int | None = None) -> Suite:
    corpus = {"kind": "common-voice", "path": path, "utterances": count}
    arms = [{"name": "a", "model": "m"}]
    return Suite.model_validate({"name": "s", "languages": languages, "arms": arms, "corpus": corpus})


@pytest.mark.parametrize("release", list(COLUMNS))
def test_the_report_counts_exactly_what_was_planted(release: str, tmp_path: Path) -> None:
    root = write_release(tmp_path, release, LOCALES, PLANTED)
    done: list[int] = []
    report = describe_data(make_suite(root, *LANGUAGES), None, done.append)
    assert report.corpus == f"common-voice-{release}/test"
    assert [data.language for data in report.languages] == list(LANGUAGES)
    for data in report.languages:
        expected = PLANTED.rejected
        if "locale" not in COLUMNS[release].split():
            expected = {key: value for key, value in expected.items() if key != "another locale"}
        assert dict(data.rejected) == expected
        assert dict(data.unreadable) == PLANTED.unreadable
        assert (data.clips, len(data.seconds), data.speakers) == (9, 6, 3)
        assert data.hours == pytest.approx(6 * 0.5 / 3600, rel=0.15)
    assert sum(done) == 9 * 11
    (utterance, *_) = load(root, "zh").utterances["zh"]
    assert utterance.language == "zh"
    assert (utterance.gender, utterance.age, utterance.accent) == ("female_feminine", "twenties", "here")
    assert utterance.sentence_id == ("abc" if "sentence_id" in COLUMNS[release] else "")
    assert utterance.seconds in {0.5, 4.0}
    assert '"' in utterance.reference


def test_archives_give_the_same_as_folders(tmp_path: Path) -> None:
    root = write_release(tmp_path / "made", RELEASE, ["tr", "zh-CN"], Planted(clips=12))
    folder = load(root, "tr", "zh", count=5)
    for clips_first in (False, True):
        archives = tmp_path / f"archives{clips_first}"
        archives.mkdir()
        for locale in ("tr", "zh-CN"):
            write_archive(root, locale, archives, clips_first)
        from_archives = load(archives, "tr", "zh", count=5)
        assert from_archives.name == folder.name
        for language in ("tr", "zh"):
            ours, theirs = from_archives.utterances[language], folder.utterances[language]
            assert [u.id for u in ours] == [u.id for u in theirs]
            assert [u.audio_hash() for u in ours] == [u.audio_hash() for u in theirs]
            assert [u.seconds for u in ours] == [0.5] * 5
    one = write_archive(root, "tr", tmp_path)
    alone = load(one, "tr", count=7)
    assert [u.id for u in alone.utterances["tr"]][:5] == [u.id for u in folder.utterances["tr"]]
    kept = cache_folder(one)
    assert len(list((kept / "clips").iterdir())) == 7
    before = {path: path.stat().st_mtime_ns for path in kept.rglob("*")}
    load(one, "tr", count=7)
    assert {path: path.stat().st_mtime_ns for path in kept.rglob("*")} == before
    load(one, "tr", count=9)
    assert len(list((kept / "clips").iterdir())) == 9


def test_a_shuffled_table_gives_the_same_sample(tmp_path: Path) -> None:
    root = write_locale(tmp_path / f"cv-corpus-{RELEASE}", "cy", RELEASE, Planted(clips=20))
    first = [u.id for u in load(root, "cy", count=8).utterances["cy"]]
    header, *rows = (root / "test.tsv").read_text(encoding="utf-8").splitlines()
    (root / "test.tsv").write_text("\r\n".join([header, *reversed(rows)]), encoding="utf-8")
    assert [u.id for u in load(root, "cy", count=8).utterances["cy"]] == first


@pytest.mark.parametrize("kind", ["absolute", "climbing", "link", "device", "cut", "without table", "without clips"])
def test_archives_that_cannot_be_trusted_are_refused(kind: str, tmp_path: Path) -> None:
    root = write_release(tmp_path / "made", RELEASE, ["cy"], Planted(clips=4))
    if kind == "without table":
        (root / "cy" / "test.tsv").unlink()
    if kind == "without clips":
        for path in sorted((root / "cy" / "clips").iterdir())[2:]:
            path.unlink()
    archive = write_archive(root, "cy", tmp_path)
    names = {"absolute": "/etc/x", "climbing": f"{root.name}/cy/../../../x", "link": f"{root.name}/cy/clips/x.mp3"}
    if kind in {*names, "device"}:
        with tarfile.open(tmp_path / "plain.tar", "w") as tar:
            member = tarfile.TarInfo(names.get(kind, f"{root.name}/cy/clips/d"))
            member.type = {"link": tarfile.SYMTYPE, "device": tarfile.CHRTYPE}.get(kind, tarfile.REGTYPE)
            member.linkname = "/etc/passwd"
            tar.addfile(member, io.BytesIO())
        archive.write_bytes(gzip.compress((tmp_path / "plain.tar").read_bytes()))
    if kind == "cut":
        archive.write_bytes(archive.read_bytes()[:-400])
    message = {
        "absolute": "would leave the folder",
        "climbing": "would leave the folder",
        "link": "is a link or a device",
        "device": "is a link or a device",
        "cut": "damaged",
        "without table": "holds no cy/test.tsv",
        "without clips": "lacks 2 clips of its own test.tsv",
    }[kind]
    with pytest.raises(BenchError, match=message):
        load(archive, "cy")
    assert not (tmp_path / "x").exists()


def test_a_refused_archive_is_refused_again(tmp_path: Path) -> None:
    """What was kept before the fault came does not make the next call trust the rest."""
    root = write_release(tmp_path / "made", RELEASE, ["cy"], Planted(clips=4))
    archive = write_archive(root, "cy", tmp_path)
    with tarfile.open(tmp_path / "plain.tar", "w") as tar:
        tar.add(root, arcname=root.name)
        tar.addfile(tarfile.TarInfo(f"{root.name}/../../x"), io.BytesIO())
    archive.write_bytes(gzip.compress((tmp_path / "plain.tar").read_bytes()))
    for _ in range(2):
        with pytest.raises(BenchError, match="would leave the folder"):
            load(archive, "cy")
    whole = bytearray(write_archive(root, "cy", tmp_path).read_bytes())
    whole[-6] ^= 1
    archive.write_bytes(whole)
    for _ in range(2):
        with pytest.raises(BenchError, match="damaged"):
            load(archive, "cy")


def test_layouts_people_have(tmp_path: Path) -> None:
    root = write_release(tmp_path / "store", RELEASE, ["cy", "zh-TW"], Planted(clips=3))
    (tmp_path / "welsh").symlink_to(root / "cy")
    (tmp_path / f"linked-cv-corpus-{RELEASE}").symlink_to(root)
    for path in (root, root.parent, root / "cy", tmp_path / "welsh", tmp_path / f"linked-cv-corpus-{RELEASE}"):
        assert len(load(path, "cy").utterances["cy"]) == 3, path
    archives = tmp_path / "deep" / "archives"
    archives.mkdir(parents=True)
    write_archive(root, "cy", archives)
    (archives / f"cv-corpus-{RELEASE}-de.tar.gz").symlink_to(tmp_path / "nowhere")
    assert len(load(tmp_path / "deep", "cy").utterances["cy"]) == 3
    assert load(root, "zh").name == f"common-voice-{RELEASE}/test,zh=zh-TW"
    for name in ("one", "two"):
        write_locale(tmp_path / "unnamed" / name, "cy", RELEASE, Planted(clips=3))
    with pytest.raises(BenchError, match="cy is there more than once"):
        load(tmp_path / "unnamed", "cy", release="17.0")


def test_locales_map_to_languages_that_whisper_has() -> None:
    assert {code_of(locale) for locale in NAMED_OTHERWISE} <= set(LANGUAGE_CODES)


@pytest.mark.parametrize(
    ("language", "locales"),
    [
        ("zh", ["zh-CN", "zh-TW"]),
        ("zh-TW", ["zh-TW"]),
        ("cmn_hans_cn", ["zh-CN"]),
        ("zh-Hant", ["zh-TW"]),
        ("yue", ["yue", "zh-HK"]),
        ("yue_hant_hk", ["zh-HK", "yue"]),
        ("cy", ["cy"]),
        ("en-US", ["en"]),
        ("swedish", ["sv-SE"]),
        ("jw", ["jv"]),
        ("pa-PK", ["pa-PK"]),
        ("kab", ["kab"]),
    ],
)
def test_locales_that_may_hold_a_language(language: str, locales: list[str]) -> None:
    assert locales_of(language) == locales


def test_rows_with_one_path_do_not_depend_on_their_order() -> None:
    header, one, other = b"client_id\tpath\tsentence", b"a\tx.mp3\tone", b"b\tx.mp3\ttwo"
    splits = [parse_split("t", None, b"\n".join([header, *rows])) for rows in ((one, other), (other, one))]
    assert splits[0] == splits[1]
    assert splits[0].rejected == {"duplicate path": 1}
    long = b"a\t" + b"x" * 300 + b".mp3\tone"
    assert parse_split("t", None, b"\n".join([header, long])).rejected == {"no usable path": 1}


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    root = write_release(tmp_path, RELEASE, ["cy", "zh-CN"], Planted(clips=3))
    with pytest.raises(BenchError, match=r"locale ka for language 'ka'; the locales there are cy, zh-CN"):
        load(root, "ka")
    with pytest.raises(BenchError, match=r"holds release 17\.0-2024-03-15, not corpus\.release = '11"):
        load(root, "cy", release="11.0-2022-09-21")
    with pytest.raises(BenchError, match="no such file or folder"):
        load(tmp_path / "nowhere", "cy")
    with pytest.raises(BenchError, match=r"no dev\.tsv of locale cy; the splits there are test; set corpus\.split$"):
        load(root, "cy", split="dev")
    renamed = root.rename(tmp_path / "mine")
    with pytest.raises(BenchError, match="no name says the release"):
        load(renamed, "cy")
    assert load(renamed, "cy", release="17.0").name == "common-voice-17.0/test"
    (renamed / "cy" / "clips" / "common_voice_cy_1.mp3").unlink()
    with pytest.raises(BenchError, match="lacks 1 of the sampled clips"):
        load(renamed, "cy", release="17.0")
    with pytest.raises(ValidationError, match=r'read for kind = "common-voice" only'):
        CorpusSpec.model_validate({"kind": "manifest", "path": "x", "split": "train"})


def test_two_releases_side_by_side_must_be_told_apart(tmp_path: Path) -> None:
    for release in ("11.0-2022-09-21", RELEASE):
        write_release(tmp_path, release, ["cy"], Planted(clips=3))
    with pytest.raises(BenchError, match=r"holds releases 11\.0-2022-09-21, 17\.0-2024-03-15"):
        load(tmp_path, "cy")
    assert load(tmp_path, "cy", release=RELEASE).name == f"common-voice-{RELEASE}/test"


def test_training_lists_are_counted_against_the_sample(tmp_path: Path) -> None:
    root = write_release(tmp_path, RELEASE, ["cy"], Planted(clips=6))
    header, *rows = (root / "cy" / "test.tsv").read_text(encoding="utf-8").splitlines()
    (root / "cy" / "train.tsv").write_text("\n".join([header, *rows[:2]]) + "\n", encoding="utf-8")
    report = describe_data(make_suite(root, "cy"), root / "cy" / "train.tsv", lambda count: None)
    shared = {"clips": 2, "speakers": 2, "sentences": 2, "clips touched by any of these": 4}
    assert report.languages[0].shared == shared
    foldered = [row.replace("common_voice", "clips/common_voice", 1) + "\tmore" for row in rows[:2]]
    (root / "cy" / "train.tsv").write_text("\n".join([header, *foldered, "x"]) + "\n", encoding="utf-8")
    again = describe_data(make_suite(root, "cy"), root / "cy" / "train.tsv", lambda count: None)
    assert (again.languages[0].shared, again.unread) == (shared, 1)
    (root / "cy" / "train.tsv").write_text(f"{header}\nx\n", encoding="utf-8")
    with pytest.raises(BenchError, match="none of its 1 rows"):
        describe_data(make_suite(root, "cy"), root / "cy" / "train.tsv", lambda count: None)


def test_the_verb_prints_draws_and_lists(bench: Command, tmp_path: Path) -> None:
    root = write_release(tmp_path, RELEASE, LOCALES, PLANTED)
    suite = tmp_path / "cv.toml"
    arms = 'arms = [{ name = "a", model = "x/y" }]'
    corpus = 'corpus = { kind = "common-voice", path = "${NOWHERE}", utterances = 8 }'
    suite.write_text(f'name = "cv"\nlanguages = ["cy", "zh"]\n{arms}\n{corpus}\n', encoding="utf-8")
    result = bench("data", suite, "--corpus-path", root, "--training", root / "cy" / "test.tsv")
    assert result.returncode == 0, result.stderr
    assert f"measured: common-voice-{RELEASE}/test" in result.stdout
    assert (
        "- zh: rows rejected: 1 another locale, 2 duplicate path, 3 empty sentence, 3 no usable path" in result.stdout
    )
    assert "- cy: the sample shares with the training list: 8 clips, 3 speakers" in result.stdout
    assert "- training list: " in result.stdout
    reports = tmp_path / "reports" / "cv"
    assert (reports / "data.md").read_text(encoding="utf-8") == result.stdout
    assert len((reports / "clips.tsv").read_text(encoding="utf-8").splitlines()) == 1 + 16
    assert {path.name for path in reports.iterdir()} == {"data.md", "clips.tsv", "data.svg", "data.png"}
    first = (reports / "data.png").read_bytes()
    bench("data", suite, "--corpus-path", root)
    assert (reports / "data.png").read_bytes() == first
    missing = bench("data", suite)
    assert missing.returncode == 2
    assert "${NOWHERE} is not set; export it or give --corpus-path" in missing.stderr


def test_the_published_suite_is_ready() -> None:
    suite = load_suite("whisper-tiny-mla")
    assert (len(suite.languages), suite.corpus.utterances, suite.corpus.release) == (11, 1500, RELEASE)
    assert suite.scoring.sensitivity == "whisper-basic"


def test_samples_have_no_bias_to_first_rows() -> None:
    """Over 200 seeds: the mean row drawn is the middle one, and every speaker is drawn before anyone twice.

    The first 500 rows have a mean of 249.5 and a quarter of the speakers.
    """
    rng = np.random.default_rng(3)
    speakers = np.sort(rng.integers(300, size=2_000))  # rows grouped by speaker, as in a test.tsv
    rows = [
        row.__class__(row.id, "en", "text", f"s{speaker}", b"")
        for row, speaker in zip(utterances(2_000), speakers, strict=True)
    ]
    rank = {row.id: i for i, row in enumerate(rows)}
    named = len(set(speakers.tolist()))
    means = []
    for seed in range(200):
        drawn = sample(rows, 500, seed)
        means.append(np.mean([rank[row.id] for row in drawn]))
        assert Counter(row.speaker for row in drawn[:named]).most_common(1)[0][1] == 1
        assert drawn[:400] == sample(rows, 400, seed)
    assert np.mean(means) == pytest.approx(999.5, rel=0.02)


GOOD = b'client_id\tpath\tsentence\tlocale\na\tx.mp3\tone two\tcy\nb\ty.mp3\t"three\tcy\na\tz.mp3\tfour\tcy\n'


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_mutated_tables_are_read_or_refused_and_every_row_counted(data: st.DataObject) -> None:
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(st.binary(max_size=4))
        content[at : at + data.draw(st.integers(0, 5))] = piece
        if not content:
            content = bytearray(b"\n")
    try:
        split = parse_split("test.tsv", "cy", bytes(content))
    except BenchError as error:
        message = str(error)
        if not any(f"no column {column}" in message for column in REQUIRED):
            raise
        return
    lines = bytes(content).removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").split(b"\n")[1:]
    assert len(split.clips) + sum(split.rejected.values()) == sum(bool(line) for line in lines)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 6_000), noise=st.binary(max_size=40), at=st.integers(0, 5_000))
def test_damaged_audio_is_read_or_called_unreadable(tmp_path: Path, cut: int, noise: bytes, at: int) -> None:
    content = bytearray(tone(1.0))
    content[at : at + len(noise)] = noise
    clip = utterances(1)[0].__class__("x", "en", "text", "s", bytes(content[:cut]), seconds=1.0)
    try:
        audio = read_utterance(clip)
    except UnreadableAudioError:
        return
    assert len(audio) >= 0.8 * 16_000
    assert np.isfinite(audio).all()


def test_splits_that_are_there_are_named(tmp_path: Path) -> None:
    root = write_release(tmp_path / "folder", RELEASE, ["cy"], Planted(clips=3))
    (root / "cy" / "train.tsv").write_bytes((root / "cy" / "test.tsv").read_bytes())
    with pytest.raises(BenchError, match=r"no validated\.tsv of locale cy; the splits there are test, train; set"):
        load(root, "cy", split="validated")
    archive = write_archive(root, "cy", tmp_path)
    with pytest.raises(BenchError, match=r"holds no cy/dev\.tsv; the splits there are test, train; set corpus\.split"):
        load(archive, "cy", split="dev")


def test_a_speaker_whom_nobody_knows_and_a_column_that_stands_twice() -> None:
    rows = [b"client_id\tpath\tsentence\tgender", b"unknown\tx.mp3\tone\tN/A", b"a\ty.mp3\ttwo\tfemale"]
    clips = parse_split("t", None, b"\n".join(rows)).clips
    assert [(clip.client_id, clip.gender) for clip in clips] == [("", ""), ("a", "female")]
    with pytest.raises(BenchError, match="t: column sentence stands twice"):
        parse_split("t", None, b"client_id\tpath\tsentence\tsentence\na\tx\tb\tc")


def test_a_locale_beside_the_one_that_a_language_stands_for(tmp_path: Path) -> None:
    root = write_release(tmp_path, RELEASE, ["zh-CN", "zh-TW"], Planted(clips=3))
    both = load(root, "zh-CN", "zh-TW")
    assert both.name == f"common-voice-{RELEASE}/test"
    assert load(root, "zh").name == f"common-voice-{RELEASE}/test"
    assert {language: both.identity.config(language) for language in both.utterances} == {
        "zh-CN": "zh-CN",
        "zh-TW": "zh-TW",
    }
