"""In which languages a conversion was calibrated: recorded with the model, and with whatever is decoded with it."""

from __future__ import annotations

from collections.abc import Iterable

from bench.corpus_identity import Record
from bench.languages import code_of


class CalibratedLanguages(Record):
    """Whisper's codes, sorted: `heard` on clips, `read` as text alone."""

    heard: tuple[str, ...]
    read: tuple[str, ...] = ()

    @classmethod
    def of(cls, heard: Iterable[str], read: Iterable[str] = ()) -> CalibratedLanguages:
        """However the languages are written; one that is heard counts as heard, whatever is read of it."""
        codes = set(map(code_of, heard))
        return cls(heard=tuple(sorted(codes)), read=tuple(sorted(set(map(code_of, read)) - codes)))

    def caution(self, model: str, languages: Iterable[str]) -> str:
        """What to be wary of when the model speaks those languages; empty where calibration heard all of them."""
        unheard = [language for language in languages if code_of(language) not in self.heard]
        missed = {
            "never heard": [language for language in unheard if code_of(language) not in self.read],
            "only read": [language for language in unheard if code_of(language) in self.read],
        }
        told = " and ".join(f"{what} {', '.join(names)}" for what, names in missed.items() if names)
        return f"calibration of {model} {told}; what is lost there may be the calibration's doing" if told else ""
