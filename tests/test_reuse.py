"""Nothing is decoded twice: what a decode depends on names it, and what is there is taken clip by clip."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from bench.comparing import Results, compare_suite, read_results
from bench.corpora import Utterance
from bench.errors import BenchError
from bench.runners import RunSummary, run_suite
from bench.runners.blocks import Block
from bench.runners.gaps import find_gaps, write_part
from bench.runners.keys import PartName
from bench.store import Store
from bench.suite import CLEAN_CONDITION, load_suite
from tests.conftest import Command, write_clips, write_suite
from tests.stored import PRESENT

Rewrite = Callable[[list[str]], list[str]]
"""What is done to a row of the manifest: path, text, speaker, language."""


@pytest.fixture
def manifest(suite_file: Path) -> Path:
    """Where `suite_file` has its clips."""
    return suite_file.parent / "clips" / "clips.tsv"


def run(suite_file: Path) -> tuple[Store, RunSummary]:
    suite, store = load_suite(str(suite_file)), Store(suite_file.parent / "results" / "mine")
    return store, run_suite(suite, store, [], Console(quiet=True))


def compared(suite_file: Path) -> Results:
    return compare_suite(load_suite(str(suite_file)), Store(suite_file.parent / "results" / "mine"))


def decodes_of(store: Store, arm: str = "control") -> pd.DataFrame:
    parts = store.read_manifest().arms[arm].parts.values()
    return store.read_decodes(key for keys in parts for key in keys)


def rewrite(manifest: Path, change: Rewrite, header: Rewrite | None = None) -> None:
    first, *rows = (line.split("\t") for line in manifest.read_text(encoding="utf-8").splitlines())
    lines = [(header or list)(first), *map(change, rows)]
    manifest.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")


def corrected(row: list[str], text: str = "three two one") -> list[str]:
    return [row[0], text, *row[2:]] if row[0] == "en2.wav" else row


def as_the_control_heard(store: Store) -> Rewrite:
    """A correction that the control is right by, and the converted arm is not."""
    heard = decodes_of(store).set_index("utterance_id")["hypothesis"]["en2.wav"]
    assert heard
    return partial(corrected, text=heard)


def costs(results: Results) -> dict[str, float]:
    return {cell.wer.language: cell.wer.delta.value for cell in results.of("converted").clean.pairs}


def test_a_corrected_reference_is_not_decoded_again(suite_file: Path, manifest: Path) -> None:
    store, first = run(suite_file)
    assert first == RunSummary(24, 0, ())
    before, parts = compared(suite_file), decodes_of(store)
    rewrite(manifest, as_the_control_heard(store))
    assert run(suite_file)[1] == RunSummary(0, 24, ())
    pd.testing.assert_frame_equal(decodes_of(store), parts)
    with pytest.raises(BenchError, match="older than the suite or its decodes; run `bench compare`"):
        read_results(load_suite(str(suite_file)), store)
    after = compared(suite_file)
    assert costs(after)["en"] > costs(before)["en"]
    assert costs(after)["de"] == costs(before)["de"]
    assert before.clips != after.clips


def test_an_added_column_is_not_decoded_again(suite_file: Path, manifest: Path) -> None:
    run(suite_file)
    assert not [part for part in compared(suite_file).slices if part.kind == "gender"]
    rewrite(manifest, lambda row: [*row, "female" if "0" in row[2] else "male"], lambda row: [*row, "gender"])
    assert run(suite_file)[1] == RunSummary(0, 24, ())
    assert {part.value for part in compared(suite_file).slices if part.kind == "gender"} == {"female", "male"}


def test_what_arms_are_called_names_no_decode(suite_file: Path) -> None:
    """Nor does their training seed; two arms of one model share what is decoded once."""
    store, _ = run(suite_file)
    text = suite_file.read_text(encoding="utf-8")
    renamed = text.replace('name = "converted"', 'name = "mla", seed = 3')
    suite_file.write_text(renamed, encoding="utf-8")
    assert run(suite_file)[1] == RunSummary(0, 24, ())
    assert set(store.read_manifest().arms) == {"control", "mla#3"}
    line = next(line for line in text.splitlines() if '"control", model' in line)
    twin = line.replace('name = "control"', 'name = "twin", control = "control"')
    suite_file.write_text(text.replace(line, f"{line}\n{twin}"), encoding="utf-8")
    assert run(suite_file)[1] == RunSummary(0, 24, ())
    arms = store.read_manifest().arms
    assert arms["twin"].parts == arms["control"].parts
    assert {row.delta.value for row in compared(suite_file).of("twin").clean} == {0.0}
    shutil.rmtree(store.folder)
    assert run(suite_file)[1] == RunSummary(24, 0, ())


def test_a_likelihood_is_of_its_reference(tmp_path: Path, model_folders: dict[str, Path]) -> None:
    manifest = write_clips(tmp_path / "clips")
    suite_file = write_suite(tmp_path / "mine.toml", model_folders, manifest, nll=True)
    store, _ = run(suite_file)
    before = decodes_of(store).set_index("utterance_id")["nll"]
    rewrite(manifest, corrected)
    assert run(suite_file)[1] == RunSummary(2, 22, ())
    changed = decodes_of(store).set_index("utterance_id")["nll"] != before
    assert list(changed[changed].index) == ["en2.wav"]


def test_a_seed_counts_where_something_is_drawn(tmp_path: Path, model_folders: dict[str, Path]) -> None:
    noise = 'conditions = [{ name = "clean" }, { name = "white", kind = "noise", noise = "white", snr_db = [10] }]'
    suite_file = write_suite(tmp_path / "mine.toml", model_folders, write_clips(tmp_path / "clips"), noise)
    assert run(suite_file)[1].decoded == 48
    suite_file.write_text("seed = 5\n" + suite_file.read_text(encoding="utf-8"), encoding="utf-8")
    assert run(suite_file)[1] == RunSummary(24, 24, ())


def test_who_may_be_heard_over_a_clip_counts(tmp_path: Path, model_folders: dict[str, Path]) -> None:
    """By its speaker and text only in so far as clips of the pool share them."""
    overlap = 'conditions = [{ name = "clean" }, { name = "overlap", kind = "overlap", sir_db = [10] }]'
    manifest = write_clips(tmp_path / "clips")
    rewrite(manifest, lambda row: [row[0], f"text of {row[0]}", row[2], row[3]])
    suite_file = write_suite(tmp_path / "mine.toml", model_folders, manifest, overlap)
    assert run(suite_file)[1].decoded == 48
    rewrite(manifest, corrected)
    assert run(suite_file)[1] == RunSummary(0, 48, ())
    rewrite(manifest, lambda row: [row[0], "text of en3.wav", *row[2:]] if row[0] == "en2.wav" else row)
    assert run(suite_file)[1] == RunSummary(4, 44, ()), "each says what the other does, and is not heard over it"
    rewrite(manifest, lambda row: [*row[:2], f"{row[3]}-{row[2]}", row[3]])
    assert run(suite_file)[1] == RunSummary(0, 48, ()), "the same people under other names"


def test_a_spectrum_is_of_nobody_in_particular(tmp_path: Path, model_folders: dict[str, Path]) -> None:
    """Speech-shaped noise is made of the pool's audio, whoever speaks."""
    shaped = '{ name = "shaped", kind = "noise", noise = "speech-shaped", snr_db = [10] }'
    manifest = write_clips(tmp_path / "clips", clips=3)
    conditions = f'conditions = [{{ name = "clean" }}, {shaped}]'
    suite_file = write_suite(tmp_path / "mine.toml", model_folders, manifest, conditions)
    assert run(suite_file)[1].decoded == 24
    rewrite(manifest, lambda row: [*row[:2], "everybody", row[3]])
    assert run(suite_file)[1] == RunSummary(0, 24, ())


@pytest.fixture
def short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.runners.blocks.BLOCK_CLIPS", 4)


def with_utterances(suite_file: Path, count: int) -> None:
    text = suite_file.read_text(encoding="utf-8")
    counted = re.sub(r"(utterances = \d+\n)?\[decode\]", f"utterances = {count}\n[decode]", text)
    suite_file.write_text(counted, encoding="utf-8")


def test_a_larger_sample_decodes_only_what_is_new(
    tmp_path: Path, model_folders: dict[str, Path], short_blocks: None
) -> None:
    """Across the edge of a block: 6 clips are a block of 4 and one of 2, 10 are 4, 4 and 2."""
    suite_file = write_suite(tmp_path / "mine.toml", model_folders, write_clips(tmp_path / "clips", clips=10))
    with_utterances(suite_file, 6)
    store, first = run(suite_file)
    assert first == RunSummary(24, 0, ())
    with_utterances(suite_file, 10)
    assert run(suite_file)[1] == RunSummary(16, 24, ())
    rows = decodes_of(store)
    assert [len(parts) for parts in store.read_manifest().arms["control"].parts.values()] == [3, 3]
    shutil.rmtree(store.folder)
    assert run(suite_file)[1] == RunSummary(40, 0, ())
    pd.testing.assert_frame_equal(decodes_of(store), rows)
    with_utterances(suite_file, 7)
    assert run(suite_file)[1] == RunSummary(0, 28, ()), "a part that others hold is put together"
    pd.testing.assert_frame_equal(decodes_of(store).groupby("language").head(7), decodes_of(store))


def test_one_clip_in_the_middle(
    tmp_path: Path, model_folders: dict[str, Path], short_blocks: None, bench: Command
) -> None:
    """Removed, replaced, added: all blocks after it are others, and what they hold is not decoded again."""
    manifest = write_clips(tmp_path / "clips", clips=10)
    suite_file = write_suite(tmp_path / "mine.toml", model_folders, manifest)
    store, _ = run(suite_file)
    middle = decodes_of(store)["utterance_id"].iloc[3]
    lines = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    manifest.write_text("".join(line for line in lines if not line.startswith(middle)), encoding="utf-8")
    assert run(suite_file)[1] == RunSummary(0, 38, ())
    assert middle not in set(decodes_of(store)["utterance_id"])
    manifest.write_text("".join(lines), encoding="utf-8")
    assert run(suite_file)[1] == RunSummary(0, 40, ())
    shutil.copy(tmp_path / "clips" / "de9.wav", tmp_path / "clips" / middle)
    assert run(suite_file)[1] == RunSummary(2, 38, ())
    shutil.copy(tmp_path / "clips" / "de9.wav", tmp_path / "clips" / "en10.wav")
    manifest.write_text("".join(lines) + "en10.wav\tone two three\tspeaker0\ten\n", encoding="utf-8")
    assert bench("run", suite_file).stdout.startswith("decoded 2 clips, found 40 already decoded")
    assert bench("verify", suite_file).returncode == 0


def test_a_changed_part_lends_nothing(tmp_path: Path, model_folders: dict[str, Path], short_blocks: None) -> None:
    suite_file = write_suite(tmp_path / "mine.toml", model_folders, write_clips(tmp_path / "clips", clips=10))
    with_utterances(suite_file, 6)
    store, _ = run(suite_file)
    part = store.part_path(store.read_manifest().arms["control"].parts["en/clean"][1])
    pd.read_parquet(part).assign(hypothesis="nobody said this").to_parquet(part, index=False)
    with_utterances(suite_file, 10)
    assert run(suite_file)[1] == RunSummary(18, 22, ())
    assert "nobody said this" not in set(decodes_of(store)["hypothesis"])


def said(clip: str) -> dict[str, object]:
    """What a recogniser that is always right makes of a clip."""
    return PRESENT | {"language": "en", "condition": "clean", "utterance_id": clip, "hypothesis": f"heard {clip}"}


def decode_all(store: Store, arms: dict[str, Sequence[PartName]], blocks: Sequence[Block]) -> list[tuple[str, str]]:
    """Fills every gap; returns the decodes that this took, by stem and clip."""
    decoded = []
    for gap in find_gaps(blocks, arms, store):
        clips = [utterance.id for utterance in gap.block.utterances]
        for arm_id, part in gap.parts.items():
            decoded += [(part.name.stem, clip) for clip in clips if gap.lacking]
            write_part(store, gap, arm_id, [said(clip) for clip in clips] if gap.lacking else [])
    return decoded


CLIPS = st.lists(st.integers(0, 30), unique=True, min_size=1, max_size=24)
ARMS = st.dictionaries(st.sampled_from(["a", "b", "twin"]), st.sampled_from(["x", "y"]), min_size=1)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(st.tuples(CLIPS, ARMS, st.integers(1, 7)), min_size=1, max_size=5))
def test_every_clip_is_decoded_once_whatever_comes_after_what(
    steps: list[tuple[list[int], dict[str, str], int]],
) -> None:
    """Samples, arms (by which model they are of) and sizes of blocks, one run after the other."""
    with TemporaryDirectory() as folder:
        store, known = Store(Path(folder)), set[tuple[str, str]]()
        for clips, models, size in steps:
            pieces = [clips[start : start + size] for start in range(0, len(clips), size)]
            blocks = [
                Block("en", CLEAN_CONDITION, tuple(Utterance(f"u{clip}", "en", "", "", b"") for clip in piece))
                for piece in pieces
            ]
            arms = {
                arm: [PartName(stem, tuple(f"key of u{clip}" for clip in piece)) for piece in pieces]
                for arm, stem in models.items()
            }
            decoded = decode_all(store, arms, blocks)
            wanted = {(stem, f"u{clip}") for stem in models.values() for clip in clips}
            assert len(decoded) == len(set(decoded))
            assert set(decoded) == wanted - known
            known |= wanted
            for names in arms.values():
                rows = store.read_decodes([name.key for name in names])
                assert list(rows["utterance_id"]) == [f"u{clip}" for clip in clips]
                assert list(rows["hypothesis"]) == [f"heard u{clip}" for clip in clips]
