"""How much sound a file's header promises: decoders give what is there, and say nothing of what is not."""

from collections.abc import Iterator
from typing import Any

UNKNOWN_BYTES = 0x7F000000
"""What writes to a pipe cannot know the length, and says 0 or about as much as its field holds: no promise."""
UNKNOWN_FRAMES = 2**40
RIFF, FORM, SUN, SPHERE, WAVE_64 = (b"RIFF", b"RIFX", b"RF64"), b"FORM", b".snd", b"NIST_1A\n", b"riff\x2e\x91\xcf\x11"
SAMPLES = (b"data", b"SSND", b"BODY")
"""What the chunk of samples is called in RIFF and in FORM."""
OGG_PAGE, OGG_LAST, OGG_HEAD = b"OggS", 4, 27
TAGS = {b"Xing": (13, 21, 36), b"Info": (13, 21, 36), b"VBRI": (36,)}
"""What counts an mp3's frames, and where in the first of them it may stand."""


def promised_bytes(content: bytes) -> tuple[int, int] | None:
    """Bytes of samples that there are, and that the header promises; None where it promises none, or is not known."""
    found = _stated(content)
    if found is None:
        return None
    start, stated = found
    return (max(0, len(content) - start), stated) if 0 < stated < UNKNOWN_BYTES else None


def promised_frames(content: bytes, file: Any) -> int | None:
    """What an open soundfile counts before it decodes; None where that is an estimate, or not known."""
    if file.format == "MP3" and not _counts_frames(content):
        return None
    frames = int(file.frames)
    return frames if 0 < frames < UNKNOWN_FRAMES else None


def is_ended(content: bytes) -> bool:
    """Whether an Ogg file has its last page, and all of it; its header says nothing of the length. True of others."""
    at = content.rfind(OGG_PAGE)
    if not content.startswith(OGG_PAGE):
        return True
    head = content[at : at + OGG_HEAD]
    if len(head) < OGG_HEAD or not head[5] & OGG_LAST:
        return False
    sizes = content[at + OGG_HEAD : at + OGG_HEAD + head[-1]]
    return len(content) >= at + OGG_HEAD + head[-1] + sum(sizes)


def _stated(content: bytes) -> tuple[int, int] | None:
    """Where samples begin, and how many bytes of them the header says."""
    if content[:4] in (*RIFF, FORM):
        big = content[:4] in (b"RIFX", FORM)
        return next(_samples(content, 12, 4, 4, "big" if big else "little"), None)
    if content.startswith(WAVE_64):  # whose sizes count the 24 bytes of each chunk's own head
        return next(((start, size - 24) for start, size in _samples(content, 40, 16, 8, "little")), None)
    if content.startswith(SUN):
        return int.from_bytes(content[4:8], "big"), int.from_bytes(content[8:12], "big")
    return _sphere(content) if content.startswith(SPHERE) else None


def _samples(content: bytes, at: int, name: int, size: int, order: Any) -> Iterator[tuple[int, int]]:
    """Start and stated size of the chunk of samples; `at`: where chunks begin, whose names and sizes have so many
    bytes. That of RF64 stands in a chunk before it.
    """
    long: int | None = None
    while at + name + size <= len(content):
        called, stated = content[at : at + 4], int.from_bytes(content[at + name : at + name + size], order)
        start = at + name + size
        if called == b"ds64":
            long = int.from_bytes(content[start + 8 : start + 16], "little")
        if called in SAMPLES:
            yield start, stated if long is None else long
            return
        even = 2 if size == 4 else 8
        own = 0 if size == 4 else name + size
        at = start + max(0, -(-(stated - own) // even) * even)


def _sphere(content: bytes) -> tuple[int, int] | None:
    """NIST's header is text: sample_count -i 16000."""
    lines = [line.split() for line in content[:1024].decode("ascii", errors="replace").splitlines()]
    said = {line[0]: int(line[2]) for line in lines if len(line) == 3 and line[2].isdecimal() and len(line[2]) < 20}
    names = ("sample_count", "sample_n_bytes", "channel_count")
    if not all(name in said for name in names):
        return None
    return 1024, said["sample_count"] * said["sample_n_bytes"] * said["channel_count"]


def _counts_frames(content: bytes) -> bool:
    """Whether an mp3's first frame says how many there are; without, a decoder guesses from the first one's size."""
    start = 0
    if content[:3] == b"ID3":
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(content[6:10], (21, 14, 7, 0), strict=True))
    return any(content[start + at : start + at + 4] == tag for tag, places in TAGS.items() for at in places)
