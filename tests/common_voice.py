"""Miniature Common Voice releases, as five releases laid them out, with faults planted on demand."""

import io
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

COLUMNS = {
    "7.0-2021-07-21": "client_id path sentence up_votes down_votes age gender accent locale segment",
    "11.0-2022-09-21": "client_id path sentence up_votes down_votes age gender accents locale segment",
    "13.0-2023-03-09": "client_id path sentence up_votes down_votes age gender accents variant locale segment",
    "17.0-2024-03-15": "client_id path sentence_id sentence sentence_domain up_votes down_votes age gender accents "
    "variant locale segment",
    "23.0-2025-09-05": "client_id path sentence_id sentence sentence_domain up_votes down_votes age gender accents "
    "variant locale segment prompt_id",
}
"""Release to the columns of its test.tsv."""
LOCALES = ["en", "de", "es", "fr", "ru", "tr", "cy", "ar", "th", "zh-CN", "ka"]
SENTENCES = {
    "th": "ผู้หญิงที่นี่",
    "zh-CN": "你好世界",
    "ar": "مرحبا بالعالم",
    "ka": "გამარჯობა მსოფლიო",
    "tr": "İstanbul'da ılık",
    "ru": "Ёлка и йод",
}


@dataclass
class Planted:
    """How many rows of each kind a locale was given, beside its good ones."""

    clips: int = 6
    rejected: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, int] = field(default_factory=dict)


def tone(seconds: float = 0.5, rate: int = 32_000) -> bytes:
    """An mp3, as Common Voice has them."""
    buffer = io.BytesIO()
    samples = 0.2 * np.sin(2 * np.pi * 440 * np.arange(int(rate * seconds)) / rate)
    soundfile.write(buffer, samples, rate, format="MP3")
    return buffer.getvalue()


def write_locale(folder: Path, locale: str, release: str, planted: Planted, speakers: int = 3) -> Path:
    """`folder/<locale>` with test.tsv, clip_durations.tsv and clips; faults as `planted` says."""
    root, columns = folder / locale, COLUMNS[release].split()
    (root / "clips").mkdir(parents=True)
    good = tone()
    rows, durations = [], ["clip\tduration[ms]"]

    def row(path: str, sentence: str, speaker: int, **others: str) -> str:
        values = {"client_id": f"client{speaker}" * 8, "path": path, "sentence": sentence, "locale": locale, **others}
        values |= {
            "gender": "female_feminine",
            "age": "twenties",
            "accents": "here",
            "accent": "here",
            "sentence_id": "abc",
        }
        return "\t".join(values.get(column, "") for column in columns)

    def clip(number: int, content: bytes, milliseconds: int = 500) -> str:
        name = f"common_voice_{locale}_{number}.mp3"
        (root / "clips" / name).write_bytes(content)
        durations.append(f"{name}\t{milliseconds}")
        rows.append(row(name, f'{SENTENCES.get(locale, "one two")} "{number}', number % speakers))
        return name

    for number in range(planted.clips):
        clip(number, good)
    counter = planted.clips
    for reason, count in planted.unreadable.items():
        for _ in range(count):
            counter += 1
            clip(
                counter,
                b"" if reason == "empty file" else tone(4.0)[: len(good)],
                500 if reason == "empty file" else 4000,
            )
    first = f"common_voice_{locale}_0.mp3"
    faults = {
        "empty sentence": lambda i: row(f"empty{i}.mp3", " ", 0),
        "duplicate path": lambda i: row(first, "again", 1),
        "wrong number of columns": lambda i: "\t".join(["x"] * (len(columns) - 1 - i % 2)),
        "no usable path": lambda i: row(["../../etc/passwd", "", "/etc/passwd"][i % 3], "bad", 1),
        "another locale": lambda i: row(f"other{i}.mp3", "autre", 2).replace(f"\t{locale}\t", "\txx\t"),
    }
    lines = [line.encode() for line in rows]
    for reason, count in planted.rejected.items():
        made = [b"\xff\xfe\tx" if reason == "not UTF-8" else faults[reason](i).encode() for i in range(count)]
        lines += made
    (root / "test.tsv").write_bytes(b"\n".join(["\t".join(columns).encode(), *lines]) + b"\n")
    (root / "clip_durations.tsv").write_text("\n".join(durations) + "\n", encoding="utf-8")
    return root


def write_release(folder: Path, release: str, locales: Sequence[str], planted: Planted) -> Path:
    root = folder / f"cv-corpus-{release}"
    for locale in locales:
        write_locale(root, locale, release, planted)
    return root


def write_archive(release_folder: Path, locale: str, folder: Path, clips_first: bool = False) -> Path:
    """`cv-corpus-…-<locale>.tar.gz` of one locale."""
    path = folder / f"{release_folder.name}-{locale}.tar.gz"
    members = sorted(
        (release_folder / locale).rglob("*"), key=lambda member: (member.parent.name == "clips", member.name)
    )
    with tarfile.open(path, "w:gz") as tar:
        for member in reversed(members) if clips_first else members:
            if member.is_file():
                tar.add(member, arcname=str(member.relative_to(release_folder.parent)))
    return path
