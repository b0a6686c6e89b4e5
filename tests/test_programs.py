"""Arms that a program decodes: it hears what every arm hears, and what it does wrong is one line and stores nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bench.errors import BenchError
from bench.memory.profile import cells_of, list_unmeasured
from bench.runners import RunSummary, run_suite
from bench.runners.blocks import Block
from bench.runners.clips import read_ahead
from bench.runners.conditions import conditions_of
from bench.runners.recognisers.exchange import read_texts
from bench.runners.recognisers.processes import workplace
from bench.store import Store
from bench.suite import load_suite
from tests.conftest import Command, write_clips
from tests.manifests import SETTINGS

PROGRAM = """
import hashlib, json, os, subprocess, sys, time
from pathlib import Path
import soundfile

fault, manifest, output = sys.argv[1:4]
rows = [json.loads(line) for line in open(manifest, encoding="utf-8")]
with open("heard.jsonl", "a") as heard:
    heard.write(json.dumps([Path(manifest).parent.as_posix(), rows]) + "\\n")
if fault == "fails in de" and rows[0]["language"] == "de" and not Path("mended").exists():
    sys.exit("no German here")
lines = []
for row in rows:
    samples, rate = soundfile.read(row["audio_filepath"], dtype="float32")
    text = hashlib.sha256(samples.tobytes()).hexdigest()
    lines.append(json.dumps({"id": row["id"], "text": f" {text}\\n", "confidence": float("nan")}))
first = rows[0]["id"]
answers = {
    "loses": lines[1:],
    "adds": lines + [json.dumps({"id": "nobody", "text": ""})],
    "doubles": lines + lines[:1],
    "babbles": ["one two three"] + lines,
    "lists": ["[]"] + lines,
    "counts": [json.dumps({"id": first, "text": 12})] + lines[1:],
    "says nothing": [json.dumps({"id": first, "text": None})] + lines[1:],
    "knows no id": [json.dumps({"text": "one"})] + lines[1:],
    "halves": [json.dumps({"id": first, "text": "\\ud800"})] + lines[1:],
}
if fault == "exits":
    print("loading\\rmodel", file=sys.stderr)
    print("no GPU: \\x1b[31mout of memory", file=sys.stderr)
    sys.exit(3)
if fault == "dies":
    os.kill(os.getpid(), 9)
if fault == "hangs":
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path("pids").write_text(f"{os.getpid()} {child.pid}")
    print("still loading", file=sys.stderr, flush=True)
    time.sleep(60)
if fault == "writes bytes":
    Path(output).write_bytes(b"\\xff\\xfe")
elif fault != "writes nothing":
    Path(output).write_text("\\n".join(answers.get(fault, lines)) + "\\n", encoding="utf-8")
"""


def write_program_suite(
    folder: Path, *words: str, extra: str = "", more: str = "", languages: str = '["en", "de"]'
) -> Path:
    """A suite of one arm: the program, told to make a fault or none."""
    if not (folder / "clips").exists():
        write_clips(folder / "clips")
    (folder / "asr.py").write_text(PROGRAM, encoding="utf-8")
    command = json.dumps([sys.executable, "asr.py", *(words or ("none",)), "{manifest}", "{output}"])
    (folder / "s.toml").write_text(
        f"""
name = "mine"
languages = {languages}
arms = [{{ name = "theirs", runner = "command", command = {command}{extra} }}]
{more}
[corpus]
kind = "manifest"
path = "clips/clips.tsv"
""",
        encoding="utf-8",
    )
    return folder / "s.toml"


def run(path: Path, *arms: str) -> tuple[Store, RunSummary]:
    store = Store(path.parent / "r")
    return store, run_suite(load_suite(str(path)), store, arms, Console(quiet=True))


def decodes_of(store: Store, arm: str = "theirs") -> pd.DataFrame:
    parts = store.read_manifest().arms[arm].parts.values()
    return store.read_decodes(key for keys in parts for key in keys)


def heard_in(folder: Path) -> list[list[dict[str, object]]]:
    return [json.loads(line)[1] for line in (folder / "heard.jsonl").read_text().splitlines()]


def gone(pid: int) -> bool:
    """Within two seconds; one that nobody has waited for has ended, too."""
    for _ in range(100):
        try:
            if (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def test_it_hears_the_very_samples(tmp_path: Path) -> None:
    """Of clean and of noisy clips, those of the harness: the program's texts are hashes of what it read."""
    noise = 'conditions = [{ name = "clean" }, { name = "white", kind = "noise", noise = "white", snr_db = [0] }]'
    path = write_program_suite(tmp_path, more=noise)
    store, summary = run(path)
    assert summary == RunSummary(24, 0, ())
    suite = load_suite(str(path))
    conditions = conditions_of(suite)
    texts = decodes_of(store).set_index(["language", "condition", "utterance_id"])["hypothesis"]
    for language in suite.languages:
        clips = tuple(conditions.corpus.utterances[language])
        for condition in suite.conditions:
            (made,) = read_ahead([Block(language, condition, clips)], conditions)
            for clip in made:
                assert clip.audio is not None
                expected = sha256(clip.audio.astype(np.float32).tobytes()).hexdigest()
                assert texts[language, condition.name, clip.utterance.id] == expected
    assert texts.nunique() == 24
    first = heard_in(tmp_path)[0][0]
    assert (first["language"], first["id"]) == ("en", "en3.wav")
    assert first["duration"] == soundfile.info(tmp_path / "clips" / "en3.wav").duration
    folders = [json.loads(line)[0] for line in (tmp_path / "heard.jsonl").read_text().splitlines()]
    assert not any(Path(folder).exists() for folder in folders), "nothing is left of what it was given"


def test_what_it_cannot_know_is_null(tmp_path: Path) -> None:
    (write_clips(tmp_path / "clips").parent / "en2.wav").write_bytes(b"not audio")
    store, _ = run(write_program_suite(tmp_path, more="[decode]\nnll = true"))
    rows = decodes_of(store).set_index("utterance_id")
    heard = rows.drop("en2.wav")
    assert heard[["tokens", "finish", "nll", "nll_tokens"]].isna().all(axis=None)
    assert rows.loc["en2.wav", "audio_status"] == "unreadable"
    assert "en2.wav" not in {row["id"] for rows in heard_in(tmp_path) for row in rows}
    settings = store.read_manifest().arms["theirs"].settings
    assert (settings.runner, settings.transformers, settings.dtype, settings.window) == ("command", None, None, None)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("loses", r"the output of \S+ lacks en3\.wav, 1 of 6 clips"),
        ("adds", r"has nobody, which the manifest does not list"),
        ("doubles", r"has en3\.wav twice, again in line 7"),
        ("babbles", r"is not JSON in line 1: Expecting value"),
        ("lists", r"has no JSON object in line 1"),
        ("counts", r"has text = 12 in line 1, which is no string"),
        ("says nothing", r"has text = null in line 1, which is no string"),
        ("knows no id", r"has no id in line 1"),
        ("halves", r"has half a surrogate pair in line 1"),
        ("exits", r"ended with 3: no GPU:  \[31mout of memory$"),
        ("dies", r"was killed by signal 9, and said nothing on stderr$"),
        ("writes nothing", r"the output of \S+ was not written"),
        ("writes bytes", r"is not UTF-8 at byte 0"),
    ],
)
def test_what_it_does_wrong_is_one_line(tmp_path: Path, fault: str, message: str) -> None:
    path = write_program_suite(tmp_path, fault, languages='["en"]')
    with pytest.raises(BenchError, match=message) as caught:
        run(path)
    assert str(caught.value).startswith("arm theirs, en/clean: ")
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "r").rglob("*.parquet"))


def test_its_time_is_limited_and_its_children_end_with_it(tmp_path: Path) -> None:
    path = write_program_suite(tmp_path, "hangs", extra=", time_limit = 6")
    started = time.monotonic()
    with pytest.raises(
        BenchError, match=r"did not end within 6 s \(6 clips\) and was killed: still loading; raise time"
    ):
        run(path)
    assert time.monotonic() - started < 40
    assert all(gone(int(pid)) for pid in (tmp_path / "pids").read_text().split())


def test_it_ends_with_the_harness(tmp_path: Path) -> None:
    """An interrupt that the harness alone is told: it leaves at once, and nothing of the program stays."""
    path = write_program_suite(tmp_path, "hangs")
    words = [sys.executable, "-m", "bench", "run", str(path)]
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    with subprocess.Popen(
        words, cwd=tmp_path, env=os.environ | {"PYTHONPATH": paths}, stderr=subprocess.PIPE
    ) as harness:
        pids = tmp_path / "pids"
        for _ in range(1200):
            if pids.exists() and len(pids.read_text().split()) == 2:
                break
            time.sleep(0.05)
        harness.send_signal(signal.SIGINT)
        assert harness.wait(timeout=20) == 130
    assert all(gone(int(pid)) for pid in pids.read_text().split())
    assert not list((tmp_path / "results").rglob("*.parquet"))
    assert not list((tmp_path / "temporary").glob("bench-*")), "the audio that it was given is removed"


def test_signals_are_handled_as_before_afterwards(tmp_path: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with workplace() as place:
        assert place.run([sys.executable, "-c", "print()"], tmp_path, 20).code == 0
    assert not place.folder.exists()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_blocks_before_a_failure_stay(tmp_path: Path) -> None:
    path = write_program_suite(tmp_path, "fails in de")
    with pytest.raises(BenchError, match=r"arm theirs, de/clean: \S+ ended with 1: no German here"):
        run(path)
    (tmp_path / "mended").touch()
    assert run(path)[1] == RunSummary(6, 6, ())
    assert [rows[0]["language"] for rows in heard_in(tmp_path)] == ["en", "de", "de"]


@pytest.mark.parametrize(
    ("change", "decoded"),
    [
        (lambda folder: (folder / "asr.py").open("a").write("# faster\n"), 12),
        (lambda folder: write_program_suite(folder, extra=', revision = "2"'), 12),
        (lambda folder: write_program_suite(folder, "none, but other words"), 12),
        (lambda folder: write_program_suite(folder, extra=", time_limit = 7"), 0),
    ],
    ids=["a file among its words", "its revision", "a word", "its time"],
)
def test_what_may_change_its_words_decodes_again(
    tmp_path: Path, change: Callable[[Path], object], decoded: int
) -> None:
    path = write_program_suite(tmp_path)
    run(path)
    change(tmp_path)
    assert run(path)[1] == RunSummary(decoded, 12 - decoded, ())


def test_where_it_lies_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    run(write_program_suite(tmp_path / "one"))
    (tmp_path / "one").rename(tmp_path / "two")
    assert run(tmp_path / "two" / "s.toml")[1] == RunSummary(0, 12, ())


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = write_program_suite(tmp_path)
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace(json.dumps(sys.executable), '"no-such-asr"'), encoding="utf-8")
    with pytest.raises(BenchError, match="arm theirs: no-such-asr: no such program beside the suite or on PATH"):
        run(path)
    path.write_text(good.replace(json.dumps(sys.executable), '"asr.py"'), encoding="utf-8")
    with pytest.raises(BenchError, match=r"arm theirs: asr\.py: it may not be executed \(chmod \+x\)"):
        run(path)
    (tmp_path / "asr.py").chmod(0o755)
    with pytest.raises(BenchError, match=r"arm theirs, en/clean: asr\.py does not start: Exec format error"):
        run(path)


def test_it_is_an_arm_as_any_other(tmp_path: Path, model_folders: dict[str, Path], bench: Command) -> None:
    """Beside a model: through every report, whose costs say nothing of another environment."""
    path = write_program_suite(tmp_path, more="[decode]\nmax_new_tokens = 12")
    control = f'{{ name = "control", model = "{model_folders["control"]}" }}, {{ name = "theirs", control = "control",'
    path.write_text(path.read_text(encoding="utf-8").replace('{ name = "theirs",', control), encoding="utf-8")
    assert "theirs: " in bench("doctor", path).stdout
    ran = bench("run", path)
    assert ran.returncode == 0, ran.stderr
    assert "different environments" not in ran.stderr
    assert "theirs (WER / CER)" in bench("table", path).stdout
    assert bench("card", path).returncode == 0
    card = (tmp_path / "reports" / "mine" / "card.md").read_text(encoding="utf-8")
    assert "asr.py none" in card
    assert str(tmp_path) not in card
    assert "library_name" not in card
    assert "(control; theirs: as its program does it)" in card
    assert bench("show", path, "--language", "de").returncode == 0
    assert bench("verify", path).stdout.startswith("verified mine")
    assert bench("run", path, "--arm", "theirs").stdout.startswith("decoded 0 clips, found 12")
    suite = load_suite(str(path))
    assert {cell.arm.name for cell in cells_of(suite)} == {"control"}
    assert [line.partition(":")[0] for line in list_unmeasured(suite)] == ["arm theirs is left out"]


def test_it_hears_no_more_than_the_suites_models(tmp_path: Path, model_folders: dict[str, Path]) -> None:
    """A clip that is cut for a model is cut for the program, so that the two are compared over the same audio."""
    clip = write_clips(tmp_path / "clips").parent / "en0.wav"
    soundfile.write(clip, np.random.default_rng(0).normal(scale=0.1, size=64_000), 16_000)
    path = write_program_suite(tmp_path, more='[decode]\nlong_clips = "truncate"\nmax_new_tokens = 4')
    alone, _ = run(path)
    assert decodes_of(alone).set_index("utterance_id").loc["en0.wav", "audio_seconds"] == 4.0, "nothing limits it alone"
    control = f'{{ name = "control", model = "{model_folders["control"]}" }}, {{ name = "theirs",'
    path.write_text(path.read_text(encoding="utf-8").replace('{ name = "theirs",', control), encoding="utf-8")
    store, _ = run(path)
    rows = decodes_of(store).set_index("utterance_id").loc["en0.wav"]
    assert (rows["audio_seconds"], rows["audio_status"]) == (3.0, "truncated")
    assert rows["audio_hash"] == decodes_of(store, "control").set_index("utterance_id").loc["en0.wav", "audio_hash"]
    path.write_text(path.read_text(encoding="utf-8").replace('"truncate"', '"refuse"'), encoding="utf-8")
    with pytest.raises(BenchError, match=r"longer than the model's window of 3 s: en clip en0\.wav"):
        run(path, "theirs")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(TEXTS, TEXTS, min_size=1), st.randoms())
def test_texts_are_read_in_any_order(tmp_path_factory: pytest.TempPathFactory, said: dict[str, str], draw) -> None:  # type: ignore[no-untyped-def]
    """As any JSON writer writes them; and what is left out is said, whichever line it was."""
    path = tmp_path_factory.mktemp("said") / "output.jsonl"
    lines = [json.dumps({"id": name, "text": text}, ensure_ascii=draw.random() < 0.5) for name, text in said.items()]
    draw.shuffle(lines)
    path.write_text("\n\n".join(lines), encoding="utf-8", newline="")
    assert read_texts(path, list(said)) == said
    path.write_text("\n".join(lines[1:]), encoding="utf-8", newline="")
    with pytest.raises(ValueError, match=f"1 of {len(said)} clips"):
        read_texts(path, list(said))


def test_settings_say_nothing_of_other_runners() -> None:
    """Keys and signatures of transformers' decodes are what they were before there were others."""
    others = {"runner", "compute_type", "faster_whisper", "ctranslate2", "window"}
    assert not others & set(SETTINGS.model_dump())
    theirs = SETTINGS.model_copy(update={"runner": "command", "window": 480_000}).model_dump()
    assert others & set(theirs) == {"runner", "window"}
