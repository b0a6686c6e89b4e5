"""Common Voice's locales and Whisper's languages."""

from bench.languages import code_of

NAMED_OTHERWISE = (
    *("zh-CN", "zh-TW", "yue", "zh-HK", "nb-NO", "nn-NO", "sv-SE", "pa-IN", "hy-AM", "ne-NP", "fil", "jv"),
)
"""Locales that are not called by Whisper's code, and those beside them; every other language has one of its code."""
SCRIPTS = {"hans": "cn", "hant": "tw"}
"""Where the script of a tag is at home that names no region."""


def locales_of(language: str) -> list[str]:
    """The locales that may hold a language, the default first: for zh, zh-CN before zh-TW; for zh-TW, that alone."""
    code = code_of(language)
    locales = [locale for locale in NAMED_OTHERWISE if code_of(locale) == code] or [code]
    if language == code:
        return locales
    region = _region(language)
    fitting = [locale for locale in locales if not region or _region(locale) in ("", region)]
    return sorted(fitting, key=lambda locale: _region(locale) != region) or [language]


def _region(tag: str) -> str:
    """What a tag says of where a language is spoken, in lower case; empty if nothing."""
    _, *parts = tag.lower().replace("_", "-").split("-")
    return next((part for part in parts if len(part) == 2), "") or next(map(SCRIPTS.get, parts), None) or ""
