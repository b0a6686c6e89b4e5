"""What is mutated, what is then asked of the command, and when its answer is wrong."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from numpy.random import Generator

from bench.faults.children import PATIENCE, Ended, call, run
from bench.faults.mutations import BINARY, DOCUMENT, LINES, TEXT, Mutation
from bench.faults.oracle import require_counts_of
from bench.faults.world import BOTH, RECORDS

Words = Sequence[object]
Judge = Callable[[Path, Path, Sequence[Ended]], str]
"""Of the mutated world, of the whole one, and of how the commands ended: what is wrong, empty if nothing."""
FRESH = ("--results", "fresh")
ASKED = ("--normalizer", "none", "--language", "en", "--metric", "wer", "--resamples", "100", "--json", "out.json")
TEXTS = {".toml": TEXT, ".tsv": TEXT, ".trn": TEXT, ".txt": TEXT, ".jsonl": LINES, ".json": DOCUMENT}


@dataclass(frozen=True)
class Target:
    """A kind of input: files (as patterns), the commands that read them, and its share of all mutants."""

    name: str
    share: int
    files: tuple[str, ...]
    commands: tuple[Words, ...]
    judge: Judge


def mutations_of(file: Path) -> tuple[Mutation, ...]:
    """By what the file is."""
    if file.name.endswith(".tar.gz"):
        return (*BINARY, *map(_unpacked, BINARY))
    return TEXTS.get(file.suffix, BINARY)


def _unpacked(mutation: Mutation) -> Mutation:
    """In what is packed, so that its checksum holds."""

    def mutate(content: bytes, rng: Generator) -> bytes:
        return gzip.compress(mutation(gzip.decompress(content), rng), 1)

    return mutate


def nothing(changed: Path, whole: Path, ended: Sequence[Ended]) -> str:
    """Another input, of which nobody knows what is right."""
    return ""


def _same_table(changed: Path, whole: Path, ended: Sequence[Ended]) -> str:
    """Records that were damaged are refused, or give what they gave."""
    printed = (whole / "p" / "s" / "table.md").read_text(encoding="utf-8")
    last = ended[-1]
    return "" if last.code or last.out == printed else "another table than that of the records, without a word"


def _same_counts(changed: Path, whole: Path, ended: Sequence[Ended]) -> str:
    if ended[-1].code:
        return ""
    files = [changed / str(word) for word in ended_files(changed)]
    judged = call(lambda: require_counts_of(files, changed / "out.json"), changed, PATIENCE)
    return judged.last_line if "ValueError: wrong: " in judged.last_line else ""


def ended_files(changed: Path) -> Sequence[str]:
    """The files that were compared: their names lie beside the result."""
    return (changed / "compared").read_text(encoding="utf-8").split()


def _cut_audio_is_left_out(changed: Path, whole: Path, ended: Sequence[Ended]) -> str:
    """A clip of which a good part is missing is not decoded as if it were whole."""
    if ended[-1].code:
        return ""
    for path in sorted((whole / "clips").iterdir()):
        there, before = (folder / "clips" / path.name for folder in (changed, whole))
        content, original = there.read_bytes(), before.read_bytes()
        if original.startswith(content) and len(content) < 0.8 * len(original):
            named = f"{path.name}: " in ended[0].err or path.name.rpartition(".")[0] in ended[0].err
            return "" if named else f"{path.name} is cut to {len(content)} of {len(original)} bytes, without a word"
    return ""


def _pair(*files: str, apart: bool = False) -> Target:
    options = ["--reference", files[0]] if apart else []
    words = ["compare", *files[-2:], *options, *ASKED]
    return Target(f"decodes {Path(files[0]).suffix}", 9, files, (words,), _same_counts)


RUN = ("run", "s.toml", *FRESH)
STORED = ("r/s/*.parquet", "r/s/manifest.json", "r/s/decodes/*.parquet", "r/s/speed.json", "r/s/tables.json")
TARGETS = (
    Target("suite", 12, ("s.toml",), (RUN, ("table", "s.toml", *FRESH, "--reports", "q")), nothing),
    Target("manifest .tsv", 8, ("clips.tsv",), (RUN,), nothing),
    Target("manifest .jsonl", 8, ("clips.jsonl",), (("run", "j.toml", *FRESH),), nothing),
    _pair("ref.trn", "a.trn", "b.trn", apart=True),
    _pair("a.jsonl", "b.jsonl"),
    _pair("a.parquet", "b.parquet"),
    Target("audio", 13, ("clips/??[0-3].*",), (RUN,), _cut_audio_is_left_out),
    Target("model", 14, ("m/svd/*",), (RUN,), nothing),
    Target("archive", 5, ("*.tar.gz",), (("data", "cv.toml", "--reports", "q"),), nothing),
    Target("stored, table", 8, STORED, (("table", "s.toml", *RECORDS, "--reports", "q"),), _same_table),
    Target(
        "stored, compare",
        6,
        STORED,
        (("compare", "s.toml", *RECORDS), ("table", "s.toml", *RECORDS, "--reports", "q")),
        _same_table,
    ),
    Target("stored, verify", 3, (*STORED, "p/s/*"), (("verify", "s.toml", *BOTH),), nothing),
    Target("stored, plan", 2, STORED, (("plan", "s.toml", *RECORDS),), nothing),
    Target("stored, show", 2, STORED, (("show", "s.toml", "--language", "en", *RECORDS),), nothing),
    Target("stored, doctor", 2, STORED, (("doctor", "s.toml", *RECORDS),), nothing),
)


def ask(target: Target, folder: Path) -> list[Ended]:
    """Its commands, one after the other until one ends otherwise than well."""
    (folder / "compared").write_text(" ".join(target.files), encoding="utf-8")
    ended = []
    for words in target.commands:
        ended.append(run(words, folder))
        if ended[-1].code:
            break
    return ended
