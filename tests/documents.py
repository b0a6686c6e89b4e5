"""What the documents show to be typed: their fenced blocks, and the commands in them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("README.md", "CONTRIBUTING.md", "docs/**/*.md", "examples/**/*.md", "results/*/README.md")
    for path in ROOT.glob(pattern)
)
BLOCK = re.compile(r"(?:^<!-- (runs) -->\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SEPARATORS = re.compile(r"[;&|()]+|do|done|then|--")
"""Words between the commands of a line; `--` is what hands another program a command."""


@dataclass(frozen=True)
class Block:
    """`runs`: it is marked to be run as it stands, in an empty folder."""

    language: str
    text: str
    runs: bool


def read_document(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks_of(name: str, language: str) -> list[Block]:
    """Every fenced block of a language in a document, in order."""
    found = [Block(block[2], block[3], block[1] is not None) for block in BLOCK.finditer(read_document(name))]
    return [block for block in found if block.language == language]


def commands_of(text: str) -> Iterator[list[str]]:
    """The words of every command in lines of a shell, without variables set for it, comments, and what starts it."""
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|()")
        lexer.whitespace_split = True
        command: list[str] = []
        for word in [*lexer, ";"]:
            if not SEPARATORS.fullmatch(word):
                command.append(word)
                continue
            if command:
                yield command
            command = []


def of_program(program: str, text: str) -> Iterator[list[str]]:
    """What is typed after the name of a program, wherever that lies."""
    for words in commands_of(text):
        at = next((i for i, word in enumerate(words) if Path(word).name == program), None)
        if at is not None:
            yield words[at + 1 :]
