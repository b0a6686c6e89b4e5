"""Text alone as calibration: which sentences are taken, what they are worth, and what is refused in one line."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bench.arms import find_arm, load_arm
from bench.conversion import choose_clips, convert_arm
from bench.conversion.clips import encode_clips
from bench.conversion.damage import divergence
from bench.conversion.texts import with_texts
from bench.conversion_request import ConversionRequest
from bench.conversion_study.text_worth import HEARD, OTHERS, calibrations, clips_to_test
from bench.corpora import load_corpus, read_texts
from bench.suite import ArmSpec, CorpusSpec, DecodeSpec
from tests.conftest import Command, refusal, write_clips

HEADER = "client_id\tpath\tsentence\tlocale"


def write_texts(path: Path, *rows: str) -> Path:
    """As Common Voice lists sentences."""
    path.write_text("\n".join([HEADER, *(f"x\tnone.mp3\t{row}" for row in rows)]) + "\n", encoding="utf-8")
    return path


def nothing(count: int) -> None:
    """No progress bar."""


def test_sentences_are_read_by_language(tmp_path: Path) -> None:
    path = write_texts(tmp_path / "t.tsv", "สวัสดี\tth", "\tth", "你好\tzh-TW", "再见\tzh-CN", "สวัสดี\tth", "ขอบคุณ\tth")
    texts = read_texts(path, 9, seed=1)
    assert {language: sorted(of_language) for language, of_language in texts.items()} == {
        "th": ["ขอบคุณ", "สวัสดี"],
        "zh": ["你好", "再见"],
    }
    (first,) = read_texts(path, 1, seed=1)["th"]
    assert first == texts["th"][0]  # fewer are the beginning of more
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([HEADER, *reversed(lines[1:])]), encoding="utf-8")
    assert read_texts(path, 9, seed=1) == texts  # whatever the order of rows


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "t.tsv: no such file"),
        (f"{HEADER}\nx\ty\t \tth\n", "t.tsv: no row has a sentence"),
        (f"{HEADER}\n", "t.tsv: no row has a sentence"),
        ("sentence\tpath\nก\tx\n", "no column lang or language or locale"),
        ("path\tlocale\nx\tth\n", "no column text or transcript or sentence or reference"),
        (f"{HEADER}\nx\ty\tone\t\n", "t.tsv: line 2 names no language"),
        (f"{HEADER}\nx\ty\tone\tmartian!\n", "t.tsv: line 2: language 'martian!' is none that is known"),
        (f"{HEADER}\nx\ty\tone\tkab\nx\ty\ttwo\tth\n", "t.tsv: the model has no token for kab; remove the rows in it"),
    ],
)
def test_files_of_no_use_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("t.tsv").write_text(content, encoding="utf-8")
    options = ["--cache-cut", "0.75", "--calibration", "demo", "--clips", "4", "--calibration-text", "t.tsv"]
    assert message in refusal("convert", "demo:48-base", "out", *options)
    assert not Path("out").exists()


@pytest.mark.parametrize("options", [["--init", "svd", "--calibration", "demo"], []])
def test_text_goes_with_clips(tmp_path: Path, options: list[str]) -> None:
    words = ["--cache-cut", "0.75", "--calibration-text", write_texts(tmp_path / "t.tsv", "one\ten")]
    told = refusal("convert", "demo:48-base", tmp_path / "out", *words, *options)
    assert told.startswith("--calibration-text: goes with --calibration, for activation and balanced")


def test_clips_of_no_use_are_refused_whatever_there_is_to_read(tmp_path: Path, model_folders: dict[str, Path]) -> None:
    clips = write_clips(tmp_path / "clips", languages=("en",), clips=8)
    for path in clips.parent.glob("*.wav"):
        path.write_bytes(b"no audio")
    options = ["--cache-cut", "0.75", "--calibration", clips, "--calibration-text"]
    text = write_texts(tmp_path / "t.tsv", "eins\tde")
    told = refusal("convert", model_folders["control"], tmp_path / "out", *options, text)
    assert told == "manifest/clips: every clip is unreadable or longer than the model's window; take others"
    assert not (tmp_path / "out").exists()


def test_a_model_reads_what_it_cannot_hear(bench: Command, tmp_path: Path, model_folders: dict[str, Path]) -> None:
    clips = write_clips(tmp_path / "clips", languages=("en",), clips=8)
    text = write_texts(tmp_path / "t.tsv", "eins zwei\tde", "one two\ten", "drei\tde_DE")
    options = ["--cache-cut", "0.75", "--calibration", clips, "--calibration-text", text]
    made = bench("convert", model_folders["control"], "mla", *options)
    assert made.returncode == 0, made.stderr
    assert "on 2 clips of manifest/clips, made with 6 others and text alone in de" in made.stdout
    record = json.loads((tmp_path / "mla" / "conversion.json").read_text(encoding="utf-8"))
    assert record["calibration"] == {"heard": ["en"], "read": ["de"]}


def test_texts_are_taught_over_states_of_clips_that_were_heard() -> None:
    """And where clips of a language were heard, its texts are left."""
    clips = choose_clips("demo", 4)
    source = find_arm(ArmSpec(name="c", model="demo:48-base"))
    arm = load_arm(source, DecodeSpec(max_new_tokens=1), clips.languages)
    heard = list(encode_clips(arm, [clip for clip in clips.seen if clip.language in ("en", "de")], nothing))
    counts: list[int] = []
    taught = list(with_texts(arm, iter(heard), {"de": ("eins",), "ru": ("один", "два")}, counts.append))
    assert taught[: len(heard)] == heard
    assert [each.language for each in taught[len(heard) :]] == ["ru", "ru"]
    for each in taught[len(heard) :]:
        assert any(torch.equal(each.states, clip.states) for clip in heard)
        assert each.ids[0, : arm.vocabulary.prompt_tokens].tolist() == arm.vocabulary.prompt("ru")
    assert counts == [1, 2]


def test_text_alone_keeps_languages_that_were_not_heard() -> None:
    """On the demo's control at a hard cut: of clips in two languages alone, several times as much is lost in others."""
    clips = choose_clips("demo", 8)
    source = find_arm(ArmSpec(name="c", model="demo:96-control"))
    arm = load_arm(source, DecodeSpec(max_new_tokens=1), clips.languages)
    others = [language for language in clips.languages if language not in ("en", "de")]
    texts = {each: tuple(clip.reference for clip in clips.seen if clip.language == each) for each in others}
    few = replace(
        clips,
        languages=("en", "de"),
        seen=tuple(clip for clip in clips.seen if clip.language not in others),
        held_back=clips.held_back[:1],
    )
    tested = list(encode_clips(arm, [clip for clip in clips.held_back if clip.language in others], nothing))
    request = ConversionRequest.of_options("decoder-self", "balanced", 0.875, None, None)
    heard, read, whole = (
        divergence(arm.model, convert_arm(arm, request, given, nothing).model, tested, arm.vocabulary.prompt_tokens)
        for given in (few, replace(few, texts=texts), clips)
    )
    assert read < heard / 3
    assert read < 1.5 * whole


def test_what_text_is_worth_is_measured_on_nothing_that_calibration_had() -> None:
    corpus = load_corpus(CorpusSpec(kind="demo"), HEARD + OTHERS, 1)
    tested = [clip for clips in clips_to_test(corpus).values() for clip in clips]
    said, by = {clip.reference for clip in tested}, {(clip.language, clip.speaker) for clip in tested}
    made = calibrations(corpus)
    for clips in made.values():
        assert not {clip.reference for clip in clips.seen} & said
        assert not {(clip.language, clip.speaker) for clip in clips.seen} & by
    assert not {text for texts in made["text"].texts.values() for text in texts} & said
    assert set(made["text"].texts) == set(OTHERS) == {clip.language for clip in made["clips"].seen} - set(HEARD)
    assert made["text"].seen == made["neither"].seen
