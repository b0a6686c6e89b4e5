"""The text of a suite to begin with."""

import json
import os
import re
from pathlib import Path

from bench.errors import BenchError
from bench.io.files import is_folder

TEMPLATE = """\
# What does {converted_name} cost against {control_name}, in each language, and how surely?
#   bench doctor {file}    what a run needs, and whether it is there
#   bench run {file} --limit 20    a try with few clips; without --limit all of them
#   bench table {file}    the results
name = {name}          # results/{stem} and reports/{stem}
languages = [{languages}]
arms = [
  {{ name = {control_arm}, model = {control} }},          # what others are held against: trained alike, not converted
  {{ name = {converted_arm}, model = {converted}, control = {control_arm} }},
]
# noise_floor = true          # also the control in other arithmetic: a cost no larger than that may be arithmetic's
# conditions = [{{ name = "clean" }}, {{ name = "white", kind = "noise", noise = "white", snr_db = [20, 10] }}]

[corpus]
kind = {kind}
path = {path}          # relative to this file
{split}# utterances = 500          # clips a language, the same ones every time; without it all

[decode]
device = "cpu"          # or "cuda"
dtype = "float32"          # or "float16", "bfloat16"
batch = 16
max_new_tokens = 128          # the longest transcript, for all arms alike

[statistics]
# margin = 1.0          # a cost in points that would not matter; to be chosen before decoding
"""


def starter_suite(control: str, converted: str, clips: Path, file: Path, languages: tuple[str, ...]) -> str:
    """A suite of two arms; paths become relative to where it will lie.

    Raises BenchError where the clips are none that are known here, or name no language and none is given.
    """
    from bench.corpora.manifest import manifest_languages

    if not clips.exists():
        raise BenchError(f"{clips}: no such file or folder; give a manifest, its folder, or a release of Common Voice")
    split, locales = _locales(clips)
    found = languages or tuple(locales) or manifest_languages(clips)
    arms = _arms(control, converted)
    return TEMPLATE.format(
        control_name=_last(control),
        converted_name=_last(converted),
        file=file.name,
        name=json.dumps(file.stem),
        stem=file.stem,
        languages=", ".join(map(json.dumps, found)),
        control_arm=json.dumps(arms[0]),
        converted_arm=json.dumps(arms[1]),
        control=json.dumps(_relative(control, file), ensure_ascii=False),
        converted=json.dumps(_relative(converted, file), ensure_ascii=False),
        kind=json.dumps("common-voice" if locales else "manifest"),
        path=json.dumps(os.path.relpath(clips, file.parent), ensure_ascii=False),
        split="" if split == "test" else f"split = {json.dumps(split)}          # it has no test.tsv\n",
    )


def _arms(control: str, converted: str) -> tuple[str, str]:
    """Called as the models are, which is what tables and the card will call them; by their parts where that fails."""
    names = [re.sub(r"[^A-Za-z0-9._-]+", "-", _last(model)).strip("._-") for model in (control, converted)]
    return (names[0], names[1]) if all(names) and names[0] != names[1] else ("control", "converted")


def _locales(clips: Path) -> tuple[str, list[str]]:
    """Of a release of Common Voice: a split and the folders that have it, test where one has. No folders elsewhere."""
    for split in ("test", "validated"):
        if not is_folder(clips) or (clips / f"{split}.tsv").is_file():
            break
        if found := sorted(folder.name for folder in clips.iterdir() if (folder / f"{split}.tsv").is_file()):
            return split, found
    return "test", []


def _relative(model: str, file: Path) -> str:
    """A folder as seen from the suite; a name of the hub or of the demo as it is."""
    if not is_folder(Path(model)):
        return model
    relative = os.path.relpath(model, file.parent)
    return relative if relative.startswith(".") else f"./{relative}"


def _last(model: str) -> str:
    """What a model is called, on one line of comment."""
    return re.sub(r"[^\w.:-]", "-", model.rstrip("/").rsplit("/", 1)[-1])
