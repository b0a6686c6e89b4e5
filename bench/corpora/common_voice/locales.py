"""Common Voice's locale codes and Whisper's language codes."""

WHISPERS = {
    **{"zh-CN": "zh", "zh-TW": "zh", "yue": "yue", "zh-HK": "yue", "nb-NO": "no", "nn-NO": "nn", "sv-SE": "sv"},
    **{"pa-IN": "pa", "hy-AM": "hy", "ne-NP": "ne", "fil": "tl", "jv": "jw"},
}
"""Locales whose code in Whisper is another one, or one of several; every other locale has the same."""


def locales_of(language: str) -> list[str]:
    """The locales that may hold a language of Whisper's, the default first: for zh, zh-CN before zh-TW."""
    others = [locale for locale, code in WHISPERS.items() if code == language]
    return others or [language]
