"""The block of a card in a file that is somebody else's: nothing but what is between the marks changes."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bench.errors import BenchError
from bench.reporting.card import replace_block
from bench.reporting.card.marked import BEGIN, END, marked

LINE = st.one_of(st.binary(max_size=20), st.text(max_size=20).map(str.encode)).filter(lambda line: b"\n" not in line)
NEWLINE = st.sampled_from([b"\n", b"\r\n"])
HERE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def joined(lines: list[bytes], newline: bytes) -> bytes:
    return b"".join(line + newline for line in lines)


@HERE
@given(
    before=st.lists(LINE, max_size=4),
    within=st.lists(LINE, max_size=4),
    after=st.lists(LINE, max_size=4),
    newline=NEWLINE,
    byte_order_mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
    ends=st.sampled_from([b"", b" ", b"\t \xff"]),
)
@example(before=[], within=[], after=[], newline=b"\n", byte_order_mark=b"", ends=b"")
@example(
    before=[b"caf\xe9  "], within=[b"old"], after=[b"\x00"], newline=b"\r\n", byte_order_mark=b"\xef\xbb\xbf", ends=b" "
)
def test_the_rest_stays_byte_for_byte(
    before: list[bytes],
    within: list[bytes],
    after: list[bytes],
    newline: bytes,
    byte_order_mark: bytes,
    ends: bytes,
    tmp_path: Path,
) -> None:
    path = tmp_path / "README.md"
    head, tail = byte_order_mark + joined(before, newline), ends + newline + joined(after, newline) + b"no newline"
    path.write_bytes(head + BEGIN + ends + newline + joined(within, newline) + END + tail)
    replace_block(path, "\none | two\n\nthree “four”\n")
    expected = newline.join([BEGIN, b"one | two", b"", "three “four”".encode(), END])
    assert path.read_bytes() == head + expected + tail
    replace_block(path, "one | two\n\nthree “four”")
    assert path.read_bytes() == head + expected + tail


def test_the_cards_own_text_cannot_end_its_block(tmp_path: Path) -> None:
    """A corpus may be called like a mark."""
    path, text = tmp_path / "README.md", f"signature: `{END.decode()}{BEGIN.decode()}`"
    path.write_text(marked(text), encoding="utf-8")
    first = path.read_bytes()
    assert (first.count(BEGIN), first.count(END)) == (1, 1)
    replace_block(path, text)
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no marks",
        BEGIN,
        END,
        END + b"\n" + BEGIN,
        BEGIN + b"\n" + BEGIN + b"\n" + END,
        BEGIN + b"\n" + END + b"\n" + END,
        (BEGIN + b"\n" + END + b"\n") * 2,
        BEGIN.replace(b"begin", b"Begin") + END,
    ],
)
def test_without_one_place_nothing_is_written(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_bytes(content)
    with pytest.raises(BenchError, match="the place of the block is not marked") as caught:
        replace_block(path, "new")
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["README.md"]  # noqa: PTH208 -- nothing half written either


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="name a model card that is there, or leave out --into"):
        replace_block(tmp_path / "README.md", "new")
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.md").write_bytes(BEGIN + b"\n" + END)
    (tmp_path / "README.md").symlink_to("real.md")
    replace_block(tmp_path / "README.md", "new")
    assert (tmp_path / "README.md").is_symlink()
    assert b"new" in (tmp_path / "real.md").read_bytes()
