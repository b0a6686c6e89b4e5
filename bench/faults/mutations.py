"""What may befall a file, drawn from an explicit generator: bits, cuts, lines, cells, and values of documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from numpy.random import Generator

Mutation = Callable[[bytes, Generator], bytes]
EXTREMES = ("0", "-1", "1", "99999999999999999999", "1e308", "-0.0", "nan", "inf", "9" * 5000, "0.1", "2147483648")
TEXTS = (
    *(
        "",
        " ",
        "\t",
        "\0",
        "null",
        "[]",
        "{}",
        '"',
        "'",
        "\\",
        "|",
        "(",
        "<",
        "../x",
        "/dev/zero",
        "é" * 200,
        "x" * 300,
    ),
    *(
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        "\u202e",
        "\x1b]0;x\x07",
        "=1+1",
        "[" * 3000,
        "𝟙",
        "٣",
    ),
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 10**30, 0.5, -1.5, 1e308, float("nan"), float("inf")),
    *("", "x", "\0", "x" * 300, [], [1], ["x"], {}, {"x": 1}, [[]]),
)


def flip_bits(content: bytes, rng: Generator) -> bytes:
    """One to eight of them."""
    changed = bytearray(content)
    for place in rng.integers(0, len(content), rng.integers(1, 9)) if content else ():
        changed[place] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def cut_short(content: bytes, rng: Generator) -> bytes:
    """What is left where writing ended early, or nothing."""
    return content[: int(rng.integers(0, max(1, len(content))))]


def drop_piece(content: bytes, rng: Generator) -> bytes:
    start, end = _piece(content, rng)
    return content[:start] + content[end:]


def double_piece(content: bytes, rng: Generator) -> bytes:
    start, end = _piece(content, rng)
    return content[:end] + content[start:]


def fill_piece(content: bytes, rng: Generator) -> bytes:
    """With zeros, ones or noise, as of a bad disk."""
    start, end = _piece(content, rng)
    fills = (bytes(end - start), b"\xff" * (end - start), rng.bytes(end - start))
    return content[:start] + fills[rng.integers(3)] + content[end:]


def drop_line(content: bytes, rng: Generator) -> bytes:
    lines = content.split(b"\n")
    del lines[int(rng.integers(len(lines)))]
    return b"\n".join(lines)


def double_line(content: bytes, rng: Generator) -> bytes:
    lines = content.split(b"\n")
    lines.insert(int(rng.integers(len(lines))), lines[int(rng.integers(len(lines)))])
    return b"\n".join(lines)


def swap_lines(content: bytes, rng: Generator) -> bytes:
    lines = content.split(b"\n")
    one, other = (int(place) for place in rng.integers(0, len(lines), 2))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def put_word(content: bytes, rng: Generator) -> bytes:
    """An extreme number or text in place of a word, or into the middle of one."""
    words = (*EXTREMES, *TEXTS)
    new = words[rng.integers(len(words))].encode("utf-8", "surrogatepass")
    start, end = _piece(content, rng, longest=12)
    return content[:start] + new + content[end if rng.integers(2) else start :]


def change_number(content: bytes, rng: Generator) -> bytes:
    """One that stands there becomes an extreme one."""
    places = [place for place in range(len(content)) if content[place : place + 1].isdigit()]
    if not places:
        return put_word(content, rng)
    start = places[rng.integers(len(places))]
    end = start
    while content[end : end + 1].isdigit():
        end += 1
    return content[:start] + EXTREMES[rng.integers(len(EXTREMES))].encode() + content[end:]


def change_value(content: bytes, rng: Generator) -> bytes:
    """Of a JSON document: a value becomes another, of another type as well; a key goes, comes or is doubled."""
    try:
        document = json.loads(content)
    except ValueError:
        return flip_bits(content, rng)
    holders = list(_holders(document))
    if not holders:
        return json.dumps(VALUES[rng.integers(len(VALUES))]).encode()
    holder = holders[rng.integers(len(holders))]
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    key = keys[rng.integers(len(keys))]
    if rng.integers(4) == 0:
        del holder[key]
    else:
        holder[key] = VALUES[rng.integers(len(VALUES))]
    return json.dumps(document).encode()


def change_line_value(content: bytes, rng: Generator) -> bytes:
    """The same in a line of JSON Lines."""
    lines = content.split(b"\n")
    place = int(rng.integers(len(lines)))
    lines[place] = change_value(lines[place], rng)
    return b"\n".join(lines)


def _holders(document: Any) -> list[Any]:
    """Every object and list that is not empty."""
    members = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    found = [document] if members else []
    return [*found, *(holder for member in members for holder in _holders(member))]


def _piece(content: bytes, rng: Generator, longest: int = 4096) -> tuple[int, int]:
    start = int(rng.integers(0, len(content) + 1))
    return start, min(len(content), start + int(rng.integers(1, 1 + min(longest, 1 + len(content) // 2))))


BINARY: tuple[Mutation, ...] = (flip_bits, cut_short, drop_piece, double_piece, fill_piece)
TEXT: tuple[Mutation, ...] = (
    *BINARY,
    drop_line,
    double_line,
    swap_lines,
    put_word,
    put_word,
    change_number,
    change_number,
)
DOCUMENT: tuple[Mutation, ...] = (*TEXT, *(change_value,) * 12)
LINES: tuple[Mutation, ...] = (*TEXT, *(change_line_value,) * 8)
