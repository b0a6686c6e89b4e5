"""Bringing sides together: one language, the same ids in one order, references and speakers for all of them."""

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pandas as pd

from bench.comparing.external.reading import REFERENCE, read_references, read_speakers
from bench.comparing.pairing import first_ids
from bench.errors import BenchError
from bench.languages import WAY_OUT, code_of, is_tag

UNKNOWN_LANGUAGE = "und"
"""BCP 47's code for a language that nobody named."""
UNNAMED_CONDITION = "clean"

Sides = Sequence[pd.DataFrame]
"""The control's first."""


def code_asked_for(language: str | None) -> str | None:
    """Whisper's code of a language that somebody named; the tag itself for one that Whisper does not have."""
    if language is not None and not is_tag(language):
        raise BenchError(f"language {language!r} is none that is known; {WAY_OUT}, or name none")
    return None if language is None else code_of(language)


def one_language(paths: Sequence[Path], sides: Sides, language: str | None) -> tuple[list[pd.DataFrame], str | None]:
    """The rows of one language: the one asked for where the files name several, else the one they name, if any.

    By Whisper's codes, which the sides have already.
    """
    asked = code_asked_for(language)
    named = [sorted({name for name in side["language"] if name}) for side in sides]
    everything = sorted({name for of_side in named for name in of_side})
    if asked is None and len(everything) > 1:
        held = " and ".join(f"{path} holds {', '.join(names)}" for path, names in zip(paths, named, strict=True))
        raise BenchError(f"{held}; choose one language by --language")
    if asked is not None and everything and asked not in everything:
        raise BenchError(f"--language {language}: the files hold {', '.join(everything)}")
    chosen = asked or (everything[0] if everything else None)
    return [side[[name in (None, chosen) for name in side["language"]]] for side in sides], chosen


def paired(paths: Sequence[Path], sides: Sides, intersect: bool) -> tuple[list[pd.DataFrame], int]:
    """All sides in one order, over the same ids and conditions, and how many ids were dropped for that."""
    keyed = [_keyed(path, side) for path, side in zip(paths, sides, strict=True)]
    if not intersect:
        for (path, side), (holder, other) in permutations(zip(paths, keyed, strict=True), 2):
            _require_every_id(path, side, holder, other)
    common = everything = keyed[0].index
    for side in keyed[1:]:
        common, everything = common[common.isin(side.index)], everything.union(side.index)
    if not len(common):
        raise BenchError(f"{', '.join(map(str, paths[:-1]))} and {paths[-1]} have no id in common; mend their ids")
    return [side.loc[common].reset_index(drop=True) for side in keyed], len(everything) - len(common)


def _require_every_id(path: Path, side: pd.DataFrame, holder: Path, other: pd.DataFrame) -> None:
    missing = other.index.difference(side.index)
    if len(missing):
        known = set(side["id"])
        names = [name if name not in known else f"{name} under {condition}" for condition, name in missing]
        raise BenchError(
            f"{path}: lacks {first_ids(names)}, which {holder} has; add them, or compare the common ids by --intersect"
        )


def _keyed(path: Path, side: pd.DataFrame) -> pd.DataFrame:
    named = side.assign(condition=[name or UNNAMED_CONDITION for name in side["condition"]])
    twice = named[named.duplicated(["id", "condition"])]
    if len(twice):
        raise BenchError(f"{path}: {twice['id'].iloc[0]} stands there twice; keep one row an utterance and condition")
    return named.set_index(["condition", "id"], drop=False)


def with_references(sides: Sides, reference: Path | None, code: str | None) -> list[pd.DataFrame]:
    """References from the file given, else each side's own, else the first that another side has."""
    known = None if reference is None else read_references(reference, _named(code))
    return [_with_references(side, sides, reference, known) for side in sides]


def _with_references(
    side: pd.DataFrame, sides: Sides, reference: Path | None, known: dict[str, str] | None
) -> pd.DataFrame:
    texts: list[Any]
    if known is None:
        held = zip(side["reference"], *(other["reference"] for other in sides), strict=True)
        texts = [next((text for text in of_id if text is not None), None) for of_id in held]
        hint = f"give --reference FILE, or (not in .txt, .trn) a column {' or '.join(REFERENCE)}"
    else:
        texts, hint = [known.get(name) for name in side["id"]], f"add them to {reference}"
    missing = [name for name, text in zip(side["id"], texts, strict=True) if text is None]
    if missing:
        raise BenchError(f"no reference for {first_ids(missing)}; {hint}")
    return side.assign(reference=texts)


def require_same_references(paths: Sequence[Path], sides: Sides) -> None:
    """Demands the first side's of all others."""
    first = sides[0]
    for path, side in zip(paths[1:], sides[1:], strict=True):
        differing = first["id"][(first["reference"] != side["reference"]).to_numpy()]
        if len(differing):
            raise BenchError(
                f"the references of {first_ids(list(differing))} differ between {paths[0]} and {path}; give the right "
                "ones by --reference"
            )


def with_speakers(sides: Sides, speakers: Path | None, code: str | None) -> list[pd.DataFrame]:
    """Speakers from the file given, else the first that a side has; the same on all sides."""
    first = sides[0]
    if speakers is not None:
        known = read_speakers(speakers, _named(code))
        if missing := [name for name in first["id"] if name not in known]:
            raise BenchError(f"{speakers}: no speaker for {first_ids(missing)}; add them")
        given = [known[name] for name in first["id"]]
    else:
        held = zip(*(side["speaker"] for side in sides), strict=True)
        given = [next(filter(None, of_id), "") for of_id in held]
    return [side.assign(speaker=given) for side in sides]


def _named(code: str | None) -> str | None:
    return None if code == UNKNOWN_LANGUAGE else code
