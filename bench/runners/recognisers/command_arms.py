"""Arms that a program of the user's decodes, a block at a time."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from bench.errors import BenchError
from bench.manifest import DecodeSettings
from bench.runners.blocks import Block
from bench.runners.clips import Clip, fit_window
from bench.runners.recognisers.exchange import read_texts, write_clips
from bench.runners.recognisers.foreign import ForeignSource, OneArm, foreign_settings, heard_through
from bench.runners.recognisers.processes import workplace
from bench.runners.recognisers.protocol import Advance, Recognised, Recogniser, Transcript
from bench.suite import MANIFEST, OUTPUT, ArmSpec, DecodeSpec, Suite


@dataclass(frozen=True)
class CommandSource(ForeignSource):
    """A program that is on this machine. `window`: the most samples that it is given, None without a limit.

    `fingerprint` is of its words, of the bytes of those that are files, and of the arm's revision. What the files load
    in turn is not seen: then the revision is to be raised.
    """

    program: str
    window: int | None


@dataclass(frozen=True)
class CommandRecogniser(OneArm):
    """Runs the program once a block."""

    source: CommandSource
    long_clips: str

    def recognise(
        self, block: Block, clips: Sequence[Clip], arm_ids: Sequence[str], advance: Advance
    ) -> Iterator[Recognised]:
        if self.source.window is not None:
            clips = fit_window(clips, self.source.window, self.long_clips)
        ids = [clip.utterance.id for clip in clips if clip.audio is not None]
        texts = self._ask(block, clips, ids) if ids else {}
        advance(len(clips))
        heard = [None if clip.audio is None else Transcript(texts[clip.utterance.id].strip()) for clip in clips]
        yield Recognised(self.source.spec.id, clips, heard)

    def _ask(self, block: Block, clips: Sequence[Clip], ids: Sequence[str]) -> dict[str, str]:
        """The program's text of every clip. Raises BenchError where it does not give them."""
        spec = self.source.spec
        name, where = spec.command[0], f"arm {spec.id}, {block.cell}"
        with workplace() as place:
            output = place.folder / "output.jsonl"
            places = {MANIFEST: str(write_clips(place.folder, block.language, clips)), OUTPUT: str(output)}
            words = [self.source.program, *(_fill(word, places) for word in spec.command[1:])]
            try:
                ended = place.run(words, spec.folder, spec.time_limit)
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or error
                raise BenchError(f"{where}: {name} does not start: {reason}; mend arms[].command") from None
            said = f": {ended.last_line}" if ended.last_line else ""
            if ended.code is None:
                raise BenchError(
                    f"{where}: {name} did not end within {spec.time_limit:g} s ({len(ids):,} clips) and was killed"
                    f"{said}; raise time_limit, or mend the program"
                )
            if ended.code:
                raise BenchError(f"{where}: {name} {_outcome(ended.code)}{said or ', and said nothing on stderr'}")
            try:
                return read_texts(output, ids)
            except ValueError as error:
                raise BenchError(f"{where}: the output of {name} {error}; mend the program") from None


def _outcome(code: int) -> str:
    return f"ended with {code}" if code > 0 else f"was killed by signal {-code}"


def _fill(word: str, places: dict[str, str]) -> str:
    for place, path in places.items():
        word = word.replace(place, path)
    return word


class CommandRunner:
    """`window_of` gives the shortest window of a suite's models, which decides what every arm of it hears."""

    def __init__(self, window_of: Callable[[Suite], int | None]) -> None:
        self.window_of = window_of

    def find(self, suite: Suite, spec: ArmSpec) -> CommandSource:
        if spec.folder is not None and not spec.folder.is_dir():
            raise BenchError(f"arm {spec.id}: no folder {spec.folder} to run the command in; mend arms[].folder")
        program = _program(spec)
        try:
            window = self.window_of(suite)
        except BenchError as error:
            raise BenchError(f"arm {spec.id} is to hear what the suite's models take in, and {error}") from None
        return CommandSource(spec, _fingerprint(spec), program, window)

    def window(self, source: CommandSource) -> int | None:
        return source.window

    def asked(self, decode: DecodeSpec, spec: ArmSpec) -> dict[str, Any]:
        return foreign_settings(decode, spec.runner)

    def settings(self, decode: DecodeSpec, source: CommandSource) -> DecodeSettings:
        known = self.asked(decode, source.spec) | heard_through()
        return DecodeSettings(**known, generation={}, window=source.window)

    def load(self, suite: Suite, sources: Sequence[CommandSource]) -> list[Recogniser]:
        return [CommandRecogniser(source, suite.decode.long_clips) for source in sources]

    def describe(self, suite: Suite, source: CommandSource) -> str:
        return f"{source.program} is there; whether it answers, only a run shows"


def _program(spec: ArmSpec) -> str:
    """The file of the first word: beside the suite, else on the PATH. Raises BenchError where there is none."""
    name = spec.command[0]
    beside = (spec.folder or Path()) / name
    program = shutil.which(beside.absolute()) or shutil.which(name)
    if program is None:
        why = "it may not be executed (chmod +x)" if beside.is_file() else "no such program beside the suite or on PATH"
        raise BenchError(f"arm {spec.id}: {name}: {why}; mend arms[].command")
    return str(program)


def _fingerprint(spec: ArmSpec) -> str:
    """Of words as they are written; of files by their bytes, wherever they lie."""
    digest = blake2b(f"command\0{spec.revision}\0".encode(), digest_size=8)
    for i, word in enumerate(spec.command):
        path = Path(_program(spec)) if i == 0 else (spec.folder or Path()) / word
        content = _content(path)
        described = f"word\0{word}" if content is None else f"file\0{path.name}\0{len(content)}"
        digest.update(f"{described}\0".encode() + (content or b""))
    return digest.hexdigest()


def _content(path: Path) -> bytes | None:
    """None for a word that is no file, or could be none."""
    try:
        return path.read_bytes() if path.is_file() else None
    except (OSError, ValueError):
        return None
