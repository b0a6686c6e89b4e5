"""What conditions make of clips: ratios re-measured, draws that depend on nothing they must not, and bad input."""

import io
import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile
from pydantic import ValidationError
from scipy.signal import welch

from bench.audio import UnreadableAudioError
from bench.corpora import load_corpus
from bench.errors import BenchError
from bench.runners import conditions as run_conditions
from bench.runners.conditions import Conditions
from bench.snr_ladder import Degraded, Material, Speech, degrade
from bench.snr_ladder.levels import measure_level
from bench.snr_ladder.rooms import _simulate, simulated_rooms
from bench.store import Store
from bench.suite import Condition, CorpusSpec, load_suite
from bench.suite.conditions import SNR_DB, ConditionSpec, expand
from tests.conftest import command, refusal, write_clips, write_suite

RATE = 16_000
MARGIN = 15.9
EVERYTHING = [
    {"name": "white", "kind": "noise", "noise": "white"},
    {"name": "pink", "kind": "noise", "noise": "pink"},
    {"name": "speech-shaped", "kind": "noise", "noise": "speech-shaped"},
    {"name": "babble", "kind": "noise", "noise": "babble"},
    {"name": "telephony", "kind": "telephony"},
    {"name": "telephony-A", "kind": "telephony", "codec": "A-law"},
    {"name": "far-field", "kind": "far-field", "rt60": 0.3},
    {"name": "far-white", "kind": "far-field", "rt60": 0.3, "then": "white@10"},
    {"name": "overlap", "kind": "overlap"},
]


def conditions(*specs: dict[str, Any]) -> dict[str, Condition]:
    read = [ConditionSpec(), *(ConditionSpec.model_validate(spec) for spec in specs)]
    return {condition.name: condition for condition in expand(read)}


def make_speech(name: str, seconds: float = 2.0, amplitude: float = 0.05) -> Speech:
    """Bursts of noise with pauses: a fifth of the clip is silent, so that the active level is not the plain one."""
    rng = np.random.default_rng(list(name.encode()))
    time = np.arange(int(RATE * seconds)) / RATE
    bursts = (np.sin(2 * np.pi * 1.5 * time + rng.uniform(0, 6)) > -0.6) * (1 + 0.5 * np.sin(2 * np.pi * 5 * time))
    coloured = np.convolve(rng.normal(size=len(time)), [0.4, 0.3, 0.2, 0.1], mode="same")
    return Speech(name, f"speaker of {name}", (amplitude * bursts * coloured).astype(np.float32))


@pytest.fixture(scope="module")
def material() -> Material:
    return Material.of("en", [make_speech(f"pool {i}", 1 + i % 3) for i in range(12)])


def active_level(audio: np.ndarray) -> float:
    """ITU-T P.56 as its text has it, sample by sample, the threshold found by raising it."""
    decay = np.exp(-1 / (RATE * 0.03))
    p = q = 0.0
    envelope = []
    for sample in np.abs(audio.astype(float)):
        p = decay * p + (1 - decay) * sample
        q = decay * q + (1 - decay) * p
        envelope.append(q)

    def level_at(threshold: float) -> float:
        active, hangover = 0, 0
        for value in envelope:
            hangover = int(0.2 * RATE) + 1 if value >= threshold else hangover - 1
            active += hangover > 0
        return float(10 * np.log10((audio.astype(float) ** 2).sum() / max(active, 1)))

    threshold = 20 * np.log10(np.sqrt(np.mean(audio.astype(float) ** 2))) - MARGIN - 1
    while level_at(10 ** (threshold / 20)) - threshold > MARGIN:
        threshold += 0.02
    return level_at(10 ** (threshold / 20))


def plain_level(audio: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(audio.astype(float) ** 2)))


def added(made: Degraded, speech: Speech) -> np.ndarray:
    """What is in the mixture besides the speech."""
    return made.audio.astype(float) / 10 ** (made.gain_db / 20) - speech.audio


@pytest.mark.parametrize("noise", ["white", "pink", "speech-shaped", "babble"])
def test_every_rung_has_its_ratio(noise: str, material: Material) -> None:
    speech = make_speech("clip")
    expected = active_level(speech.audio)
    ladder = conditions({"name": "n", "kind": "noise", "noise": noise})
    for snr_db in SNR_DB:
        made = degrade(ladder[f"n@{snr_db:g}"], speech, material, 1)
        assert expected - plain_level(added(made, speech)) == pytest.approx(snr_db, abs=0.1)
        assert made.snr_db == pytest.approx(snr_db, abs=0.01)
    by_rms = conditions({"name": "n", "kind": "noise", "noise": noise, "snr_db": [5], "level": "rms"})["n@5"]
    made = degrade(by_rms, speech, material, 1)
    assert plain_level(speech.audio) - plain_level(added(made, speech)) == pytest.approx(5, abs=0.1)


def test_one_piece_of_noise_is_scaled_to_every_rung(material: Material) -> None:
    speech = make_speech("clip")
    for noise in ("white", "pink", "speech-shaped", "babble"):
        ladder = conditions({"name": "n", "kind": "noise", "noise": noise})
        pieces = [added(degrade(ladder[name], speech, material, 1), speech) for name in ("n@30", "n@0", "n@-5")]
        shapes = [piece / np.linalg.norm(piece) for piece in pieces]
        assert shapes[0] == pytest.approx(shapes[1], abs=1e-4)
        assert shapes[1] == pytest.approx(shapes[2], abs=1e-4)


def test_a_loud_mixture_is_scaled_whole(material: Material) -> None:
    speech = make_speech("clip", amplitude=0.5)
    made = degrade(conditions(EVERYTHING[0])["white@-5"], speech, material, 1)
    assert np.abs(made.audio).max() == pytest.approx(1, abs=1e-6)
    assert made.gain_db < -3
    assert active_level(speech.audio) - plain_level(added(made, speech)) == pytest.approx(-5, abs=0.1)


def test_another_speaker_stands_at_the_stated_ratio(material: Material) -> None:
    speech = make_speech("clip")
    for name, condition in conditions(EVERYTHING[8]).items():
        if name != "clean":
            made = degrade(condition, speech, material, 1)
            ratio = active_level(speech.audio) - active_level(added(made, speech).astype(np.float32))
            assert ratio == pytest.approx(condition.snr_db, abs=0.1)
            assert made.sources[0]["talker"] in {clip.id for clip in material.pool}


def test_nobody_babbles_or_speaks_over_himself() -> None:
    own = [Speech(f"own {i}", "me", make_speech(f"own {i}").audio) for i in range(9)]
    others = [make_speech(f"other {i}") for i in range(5)]
    pool = Material.of("en", [*own, *others])
    babble = conditions(EVERYTHING[3])["babble@0"]
    for speech in own:
        talkers = {source["clip"] for source in degrade(babble, speech, pool, 1).sources[0]["talkers"]}
        assert 4 <= len(talkers) <= 5
        assert talkers <= {clip.id for clip in others}
    with pytest.raises(BenchError, match="3 other speakers of the pool say something else, it takes 4"):
        degrade(babble, own[0], Material.of("en", [*own, *others[:3]]), 1)


def test_pink_noise_falls_by_three_decibels_an_octave() -> None:
    silent_pool = Material("en", ())
    speech = make_speech("clip", seconds=20)
    pink = added(degrade(conditions(EVERYTHING[1])["pink@0"], speech, silent_pool, 1), speech)
    frequency, power = welch(pink, RATE, nperseg=4096)
    octaves = [10 * np.log10(power[(frequency >= f) & (frequency < 2 * f)].mean()) for f in (125, 250, 500, 1000, 2000)]
    assert np.diff(octaves) == pytest.approx(-3.01, abs=0.4)


def test_speech_shaped_noise_has_the_pools_spectrum(material: Material) -> None:
    speech = make_speech("clip", seconds=20)
    noise = added(degrade(conditions(EVERYTHING[2])["speech-shaped@0"], speech, material, 1), speech)
    pooled = np.mean([welch(clip.audio / 10 ** (clip.level.active / 20), RATE)[1] for clip in material.pool], axis=0)
    ours = welch(noise, RATE)[1]
    difference = 10 * np.log10((ours / ours.sum())[8:-8] / (pooled / pooled.sum())[8:-8])
    assert np.abs(difference).max() < 1.5


@pytest.mark.parametrize("codec", ["telephony", "telephony-A"])
def test_a_telephone_passes_its_band_at_its_level(codec: str, material: Material) -> None:
    speech = make_speech("clip", seconds=5)
    made = degrade(conditions(*EVERYTHING[4:6])[codec], speech, material, 1)
    frequency, power = welch(made.audio, RATE, nperseg=2048)
    level = 10 * np.log10(power)
    passed = level[(frequency > 500) & (frequency < 3000)].mean()
    assert level[frequency < 100].mean() < passed - 25
    assert level[(frequency > 4200) & (frequency < 7800)].mean() < passed - 30
    assert len(made.audio) == len(speech.audio)
    assert -29.5 < active_level(made.audio) < -26  # the band takes away some of it
    assert made.sources == ({"codec": "mu-law" if codec == "telephony" else "A-law"},)


def test_the_codec_is_that_of_the_standard(material: Material) -> None:
    """Against G.711 as soundfile writes it: samples that went through it once pass it again unchanged."""
    made = degrade(conditions(EVERYTHING[4])["telephony"], make_speech("clip"), material, 1)
    from bench.snr_ladder.telephony import _g711

    file = io.BytesIO()
    soundfile.write(file, made.audio[::2], 8000, format="AU", subtype="ULAW")
    file.seek(0)
    assert np.array_equal(_g711(made.audio[::2], "mu-law"), soundfile.read(file, dtype="float32")[0])


def test_rooms_reverberate_as_long_as_stated_and_begin_with_the_direct_path(material: Material) -> None:
    for room in simulated_rooms(0.3, 1):
        response = room.reverberate(np.ones(1, dtype=np.float32)).astype(float)
        decay = 10 * np.log10(np.cumsum(response[::-1] ** 2)[::-1] / (response**2).sum())
        assert 2 * (np.argmax(decay < -35) - np.argmax(decay < -5)) / RATE == pytest.approx(0.3, rel=0.25)
        assert 1 <= room.source["distance_m"] <= 4
    speech = make_speech("clip")
    made = degrade(conditions(EVERYTHING[6])["far-field"], speech, material, 1)
    assert active_level(made.audio) == pytest.approx(active_level(speech.audio), abs=0.1)
    assert 0 < len(made.audio) - len(speech.audio) < 0.6 * RATE
    wet, dry = made.audio.astype(float), speech.audio.astype(float)
    lags = np.correlate(wet[: len(dry)], dry, mode="same")
    assert abs(int(np.argmax(np.abs(lags))) - len(dry) // 2) <= 1


def test_rooms_are_the_same_on_any_number_of_cores() -> None:
    pyroomacoustics = pytest.importorskip("pyroomacoustics")
    responses = []
    for threads in (1, 5):
        pyroomacoustics.constants.set("num_threads", threads)
        room = _simulate(0.2, np.random.default_rng(3))
        responses.append(room.reverberate(np.ones(1, dtype=np.float32)))
    assert np.array_equal(*responses)


def test_the_direct_path_is_where_geometry_has_it() -> None:
    """Though a reflection may be larger."""
    for seed in range(12):
        room = _simulate(0.2, np.random.default_rng(seed))
        response = np.abs(room.reverberate(np.ones(1, dtype=np.float32)))
        assert response[room.delay - 1 : room.delay + 2].max() > 0.2 * response.max()
        assert response[: room.delay - 3].max() < response[room.delay - 1 : room.delay + 2].max()


def test_a_room_comes_first_and_the_ratio_is_over_what_it_left(material: Material) -> None:
    speech = make_speech("clip")
    by_name = conditions(EVERYTHING[0], EVERYTHING[6], EVERYTHING[7])
    wet = degrade(by_name["far-field"], speech, material, 1)
    made = degrade(by_name["far-white"], speech, material, 1)
    noise = made.audio.astype(float) / 10 ** (made.gain_db / 20) - wet.audio
    assert active_level(wet.audio) - plain_level(noise) == pytest.approx(10, abs=0.1)
    assert [sorted(step) for step in made.sources] == [["distance_m", "room_m", "rt60_s"], ["noise_gain_db"]]
    assert made.level == speech.level  # of the clip, not of what the room made of it


def test_a_recorded_room_is_named_as_it_lies_in_its_folder(tmp_path: Path, material: Material) -> None:
    """Not by where that folder is on this machine."""
    (tmp_path / "halls").mkdir()
    response = np.random.default_rng(0).normal(size=2000) * np.exp(-np.arange(2000) / 300)
    response[40] = 9
    soundfile.write(tmp_path / "halls" / "a.wav", response / 10, RATE, subtype="FLOAT")
    speech = make_speech("clip")
    spec = {"name": "f", "kind": "far-field", "path": tmp_path}
    made = degrade(conditions(spec)["f"], speech, material, 1)
    assert made.sources == ({"room": "halls/a.wav"},)
    assert active_level(made.audio) == pytest.approx(active_level(speech.audio), abs=0.1)
    lags = np.correlate(made.audio[: len(speech.audio)].astype(float), speech.audio.astype(float), mode="same")
    assert abs(int(np.argmax(np.abs(lags))) - len(speech.audio) // 2) <= 1


def test_recordings_are_cut_where_the_record_says(tmp_path: Path, material: Material) -> None:
    rng = np.random.default_rng(0)
    for name, seconds in (("a", 7), ("b", 1)):
        soundfile.write(tmp_path / f"{name}.wav", 0.1 * rng.normal(size=seconds * RATE), RATE, subtype="FLOAT")
    spec = {"name": "r", "kind": "noise", "noise": "recordings", "path": tmp_path, "snr_db": [0]}
    seen = set()
    for i in range(20):
        speech = make_speech(f"clip {i}")
        made = degrade(conditions(spec)["r@0"], speech, material, 1)
        whole = soundfile.read(tmp_path / made.sources[0]["path"], dtype="float32")[0]
        start = round(made.sources[0]["offset_s"] * RATE)
        starts = [at for at in (start - 1, start, start + 1) if at >= 0]
        pieces = [np.resize(whole[at : at + len(speech.audio)], len(speech.audio)) for at in starts]
        assert max(np.corrcoef(added(made, speech), piece)[0, 1] for piece in pieces) > 0.999
        seen.add(made.sources[0]["path"])
    assert seen == {"a.wav", "b.wav"}


def hashes(manifest: Path, count: int, seed: int = 1, shown: int = 12) -> dict[str, str]:
    """Of the first clips under every condition."""
    languages = ("en",)
    corpus = load_corpus(CorpusSpec(kind="manifest", path=manifest, utterances=count), languages, seed, 64)
    made = Conditions(corpus, seed)
    found = {}
    for utterance in corpus.utterances["en"][:shown]:
        speech = made.read(utterance)
        for name, condition in conditions(*EVERYTHING).items():
            audio = made.apply(condition, "en", speech).audio
            int16 = np.round(np.clip(audio, -1, 1) * 32767).astype("<i2")
            found[f"{utterance.id} {name}"] = sha256(int16.tobytes()).hexdigest()
    return found


@pytest.fixture(scope="module")
def large_manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    lines = ["path\ttext\tspeaker\tlang"]
    for i in range(1500):
        soundfile.write(folder / f"{i}.wav", make_speech(f"{i}", 0.4).audio, RATE)
        lines.append(f"{i}.wav\tnumber {i}\tspeaker{i % 700}\ten")
    (folder / "clips.tsv").write_text("\n".join(lines) + "\n")
    return folder / "clips.tsv"


def test_audio_depends_on_neither_sample_nor_order_nor_process(large_manifest: Path, tmp_path: Path) -> None:
    once = hashes(large_manifest, 1000)
    assert hashes(large_manifest, 1500) == once
    header, *rows = large_manifest.read_text().splitlines()
    np.random.default_rng(0).shuffle(rows)
    shuffled = large_manifest.with_name("shuffled.tsv")
    shuffled.write_text("\n".join([header, *rows]) + "\n")
    assert hashes(shuffled, 1000) == once
    script = (
        "import json, pathlib; from tests.test_conditions import hashes; "
        f"print(json.dumps(hashes(pathlib.Path({str(large_manifest)!r}), 1000)))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", script]
    other = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(other.stdout) == once
    assert len(set(once.values())) == len(once)


@pytest.fixture(scope="module")
def noisy_extra() -> str:
    rows = ["{ name = 'clean' }"]
    for spec in EVERYTHING:
        items = [f"{key} = {json.dumps(value)}" for key, value in spec.items()]
        items += ["snr_db = [10]"] if spec["kind"] == "noise" else []
        rows.append("{ " + ", ".join(items) + " }")
    return "conditions = [\n  " + ",\n  ".join(rows) + "\n]\n"


def let_everybody_say_something(manifest: Path) -> None:
    """A speaker and a sentence of its own for every clip, so that they can speak over one another."""
    header, *rows = (line.split("\t") for line in manifest.read_text().splitlines())
    changed = [[path, f"{text} {i}", f"speaker{i}", language] for i, (path, text, _, language) in enumerate(rows)]
    manifest.write_text("\n".join("\t".join(row) for row in [header, *changed]) + "\n")


def test_every_condition_through_the_commands(
    tmp_path: Path,
    model_folders: dict[str, Path],
    noisy_extra: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Batches of 1 and of 32 decode the same audio; a rerun decodes nothing; the reports verify."""
    manifest = write_clips(tmp_path / "clips", clips=6)
    let_everybody_say_something(manifest)
    rows = {}
    for batch in (1, 32):
        file = write_suite(tmp_path / f"b{batch}.toml", model_folders, manifest, noisy_extra, batch=batch)
        command("run", file, "--results", tmp_path / f"r{batch}")
        store = Store(tmp_path / f"r{batch}" / "mine")
        parts = store.read_manifest().arms["converted"].parts
        decodes = store.read_decodes([key for keys in parts.values() for key in keys])
        rows[batch] = decodes.set_index(["condition", "language", "utterance_id"]).sort_index()
    assert (rows[1]["audio_hash"] == rows[32]["audio_hash"]).all()
    assert rows[1].loc["white@10", "snr_db"].tolist() == pytest.approx([10] * 12, abs=0.01)
    assert (rows[1].loc["clean", "snr_db"].isna()).all()
    assert all("talkers" in json.loads(detail)[0] for detail in rows[1].loc["babble@10", "detail"])
    capsys.readouterr()
    command("run", file, "--results", tmp_path / "r32")
    assert capsys.readouterr().out.startswith("decoded 0 clips")
    monkeypatch.chdir(tmp_path)
    command("table", file, "--results", tmp_path / "r32")
    assert "- white at 10 dB: mean cost over the WER rows" in capsys.readouterr().out
    robustness = (tmp_path / "reports" / "mine" / "robustness.md").read_text()
    assert "SNR is of *added* noise" in robustness
    assert (tmp_path / "reports" / "mine" / "conditions.png").stat().st_size > 10_000
    command("verify", file, "--results", tmp_path / "r32")
    assert capsys.readouterr().out.startswith("verified mine")


def test_audio_is_read_once_for_all_rungs(
    tmp_path: Path, model_folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.console import Console

    from bench.runners import run_suite

    manifest = write_clips(tmp_path / "clips", clips=4)
    extra = 'conditions = [{ name = "clean" }, { name = "white", kind = "noise", noise = "white" }]\n'
    suite = load_suite(str(write_suite(tmp_path / "a.toml", model_folders, manifest, extra)))
    read: list[str] = []
    real = run_conditions.read_utterance
    monkeypatch.setattr(
        run_conditions, "read_utterance", lambda utterance: read.append(utterance.id) or real(utterance)
    )
    summary = run_suite(suite, Store(tmp_path / "r"), [], Console(file=io.StringIO()))
    assert summary.decoded == 2 * 8 * 8
    assert sorted(read) == sorted(f"{language}{i}.wav" for language in ("en", "de") for i in range(4))


def test_silent_and_tiny_clips_are_left_out_by_name(
    tmp_path: Path, model_folders: dict[str, Path], noisy_extra: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the conditions that cannot be made for them, not of the others."""
    manifest = write_clips(tmp_path / "clips", clips=6)
    let_everybody_say_something(manifest)
    soundfile.write(tmp_path / "clips" / "en3.wav", np.zeros(RATE), RATE)
    soundfile.write(tmp_path / "clips" / "en4.wav", 0.1 * np.ones(30), RATE)
    extra = noisy_extra.replace("'clean' }", "'clean' }").replace('"babble"', '"pink"')
    extra = "\n".join(
        line for line in extra.splitlines() if 'name = "pink", kind = "noise", noise = "pink"' not in line
    )
    command("run", write_suite(tmp_path / "a.toml", model_folders, manifest, extra), "--results", tmp_path / "r")
    warned = capsys.readouterr().err
    assert "left out as unreadable: en/white@10 en3.wav: silent, so it has no speech level" in warned
    assert "left out as unreadable: en/telephony en4.wav: so short" in warned
    assert "en/clean" not in warned


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ('{ name = "n", kind = "noise" }', "noise is missing: white, pink"),
        ('{ name = "n", kind = "noise", noise = "white", snr_db = [nan] }', "conditions.1.snr_db.0: nan"),
        ('{ name = "n", kind = "noise", noise = "white", snr_db = ["loud"] }', "conditions.1.snr_db.0: 'loud'"),
        ('{ name = "n", kind = "noise", noise = "white", snr_db = [5, 5] }', "a rung is listed twice"),
        ('{ name = "n", kind = "telephony", snr_db = [5] }', "snr_db is not read"),
        ('{ name = "n", kind = "noise", noise = "recordings" }', "path names the folder"),
        ('{ name = "n" }', "only clean is called clean"),
        ('{ name = "n", kind = "far-field", then = "x" }', "then = 'x': name one of"),
        ('{ name = "n", kind = "far-field", rt60 = 9.0 }', "conditions.1.rt60"),
        ('{ name = "n", kind = "noise", noise = "recordings", path = "nowhere" }', "no such folder of recordings"),
        ('{ name = "n", kind = "noise", noise = "recordings", path = "empty" }', "no recording in it"),
        ('{ name = "n", kind = "noise", noise = "recordings", path = "broken" }', "broken/noise.wav"),
        ('{ name = "n", kind = "far-field", path = "broken" }', "broken/noise.wav"),
        ('{ name = "n", kind = "noise", noise = "babble" }', "babble in en: its pool has 3 speakers"),
        ('{ name = "n", kind = "noise", noise = "loud" }', "conditions.1.noise"),
        (
            '{ name = "n", kind = "noise", noise = "recordings", path = "nan" }',
            "nan/noise.wav: samples that are not",
        ),
        ('{ name = "n", kind = "noise", noise = "recordings", path = "cut" }', "cut/noise.flac: "),
        ('{ name = "n", kind = "noise", noise = "recordings", path = "${NO_SUCH}/x" }', "${NO_SUCH} is not set"),
        ('{ name = "n", kind = "far-field", path = "silent" }', "silent/noise.wav: a silent impulse response"),
        (
            '{ name = "n", kind = "telephony", then = "m" }, { name = "m", kind = "telephony" }',
            "would do the same again",
        ),
    ],
)
def test_what_a_suite_may_not_say(entry: str, complaint: str, tmp_path: Path, model_folders: dict[str, Path]) -> None:
    manifest = write_clips(tmp_path / "clips")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "noise.wav").write_bytes(b"RIFF but not really")
    for name, samples in (("nan", np.full(RATE, np.nan)), ("silent", np.zeros(RATE))):
        (tmp_path / name).mkdir()
        soundfile.write(tmp_path / name / "noise.wav", samples, RATE, subtype="FLOAT")
    (tmp_path / "cut").mkdir()
    soundfile.write(tmp_path / "cut" / "noise.flac", 0.1 * np.random.default_rng(0).normal(size=10 * RATE), RATE)
    whole = bytearray((tmp_path / "cut" / "noise.flac").read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 4000] = bytes(4000)
    (tmp_path / "cut" / "noise.flac").write_bytes(whole)
    extra = f'conditions = [{{ name = "clean" }}, {entry}]\n'
    assert complaint in refusal("run", write_suite(tmp_path / "a.toml", model_folders, manifest, extra))


def test_costs_in_noise_need_the_clean_ones() -> None:
    with pytest.raises(ValueError, match="is what costs in noise"):
        expand([ConditionSpec(name="telephony", kind="telephony")])
    with pytest.raises(ValidationError):
        ConditionSpec(name="clean", kind="telephony")
    with pytest.raises(ValueError, match="a room comes first"):
        conditions({"name": "t", "kind": "telephony", "then": "far-field"}, EVERYTHING[6])


def test_a_recording_cut_short_is_named(tmp_path: Path, material: Material) -> None:
    """Its header promises 10 s, of which a tenth is there."""
    soundfile.write(tmp_path / "cut.flac", 0.1 * np.random.default_rng(0).normal(size=10 * RATE), RATE)
    whole = (tmp_path / "cut.flac").read_bytes()
    (tmp_path / "cut.flac").write_bytes(whole[: len(whole) // 10])
    spec = {"name": "r", "kind": "noise", "noise": "recordings", "path": tmp_path, "snr_db": [0]}
    with pytest.raises(BenchError, match=r"cut\.flac: "):
        degrade(conditions(spec)["r@0"], make_speech("clip"), material, 1)


def test_silent_recordings_are_named(tmp_path: Path, material: Material) -> None:
    soundfile.write(tmp_path / "silence.wav", np.zeros(5 * RATE), RATE)
    spec = {"name": "r", "kind": "noise", "noise": "recordings", "path": tmp_path, "snr_db": [0]}
    with pytest.raises(BenchError, match=r"silence\.wav: silent"):
        degrade(conditions(spec)["r@0"], make_speech("clip"), material, 1)


@pytest.mark.parametrize("samples", [1, 3, 100, 1000])
def test_tiny_clips_make_no_nan(samples: int, material: Material) -> None:
    tiny = Speech("tiny", "", 0.1 * np.random.default_rng(0).normal(size=samples).astype(np.float32))
    for condition in conditions(*EVERYTHING).values():
        try:
            made = degrade(condition, tiny, material, 1)
        except UnreadableAudioError:
            continue
        assert np.isfinite(made.audio).all()
        assert len(made.audio)


def test_a_nameless_clip_that_noise_leaves_out_changes_nothing_else(
    tmp_path: Path, model_folders: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Clips are resampled where a speaker is not known: in every cell of the language, or none could be compared."""
    manifest = write_clips(tmp_path / "clips", clips=8)
    manifest.write_text(manifest.read_text().replace("en7.wav\tone two three\tspeaker1", "en7.wav\tone two three\t"))
    soundfile.write(tmp_path / "clips" / "en7.wav", np.zeros(RATE), RATE)
    extra = 'conditions = [{ name = "clean" }, { name = "white", kind = "noise", noise = "white", snr_db = [10, 0] }]\n'
    command("run", write_suite(tmp_path / "a.toml", model_folders, manifest, extra), "--results", tmp_path / "r")
    assert "en/white@10 en7.wav: silent" in capsys.readouterr().err
    comparisons = pd.read_parquet(tmp_path / "r" / "mine" / "comparisons.parquet")
    assert set(comparisons[comparisons["language"] == "en"]["unit"]) == {"utterance"}


def test_a_suite_of_controls_shows_its_rates_in_noise(
    tmp_path: Path, model_folders: dict[str, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = 'conditions = [{ name = "clean" }, { name = "white", kind = "noise", noise = "white", snr_db = [10, 0] }]\n'
    file = write_suite(tmp_path / "a.toml", model_folders, write_clips(tmp_path / "clips"), extra)
    file.write_text(file.read_text().replace(', control = "control"', ""))
    monkeypatch.chdir(tmp_path)
    command("run", file)
    capsys.readouterr()
    command("table", file)
    assert "en white@10" in capsys.readouterr().out
    assert (tmp_path / "reports" / "mine" / "ladder-white.png").exists()


def test_levels_are_measured_of_the_clip_itself(material: Material) -> None:
    speech = make_speech("clip")
    made = degrade(conditions(EVERYTHING[0])["white@0"], speech, material, 1)
    assert made.level == measure_level(speech.audio)
