"""What comes from outside ends, in time and in memory: sizes that are only stated, and texts that patterns search."""

import gzip
import json
import re
import shutil
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.arms import find_arm, load_arm
from bench.comparing.external.reading import read_side
from bench.corpora.common_voice import read_common_voice
from bench.corpora.sampling import Draw
from bench.errors import BenchError
from bench.io import parquet, tabular
from bench.io.tabular import read_lines
from bench.scoring import make_normalizer
from bench.scoring.brackets import without_brackets
from bench.scoring.failures import is_loop
from bench.suite import ArmSpec, DecodeSpec
from tests.conftest import refusal

SOON = 10.0
"""Seconds."""
LONG = 200_000


def soon(call: Callable[[], object]) -> None:
    started = time.process_time()
    call()
    assert time.process_time() - started < SOON


@pytest.mark.parametrize("piece", [" ", "(", ")", "()", "a (", " \t", "(a) "])
def test_a_line_of_a_trn_is_read_in_one_pass(piece: str, tmp_path: Path) -> None:
    path = tmp_path / "a.trn"
    path.write_text(f"one{piece * (LONG // len(piece))}x\n", encoding="utf-8")
    with pytest.raises(BenchError, match="line 1 does not end in an"):
        soon(lambda: read_side(path, None))


@given(text=st.text(st.sampled_from("<>[]()ab '{")))
def test_brackets_are_taken_out_as_by_whispers_patterns(text: str) -> None:
    """But for those that nothing closes, which stand as another sign."""
    expected = re.sub(r"\(([^)]+?)\)", "", re.sub(r"[<\[][^>\]]*[>\]]", "", text))
    assert re.sub(r"[<\[(]", "{", without_brackets(text)) == re.sub(r"[<\[(]", "{", expected)
    assert without_brackets(without_brackets(text)) == without_brackets(text)


@pytest.mark.parametrize("name", ["multilingual", "whisper-basic", "whisper-english", "open-asr"])
@pytest.mark.parametrize("piece", ["<", "(", "[(", " ", "(a<", ") <"])
def test_a_long_text_is_normalised_in_one_pass(name: str, piece: str) -> None:
    if name == "open-asr":
        pytest.importorskip("whisper_normalizer")
    normalize = make_normalizer(name)
    normalize("one", "en")
    soon(lambda: normalize(f"one {piece * (LONG // len(piece))}", "en"))


@pytest.mark.parametrize("name", ["whisper-basic", "whisper-english", "open-asr"])
def test_a_number_that_python_does_not_read_is_named(name: str) -> None:
    with pytest.raises(BenchError, match=r"'111.* thousands of digits running"):
        make_normalizer(name)("1" * 5000, "en")


def test_a_long_hypothesis_is_no_loop_without_end() -> None:
    """Of few letters, which return all the time."""
    units = [str(i * i % 7) for i in range(50_000)] + [str(i * i * i % 11) for i in range(50_000)]
    soon(lambda: is_loop(units, units[:10], True))


def test_rows_of_parquet_are_counted_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    ids = pa.DictionaryArray.from_arrays(pa.array([0] * (parquet.MOST_ROWS + 1), pa.int32()), ["x"])
    pq.write_table(pa.table({"id": ids, "hypothesis": ids}), path)
    assert path.stat().st_size < 100_000
    with pytest.raises(BenchError, match=r"a\.parquet: has 1,000,001 rows; split it into files of 1,000,000"):
        soon(lambda: read_side(path, None))
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), ["x" * 2**20])
    pq.write_table(pa.table({"id": [str(i) for i in range(2000)], "hypothesis": texts}), path, compression="zstd")
    assert path.stat().st_size < 100_000
    with pytest.raises(BenchError, match=r"a\.parquet: holds more than 536,870,912 bytes of text"):
        soon(lambda: read_side(path, None))


def test_columns_that_nobody_asks_for_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    other = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), ["x" * 2**20])
    ids = [str(i) for i in range(2000)]
    pq.write_table(pa.table({"id": ids, "hypothesis": ids, "other": other}), path, compression="zstd")
    assert list(read_side(path, None)["hypothesis"]) == ids


def test_a_text_without_end_is_not_read_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular, "MOST_BYTES", 2**20)
    (tmp_path / "a.jsonl").symlink_to("/dev/zero")
    for name in ("a.jsonl", "b.tsv"):
        (tmp_path / "b.tsv").write_text("x" * 2**21, encoding="utf-8")
        with pytest.raises(BenchError, match="has more than 1,048,576 bytes; split it"):
            read_lines(tmp_path / name)


def archive(folder: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    """Of headers as they are, each before bytes that need not be as many as it says."""
    path = folder / "cv-corpus-17.0-2024-03-15-en.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for member, content in members:
            file.write(member.tobuf(tarfile.GNU_FORMAT))
            file.write(content)
        file.write(bytes(1024))
    return path


def member(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    made = tarfile.TarInfo(f"cv-corpus-17.0-2024-03-15/en/{name}")
    made.size, made.type = size, kind
    return made


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK])
def test_headers_of_an_archive_are_not_read_beyond_what_names_take(kind: bytes, tmp_path: Path) -> None:
    path = archive(tmp_path, [(member("pax", 3 * 2**30, kind), bytes(2**23))])
    with pytest.raises(BenchError, match=r"en\.tar\.gz: holds over 1,048,576 bytes of headers in a row"):
        read_common_voice(path, ["en"], "test", None, None, Draw(1))


def test_a_table_of_an_archive_is_refused_by_its_stated_size(tmp_path: Path) -> None:
    for name in ("test.tsv", "clip_durations.tsv"):
        path = archive(tmp_path, [(member(name, 3 * 2**30), bytes(2**20))])
        with pytest.raises(BenchError, match=rf"{name}' has 3,221,225,472 bytes; do not trust this archive"):
            read_common_voice(path, ["en"], "test", None, None, Draw(1))
    path = archive(tmp_path, [(member("test.tsv", 2**20), bytes(2**20))])
    with pytest.raises(BenchError, match=r"its first 65,536 bytes hold no header"):
        read_common_voice(path, ["en"], "test", None, None, Draw(1))


@pytest.mark.parametrize(
    ("file", "key", "value"),
    [
        *(("config.json", key, 10**7) for key in ("encoder_layers", "decoder_layers", "d_model", "vocab_size")),
        *(("config.json", key, 10**9) for key in ("max_source_positions", "max_target_positions", "num_mel_bins")),
        *(("config.json", key, 10**7) for key in ("encoder_ffn_dim", "decoder_ffn_dim")),
        ("config.json", "vocab_size", "many"),
        *(("preprocessor_config.json", key, 10**9) for key in ("feature_size", "n_fft", "chunk_length", "hop_length")),
        *(("preprocessor_config.json", key, 0) for key in ("hop_length", "sampling_rate", "feature_size")),
    ],
)
def test_stated_sizes_of_a_model_are_held_against_its_weights(
    file: str, key: str, value: object, model_folders: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "m"
    shutil.copytree(model_folders["control"], folder)
    path = next(each for each in (folder / file, folder / "processor_config.json") if each.is_file())
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {key: value}), encoding="utf-8")
    spec = ArmSpec(name="a", model=str(folder))
    with pytest.raises(BenchError, match=rf"arm a: .*{key}|says {value} .*layers"):
        soon(lambda: load_arm(find_arm(spec), DecodeSpec(max_new_tokens=4), ["en"]))


def test_numbers_of_a_suite_have_limits(suite_file: Path) -> None:
    text = suite_file.read_text(encoding="utf-8")
    suite_file.write_text(f"{text}\n[statistics]\nresamples = 100000000\n", encoding="utf-8")
    assert "statistics.resamples: 100000000: " in refusal("run", suite_file)
    suite_file.write_text(text.replace('name = "control",', 'name = "control", seed = 9223372036854775808,'), "utf-8")
    assert "arms.0.seed: 9223372036854775808: " in refusal("run", suite_file)
