"""A job array decodes what one run would, whatever the order of its jobs."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import BenchError
from bench.runners import Shard
from tests.conftest import Command, refusal

TABLES = ("comparisons", "summaries", "counts")


@given(count=st.integers(1, 40), blocks=st.integers(0, 200))
def test_every_block_is_in_one_shard(count: int, blocks: int) -> None:
    shards = [Shard(number, count) for number in range(1, count + 1)]
    for block in range(blocks):
        (holder,) = [shard.number for shard in shards if shard.holds(block)]
        assert shards[0].of_blocks([block]) == [holder]


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "1/0", "a/b", "-1/3", "1/3/5", ""])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(BenchError, match="must be K/N with K from 1 to N"):
        Shard.of_option(text)


@pytest.mark.parametrize("order", [(3, 1, 2), (2, 3, 1)])
def test_shards_in_any_order_are_the_run(
    bench: Command, suite_file: Path, tmp_path: Path, order: tuple[int, ...]
) -> None:
    whole = bench("run", suite_file, "--results", "whole")
    assert whole.returncode == 0, whole.stderr
    for number in order:
        done = bench("run", suite_file, "--results", "shards", "--shard", f"{number}/3")
        assert done.returncode == 0, done.stderr
    assert "all shards are decoded" in done.stdout
    last = bench("run", suite_file, "--results", "shards")
    assert last.stdout.startswith("decoded 0 clips")
    for name in TABLES:
        one, other = (tmp_path / results / "mine" / f"{name}.parquet" for results in ("whole", "shards"))
        assert one.read_bytes() == other.read_bytes()


def test_engines_are_known_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal("run", "demo", "--engine", "dask") == "--engine dask: local or ray"
    assert refusal("run", "demo", "--address", "auto") == "--address belongs to --engine ray"
    monkeypatch.setitem(sys.modules, "ray", None)
    assert "pip install 'whisper-mla-bench[ray]'" in refusal("run", "demo", "--engine", "ray")


def test_what_is_missing_is_named_by_shard(bench: Command, suite_file: Path) -> None:
    done = bench("run", suite_file, "--shard", "1/2")
    assert done.returncode == 0, done.stderr
    assert "shards still to be decoded: 2 of 2" in done.stdout
    refused = bench("run", suite_file, "--shard", "3/2")
    assert (refused.returncode, refused.stdout) == (2, "")
