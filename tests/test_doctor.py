"""What `bench doctor` says of a corpus before a run refuses it, or makes less of it than was thought."""

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.corpora import load_corpus
from bench.doctor.calibration import check_calibration
from bench.doctor.findings import Finding
from bench.suite import CorpusSpec, Suite
from tests.conftest import Command, write_clips, write_suite


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return write_clips(tmp_path / "clips", clips=3)


def test_every_refusal_is_named_and_not_the_first_alone(
    bench: Command, tmp_path: Path, manifest: Path, model_folders: dict[str, Path]
) -> None:
    """Speakers called unknown, and a clip beyond the window, though the suite demands speakers."""
    soundfile.write(tmp_path / "clips" / "en0.wav", np.full(16_000 * 12, 0.1), 16_000)
    text = manifest.read_text()
    for number in range(3):
        text = text.replace(f"\tspeaker{number}\t", "\tunknown\t")
    manifest.write_text(text)
    suite = write_suite(tmp_path / "a.toml", model_folders, manifest)
    suite.write_text(suite.read_text() + '\n[statistics]\nunit = "speaker"\n')
    examined = bench("doctor", suite)
    assert examined.returncode == 1
    failures = [line for line in examined.stdout.splitlines() if line.startswith("FAIL")]
    assert any("names no speaker" in line for line in failures)
    assert any("longer than the model's window" in line and "en0.wav (12.00 s)" in line for line in failures)


def test_one_speaker_of_all_clips_is_no_speaker_to_resample(
    bench: Command, tmp_path: Path, manifest: Path, model_folders: dict[str, Path]
) -> None:
    lines = manifest.read_text().splitlines()
    alone = [line.replace("\tspeaker1\t", "\tspeaker0\t").replace("\tspeaker2\t", "\tspeaker0\t") for line in lines]
    manifest.write_text(
        "\n".join(new if line.endswith("\ten") else line for line, new in zip(lines, alone, strict=True))
    )
    examined = bench("doctor", write_suite(tmp_path / "a.toml", model_folders, manifest))
    assert examined.returncode == 0, examined.stdout
    assert "note  speakers  all clips are by one in en; clips are resampled, as if it were many" in examined.stdout
    assert "not every clip names one" not in examined.stdout


def test_who_calibrates_and_is_tested_is_counted(tmp_path: Path) -> None:
    """By name where there is one, else by the audio."""
    named, other, nameless = (write_clips(tmp_path / name, clips=4) for name in ("named", "other", "nameless"))
    rows = other.read_text(encoding="utf-8")
    other.write_text(rows.replace("\tspeaker", "\tsomebody"), encoding="utf-8")
    for wave in other.parent.glob("*.wav"):
        audio, rate = soundfile.read(wave)
        soundfile.write(wave, audio[::-1], rate)
    rows = nameless.read_text(encoding="utf-8")
    nameless.write_text(re.sub(r"\tspeaker\d", "\t", rows), encoding="utf-8")
    tested = load_corpus(CorpusSpec(kind="manifest", path=named), ("en", "de"), 1)

    def found(manifest: Path) -> list[Finding]:
        arm = {"name": "small", "model": "balanced-75:base", "calibration": str(manifest), "control": "base"}
        arms = [{"name": "base", "model": "somewhere"}, arm]
        corpus = {"kind": "manifest", "path": str(named)}
        suite = Suite.model_validate({"name": "x", "languages": ["en", "de"], "arms": arms, "corpus": corpus})
        return list(check_calibration(suite, tested))

    assert [(one.state, one.text) for one in found(other)] == [
        ("ok", "nobody and nothing that is tested calibrates small")
    ]
    for manifest, said in ((named, "speakers"), (nameless, "clips")):
        (one,) = found(manifest)
        assert one.state == "note"
        assert re.match(rf"\d+ of \d+ {said} (who|that) calibrate are tested: small; calibrate on others", one.text)


def test_clips_that_are_called_by_a_place_are_named(
    bench: Command, tmp_path: Path, manifest: Path, model_folders: dict[str, Path]
) -> None:
    suite = write_suite(tmp_path / "a.toml", model_folders, manifest)
    said = "clips are called by a place on this machine"
    assert said not in bench("doctor", suite).stdout
    header, *lines = manifest.read_text(encoding="utf-8").splitlines()
    assert header.startswith("path\t")
    manifest.write_text("\n".join([header, *(f"{manifest.parent}/{line}" for line in lines)]), encoding="utf-8")
    assert f"note  data      6 {said} (" in bench("doctor", suite).stdout
