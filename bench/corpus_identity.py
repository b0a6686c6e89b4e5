"""What a corpus is, as its reader found it: recorded once, and never read off a name again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    """Frozen, and as it was written: no other key, no value of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Corpus(Record):
    """`split` is None where a corpus has none. `clusters`: what clips that are alike share, "speaker" where speakers
    are named.
    """

    split: str | None
    clusters: str = "speaker"

    @property
    def title(self) -> str:
        """What it is called, whatever the split."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """As it is printed in signatures and reports."""
        return f"{self.title}/{self.split}"

    @property
    def published_as(self) -> str:
        """As cards of others write it."""
        return self.name

    def config(self, language: str) -> str:
        """What the corpus calls a language."""
        return language


class DemoCorpus(_Corpus):
    """The embedded one."""

    kind: Literal["demo"] = "demo"
    release: str

    @property
    def title(self) -> str:
        return self.release


class ManifestCorpus(_Corpus):
    """Clips that a file lists; `stem`: that file's name without its suffix."""

    kind: Literal["manifest"] = "manifest"
    stem: str
    split: None = None

    @property
    def title(self) -> str:
        return self.stem

    @property
    def name(self) -> str:
        return f"manifest/{self.stem}"


class CommonVoiceCorpus(_Corpus):
    """A release, as 17.0-2024-03-15, and each language's locale; `others`: languages that stand for another one."""

    kind: Literal["common-voice"] = "common-voice"
    release: str
    split: str
    locales: Mapping[str, str]
    others: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"common-voice-{self.release}"

    @property
    def name(self) -> str:
        """With any locale that is not the one a language stands for."""
        return super().name + "".join(f",{language}={self.locales[language]}" for language in self.others)

    @property
    def published_as(self) -> str:
        """Common Voice 17 test."""
        major = re.match(r"\d+", self.release)
        return f"Common Voice {major[0]} {self.split}" if major else self.name

    def config(self, language: str) -> str:
        return self.locales[language]


class HubCorpus(_Corpus):
    """A repository of the hub; `configs` are its names of the languages, None where it has one config alone.

    `revision`: what was asked for, None for the default branch; `commit`: what that was, None for a local copy.
    """

    kind: Literal["hub"] = "hub"
    repo: str
    revision: str | None
    commit: str | None
    split: str
    configs: Mapping[str, str | None]

    @property
    def title(self) -> str:
        return self.repo

    @property
    def name(self) -> str:
        return f"{self.repo}@{self.commit[:12] if self.commit else 'local'}/{self.split}"

    def config(self, language: str) -> str:
        return self.configs[language] or "default"


CorpusIdentity = Annotated[DemoCorpus | ManifestCorpus | CommonVoiceCorpus | HubCorpus, Field(discriminator="kind")]
