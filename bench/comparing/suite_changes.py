"""What a suite says otherwise than when it was decoded."""

import json
from typing import Any

ABSENT = object()


def first_change(was: Any, now: Any, place: str = "") -> str:
    """The first key whose value is another one, with both: `arms[0].model was "a" and is "b"`. Empty where none is."""
    if was == now:
        return ""
    if isinstance(was, dict) and isinstance(now, dict):
        pairs = [(f"{place}.{key}".lstrip("."), was.get(key, ABSENT), now.get(key, ABSENT)) for key in {**was, **now}]
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        pairs = [(f"{place}[{i}]", a, b) for i, (a, b) in enumerate(zip(was, now, strict=True))]
    else:
        return f"{place} was {_said(was)} and is {_said(now)}"
    return next(change for at, a, b in pairs if (change := first_change(a, b, at)))


def _said(value: Any) -> str:
    if value is ABSENT:
        return "not said"
    return f"{len(value)} entries" if isinstance(value, dict | list) else json.dumps(value, ensure_ascii=False)
