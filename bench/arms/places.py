"""Where a model's files once lay: libraries write it into them, and it is nobody's business when they are passed on."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.io.documents import read_json

KEYS = {"_name_or_path", "name_or_path", "tokenizer_file", "vocab_file", "merges_file", "special_tokens_map_file"}
"""Of configurations, as transformers' versions write them."""
NO_PLACE = re.compile(r"([\w-][\w.-]*/)?[\w-][\w.-]*", re.ASCII)
"""A hub id, or a name alone."""


def without_places(settings: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration without the keys that say where files lay; hub ids stay."""
    return {key: value for key, value in settings.items() if key not in KEYS or not _is_place(value)}


def copy_settings(source: Path, target: Path) -> None:
    """Byte for byte, unless it says where files lay."""
    settings = read_json(source, "export the model anew") if source.name.endswith("config.json") else None
    if isinstance(settings, dict) and (kept := without_places(settings)) != settings:
        target.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    else:
        shutil.copyfile(source, target)


def _is_place(value: object) -> bool:
    return isinstance(value, str) and value != "" and NO_PLACE.fullmatch(value) is None
