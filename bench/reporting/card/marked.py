"""The block of a model card that is ours; the rest of the file is somebody else's and stays byte for byte."""

from pathlib import Path

from bench.errors import BenchError
from bench.io.files import write_atomically

BEGIN = b"<!-- whisper-mla-bench: begin -->"
END = b"<!-- whisper-mla-bench: end -->"


def marked(text: str) -> str:
    """The block with its marks."""
    return f"{BEGIN.decode()}\n{without_marks(text).strip()}\n{END.decode()}\n"


def without_marks(text: str) -> str:
    """Breaks up what looks like a mark: a corpus may be called like one, and no escape helps in a code span."""
    for mark in (BEGIN.decode(), END.decode()):
        text = text.replace(mark, mark.replace("<!", "<\u200b!"))
    return text


def replace_block(path: Path, text: str) -> None:
    """Puts the text between the marks of an existing file, with that file's line endings.

    Raises BenchError where the file cannot be read, or has not one mark of each kind in order.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BenchError(f"{path}: {error.strerror}; name a model card that is there, or leave out --into") from None
    write_atomically(path.resolve(), lambda to: to.write_bytes(with_block(content, str(path), text)))


def merged(there: bytes, card: bytes) -> bytes:
    """A README as it is, but for its block, which is the new card's. Raises BenchError where it has no place."""
    block = card.partition(BEGIN)[2].partition(END)[0]
    return with_block(there, "its README.md", block.decode())


def with_block(content: bytes, name: str, text: str) -> bytes:
    """A file's content with the text between its marks, in its line endings. Raises BenchError without a place."""
    if content.count(BEGIN) != 1 or content.count(END) != 1 or content.index(END) < content.index(BEGIN):
        raise BenchError(
            f"{name}: the place of the block is not marked; where it is to stand, put one line {BEGIN.decode()} and "
            f"after it one line {END.decode()}, each once in the file"
        )
    head, _, rest = content.partition(BEGIN)
    tail = rest.partition(END)[2]
    lines = rest if b"\n" in rest else content
    newline = b"\r\n" if lines.partition(b"\n")[0].endswith(b"\r") else b"\n"
    block = newline.join([BEGIN, *without_marks(text).strip().encode().split(b"\n"), END])
    return head + block + tail
