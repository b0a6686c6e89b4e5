"""Common Voice's locale codes and Whisper's language codes."""

WHISPERS = {
    **{"zh-CN": "zh", "zh-TW": "zh", "zh-HK": "yue", "yue": "yue", "nb-NO": "no", "nn-NO": "nn", "sv-SE": "sv"},
    **{"pa-IN": "pa", "hy-AM": "hy", "ne-NP": "ne", "nan-tw": "zh", "ckb": "ku", "fil": "tl"},
}
"""Locales whose code in Whisper is another one; every other locale has the same."""


def locales_of(language: str) -> list[str]:
    """The locales that may hold a language of Whisper's, the likeliest first: for zh, zh-CN before zh-TW."""
    others = [locale for locale, code in WHISPERS.items() if code == language]
    return [language, *others] if language not in others else others
