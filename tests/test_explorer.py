"""The explorer: one file that holds everything, in which nothing from outside is more than text."""

from __future__ import annotations

import hashlib
import io
import json
import re
from base64 import b64decode, b64encode
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bench.reporting.explorer
from bench.analysis.alignments import Movement, PairedUtterance, Transcript, clips_to_play
from bench.analysis.suite_records import SuiteRecords, read_suite_records
from bench.analysis.utterances import read_movements, share_out
from bench.audio import SAMPLE_RATE, to_mp3
from bench.corpora.demo import read_demo
from bench.reporting.explorer import render_page
from bench.reporting.explorer.audio_clips import read_audio
from bench.reporting.explorer.of_suite import page_of_suite
from bench.reporting.explorer.packing import pack, unpack
from bench.reporting.explorer.utterances import pack_utterances
from bench.reporting.explorer.verdicts import lead_verdicts
from bench.scoring import align_characters, align_words
from bench.store import Store
from bench.suite import ArmSpec, load_suite
from tests.conftest import Command, command
from tests.flat import make_summary

DEMO = Path(__file__).parents[1] / "reports" / "demo" / "index.html"
ARM, CONTROL = ArmSpec(name="mla", model="m", control="control"), ArmSpec(name="control", model="c")
PIECES = [
    "</script>",
    "<script>alert(1)</script>",
    "<!--",
    "]]>",
    "<img src=x onerror=alert(1)>",
    "&lt;",
    "{{ 7 * 7 }}",
]
PIECES += ["\u202e", "\u2028", "\0", "|", "`", "\\u003c", "e\u0301", "ที่", '"', "'"]
HOSTILE = st.lists(st.one_of(st.sampled_from(PIECES), st.text(st.characters(exclude_categories=["Cs"]))), max_size=6)
TEXT = HOSTILE.map(" ".join)


class Page(HTMLParser):
    """How often each element stands in a page, and what the script elements hold."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.scripts: list[str] = []
        self.policy = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        if tag == "script":
            self.scripts.append("")
        if dict(attrs).get("http-equiv") == "Content-Security-Policy":
            self.policy = dict(attrs)["content"] or ""

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.scripts[-1] += data


def moved(name: str, speaker: str, reference: str, before: str, after: str, metric: str) -> PairedUtterance:
    aligned = align_words if metric == "wer" else align_characters
    sides = []
    for text in (before, after):
        edits = aligned(reference, text)
        sides.append(Transcript(text, len(edits) - edits.count("="), False, not text, edits))
    return PairedUtterance(name, speaker, reference, len(reference.split()), *sides)


def movement(*utterances: PairedUtterance, metric: str = "wer") -> Movement:
    return Movement(
        ARM, CONTROL, "en", "clean", metric, len(utterances), tuple(sorted(utterances, key=lambda each: -each.change))
    )


def write_real_suite(folder: Path, clips: int) -> Path:
    """Clips of the demo as files, which its most converted model does not transcribe as its control does."""
    lines = ["path\ttext\tspeaker\tlang"]
    for each in read_demo():
        if each.language in ("en", "ar") and int(each.id[-3:]) < clips:
            (folder / f"{each.id}.ogg").write_bytes(each.audio_bytes())
            lines.append(f"{each.id}.ogg\t{each.reference}\t{each.speaker}\t{each.language}")
    (folder / "clips.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    path = folder / "mine.toml"
    path.write_text(
        """
name = "mine"
languages = ["en", "ar"]
arms = [
  { name = "control", model = "demo:96-control" },
  { name = "mla", model = "demo:96-svd-93.75", control = "control" },
]
[corpus]
kind = "manifest"
path = "clips.tsv"
[decode]
max_new_tokens = 56
""",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def decoded(bench: Command, tmp_path: Path) -> Path:
    path = write_real_suite(tmp_path, 20)
    assert bench("run", path).returncode == 0
    assert bench("table", path).returncode == 0
    return path


def test_as_typed(bench: Command, decoded: Path, tmp_path: Path) -> None:
    made = bench("report", decoded)
    assert made.returncode == 0, made.stderr
    path = tmp_path / "reports" / "mine" / "index.html"
    assert made.stdout == f"wrote {path.relative_to(tmp_path)}\n"
    first = path.read_bytes()
    assert bench("report", decoded).returncode == 0
    assert path.read_bytes() == first
    assert bench("verify", decoded).returncode == 0
    path.write_bytes(first.replace(b"costs against", b"saves against", 1))
    changed = bench("verify", decoded)
    assert changed.returncode == 1
    assert "index.html: line" in changed.stdout
    assert "run `bench report`" in changed.stdout


def test_what_it_plays_is_what_was_decoded(bench: Command, decoded: Path, tmp_path: Path) -> None:
    assert bench("report", decoded).returncode == 0
    store = Store(tmp_path / "results" / "mine")
    audio = read_audio(tmp_path / "reports" / "mine" / "index.html")
    assert audio is not None
    wanted = clips_to_play(list(read_movements(load_suite(str(decoded)), store, 1000)), 5)
    assert len(wanted) > 5
    assert [(clip.language, clip.condition, clip.utterance_id) for clip in audio] == wanted
    for row in audio:
        played, rate = soundfile.read(io.BytesIO(row.mp3))
        clip, _ = soundfile.read(tmp_path / row.utterance_id)
        assert rate == SAMPLE_RATE
        assert len(clip) <= len(played) <= len(clip) + 3 * 1152


def test_without_the_corpus(bench: Command, decoded: Path, tmp_path: Path) -> None:
    for path in tmp_path.glob("*.ogg"):
        path.write_bytes((tmp_path / "en-000.ogg").read_bytes())
    refused = bench("report", decoded)
    assert (refused.returncode, refused.stderr.count("bench: ")) == (2, 1)
    assert "its audio is no longer what was decoded" in refused.stderr
    assert "--without-audio" in refused.stderr
    assert bench("report", decoded, "--without-audio").returncode == 0
    assert "made without audio" in (tmp_path / "reports" / "mine" / "index.html").read_text(encoding="utf-8")
    assert bench("verify", decoded).returncode == 0


def test_stale_tables_are_refused(bench: Command, decoded: Path) -> None:
    decoded.write_text(decoded.read_text(encoding="utf-8") + "\n[statistics]\nmargin = 1.0\n", encoding="utf-8")
    refused = bench("report", decoded)
    assert refused.returncode == 2
    assert "run `bench compare`" in refused.stderr


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXT, min_size=5, max_size=5), metric=st.sampled_from(["wer", "cer"]))
def test_nothing_from_outside_is_more_than_text(
    texts: list[str], metric: str, found: SuiteRecords, harmless: Counter[str]
) -> None:
    """The same elements as with harmless text, the script's hash in the policy, and the data as it was."""
    each = movement(moved(*texts, metric), metric=metric)
    page = Page(render_page(page_of_suite(found), [each]))
    assert page.elements == harmless
    library, images, data, audio, script = page.scripts
    assert unpack(data)["utterances"] == json.loads(json.dumps(pack_utterances([each], None)))
    assert set(unpack(library)) == {"tables", "style", "d3", "plot"}
    assert (unpack(images), json.loads(audio)) == ({}, [])
    assert f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in page.policy
    assert "default-src 'none'" in page.policy


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> SuiteRecords:
    folder = tmp_path_factory.mktemp("explorer")
    path = write_real_suite(folder, 3)
    command("run", path, "--results", folder / "results")
    return read_suite_records(load_suite(str(path)), Store(folder / "results" / "mine"))


@pytest.fixture(scope="module")
def harmless(found: SuiteRecords) -> Counter[str]:
    return Page(render_page(page_of_suite(found), [movement(moved("a", "b", "c", "c", "d", "wer"))])).elements


@given(sizes=st.lists(st.integers(0, 300), min_size=1, max_size=30), most=st.integers(1, 4_000))
def test_room_is_shared(sizes: list[int], most: int) -> None:
    """All where there is room; else full but for the last few, and no cell has more than a larger one lacks."""
    shares = share_out(sizes, most)
    assert all(share <= size for share, size in zip(shares, sizes, strict=True))
    if sum(sizes) <= most:
        assert shares == sizes
        return
    assert sum(shares) <= max(most, 10 * len(sizes))
    cut = [share for share, size in zip(shares, sizes, strict=True) if share < size]
    if not cut:
        assert max(sizes) <= 10
        return
    assert max(cut) - min(cut) <= 1 or min(cut) == 10
    assert max(shares) <= max(cut)
    assert sum(shares) >= most - len(sizes)


def test_a_full_page_keeps_both_ends_of_every_cell(decoded: Path, tmp_path: Path) -> None:
    suite, store = load_suite(str(decoded)), Store(tmp_path / "results" / "mine")
    whole, part = (list(read_movements(suite, store, most)) for most in (40, 30))
    for every, kept in zip(whole, part, strict=True):
        assert [len(every.utterances), len(kept.utterances)] == [20, 15]
        assert kept.utterances == every.utterances[:8] + every.utterances[-7:]
        assert kept.clips == every.clips == 20
        assert every.worse(20) == tuple(each for each in every.utterances if each.change > 0)
        assert {each.utterance_id for each in (*kept.worse(5), *kept.better(5))} <= {
            each.utterance_id for each in kept.utterances
        }


def test_each_text_stands_once() -> None:
    packed = pack_utterances([movement(moved("a", "s", "one two", "one two", "one", "wer"))], None)
    assert sorted(packed["texts"]) == sorted({"a", "s", "one two", "one", "==", "=D"})
    (row,) = packed["rows"]
    told = [packed["texts"][row[place]] for place in (1, 2, 3, 4, 5, 8, 9)]
    assert told == ["a", "s", "one two", "one two", "==", "one", "=D"]
    assert [row[place] for place in (0, 6, 7, 10, 11, 12, 13, 14, 15, 16)] == [0, 0, 0, 1, 0, 2, -1, 1, 0.0, 50.0]


def test_audio_is_the_same_every_time() -> None:
    samples = np.sin(np.arange(SAMPLE_RATE) / 20).astype(np.float32)
    assert to_mp3(samples) == to_mp3(samples)
    played, rate = soundfile.read(io.BytesIO(to_mp3(samples)))
    assert (rate, played.ndim) == (SAMPLE_RATE, 1)


def test_the_demos_page_is_small_and_holds_its_audio() -> None:
    assert DEMO.stat().st_size < 3_000_000
    _, _, data, audio, _ = Page(DEMO.read_text(encoding="utf-8")).scripts
    rows, clips = unpack(data)["utterances"]["rows"], json.loads(audio)
    assert len(rows) == 6_600
    assert clips
    assert {row[13] for row in rows if row[13] >= 0} == set(range(len(clips)))
    assert pd.Series(clips).map(lambda each: b64decode(each)[:2]).isin([b"\xff\xf3", b"\xff\xf2", b"ID"]).all()


@given(
    st.recursive(st.none() | st.integers() | st.text(), lambda each: st.lists(each) | st.dictionaries(st.text(), each))
)
def test_what_is_packed_comes_out_and_ends_no_block(value: object) -> None:
    assert unpack(pack(value)) == value
    assert pack(value) == pack(value)
    assert re.fullmatch("[A-Za-z0-9+/=]*", pack(value))


def test_every_arm_has_a_number_and_a_sentence(found: SuiteRecords) -> None:
    """The mean cost of the languages counted by words; of a single language, its cost."""
    (lead,) = lead_verdicts(found)
    mean = found.results.of(found.suite.arms[1]).summary("wer", "mean")
    assert mean is not None
    assert float(lead["number"].replace("−", "-")) == pytest.approx(mean.estimate.value, abs=0.051)
    assert lead["of"].startswith("points of WER on average over 2 languages")
    assert re.search(r"in \d of 2 languages", lead["sentence"])
    costs = page_of_suite(found).costs
    assert {(cost["language"], cost["condition"]) for cost in costs} == {("en", "clean"), ("ar", "clean")}
    for cost in costs:
        assert cost["low"] is None or cost["low"] <= cost["high"]


def test_languages_that_are_not_judged_make_no_headline(found: SuiteRecords) -> None:
    """And what rounds to nothing has no sign."""
    arm = found.suite.arms[1].id
    every = make_summary(arm, "wer", -2.0, floors=("ar",), languages=("en", "ar"))
    usable = make_summary(arm, "wer", -0.01, with_floors=False)
    means = tuple(replace(summary, statistic="mean") for summary in (every, usable))
    (lead,) = lead_verdicts(replace(found, results=replace(found.results, summaries=means)))
    assert lead["number"] == "0.0"
    assert lead["of"].startswith("points of WER on average over 1 language in which the control is usable, 95")


def test_vendored_libraries_are_what_their_makers_published() -> None:
    hashes = {
        "d3.min.js": "912111098ea99503a6f4967361d2bbdc9dbf58cf9c678c8e27e5b02d1a07f0c1",
        "plot.umd.min.js": "4358086467740777dd788d6b27a95cebdbaefdd50c730a3060117073bd7134cb",
    }
    folder = Path(bench.reporting.explorer.__file__).parent / "vendor"
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.js")} == hashes
    assert sum(path.stat().st_size for path in folder.iterdir()) < 1_000_000
