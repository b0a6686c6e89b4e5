"""Bringing two sides together: one language, the same ids in one order, references and speakers for all of them."""

from pathlib import Path

import pandas as pd

from bench.comparing.external.reading import REFERENCE, read_references, read_speakers
from bench.comparing.pairing import first_ids
from bench.errors import BenchError
from bench.languages import WAY_OUT, code_of, is_tag

UNKNOWN_LANGUAGE = "und"
"""BCP 47's code for a language that nobody named."""
UNNAMED_CONDITION = "clean"

Sides = tuple[pd.DataFrame, pd.DataFrame]


def code_asked_for(language: str | None) -> str | None:
    """Whisper's code of a language that somebody named; the tag itself for one that Whisper does not have."""
    if language is not None and not is_tag(language):
        raise BenchError(f"language {language!r} is none that is known; {WAY_OUT}, or name none")
    return None if language is None else code_of(language)


def one_language(paths: tuple[Path, Path], sides: Sides, language: str | None) -> tuple[Sides, str | None]:
    """The rows of one language: the one asked for where the files name several, else the one they name, if any.

    By Whisper's codes, which the sides have already.
    """
    asked = code_asked_for(language)
    named = [sorted({name for name in side["language"] if name}) for side in sides]
    everything = sorted({*named[0], *named[1]})
    if asked is None and len(everything) > 1:
        held = " and ".join(f"{path} holds {', '.join(names)}" for path, names in zip(paths, named, strict=True))
        raise BenchError(f"{held}; choose one language by --language")
    if asked is not None and everything and asked not in everything:
        raise BenchError(f"--language {language}: the files hold {', '.join(everything)}")
    chosen = asked or (everything[0] if everything else None)
    left, right = (side[[name in (None, chosen) for name in side["language"]]] for side in sides)
    return (left, right), chosen


def paired(paths: tuple[Path, Path], sides: Sides, intersect: bool) -> tuple[Sides, int]:
    """Both sides in one order, over the same ids and conditions, and how many ids were dropped for that."""
    keyed = [_keyed(path, side) for path, side in zip(paths, sides, strict=True)]
    common = keyed[0].index[keyed[0].index.isin(keyed[1].index)]
    lacking = [keyed[1].index.difference(keyed[0].index), keyed[0].index.difference(keyed[1].index)]
    for path, side, missing in zip(paths, keyed, lacking, strict=True):
        if len(missing) and not intersect:
            known = set(side["id"])
            names = [name if name not in known else f"{name} under {condition}" for condition, name in missing]
            raise BenchError(f"{path}: lacks {first_ids(names)}; add them, or compare the common ids by --intersect")
    if not len(common):
        raise BenchError(f"{paths[0]} and {paths[1]} have no id in common; mend their ids")
    left, right = (side.loc[common].reset_index(drop=True) for side in keyed)
    return (left, right), sum(map(len, lacking))


def _keyed(path: Path, side: pd.DataFrame) -> pd.DataFrame:
    named = side.assign(condition=[name or UNNAMED_CONDITION for name in side["condition"]])
    twice = named[named.duplicated(["id", "condition"])]
    if len(twice):
        raise BenchError(f"{path}: {twice['id'].iloc[0]} stands there twice; keep one row an utterance and condition")
    return named.set_index(["condition", "id"], drop=False)


def with_references(side: pd.DataFrame, other: pd.DataFrame, reference: Path | None, code: str | None) -> pd.DataFrame:
    """References from the file given, else the side's own, else the other's."""
    if reference is None:
        references = (side["reference"], other["reference"])
        texts = [mine if mine is not None else theirs for mine, theirs in zip(*references, strict=True)]
        hint = f"give --reference, or a column {' or '.join(REFERENCE)}"
    else:
        known = read_references(reference, _named(code))
        texts, hint = [known.get(name) for name in side["id"]], f"add them to {reference}"
    missing = [name for name, text in zip(side["id"], texts, strict=True) if text is None]
    if missing:
        raise BenchError(f"no reference for {first_ids(missing)}; {hint}")
    return side.assign(reference=texts)


def require_same_references(left: pd.DataFrame, right: pd.DataFrame) -> None:
    differing = left["id"][(left["reference"] != right["reference"]).to_numpy()]
    if len(differing):
        raise BenchError(
            f"the references of {first_ids(list(differing))} differ between the two files; give the right ones by "
            "--reference"
        )


def with_speakers(left: pd.DataFrame, right: pd.DataFrame, speakers: Path | None, code: str | None) -> pd.DataFrame:
    """Speakers from the file given, else the sides' own."""
    if speakers is not None:
        known = read_speakers(speakers, _named(code))
        if missing := [name for name in left["id"] if name not in known]:
            raise BenchError(f"{speakers}: no speaker for {first_ids(missing)}; add them")
        return left.assign(speaker=[known[name] for name in left["id"]])
    given = [mine or theirs or "" for mine, theirs in zip(left["speaker"], right["speaker"], strict=True)]
    return left.assign(speaker=given)


def _named(code: str | None) -> str | None:
    return None if code == UNKNOWN_LANGUAGE else code
