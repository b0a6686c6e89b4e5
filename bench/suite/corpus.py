"""The section of a suite file that says where clips come from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bench.suite.sections import Section

SPLITS = ("test", "dev", "train", "validated", "other")
"""Of a Common Voice release."""


class ColumnsSpec(Section):
    """What a hub corpus calls its columns."""

    audio: str | None = None
    """The clip."""
    text: str | None = None
    """The reference."""
    id: str | None = None
    """Else the clip's path, or its place."""
    speaker: str | None = None
    """Who said it."""
    cluster: str | None = None
    """What clips share that are alike, where no speaker is named."""
    gender: str | None = None
    """Costs are sliced by it."""


class CorpusSpec(Section):
    """Where utterances come from and how many a language are taken."""

    kind: Literal["demo", "manifest", "common-voice", "hub"]
    """Where the clips come from."""
    path: Path | None = None
    """A manifest or its folder; a Common Voice release, its folder or archives; on the hub a copy of the repository,
    or nothing. `${VARIABLES}` expand; `--corpus-path` replaces it.
    """
    release: str | None = None
    """Common Voice: read off the folder's name; demanded where no name says it. Part of every signature."""
    repo: str | None = None
    """Hub: the repository, such as `google/fleurs`."""
    config: str | Mapping[str, str] | None = None
    """Hub: what it calls a language, a name with `{language}` in it or a table of names."""
    revision: str | None = None
    """Hub: a branch or, better, a commit; left open, it is resolved once and recorded."""
    columns: ColumnsSpec | None = None
    """Hub: what the repository calls its columns."""
    streaming: bool = False
    """Hub: clips are read as they are decoded, and nothing is downloaded beforehand."""
    split: str = "test"
    """Common Voice: `"test"`, `"dev"`, `"train"`, `"validated"` or `"other"`; on the hub whatever it has."""
    utterances: Annotated[int, Field(ge=1)] | None = None
    """Clips a language, all where it is not said: chosen by a seeded hash of their id and spread over speakers, so
    that the order of rows does not matter and a sample of 1,000 is part of the sample of 1,500.
    """
    set_aside: Annotated[int, Field(ge=2)] | None = None
    """`3`: every third speaker of a language, by a hash of the name, is not tested on; their clips are those that the
    suite gives as `calibration` and, where `recovery.path` is not said, to recovery training.
    """

    @model_validator(mode="after")
    def _keys_of_its_kind(self) -> Self:
        if self.kind not in ("common-voice", "hub") and (self.split != "test" or self.release is not None):
            raise ValueError('split and release are read for kind = "common-voice" only; a manifest is one split')
        if self.kind == "common-voice" and self.split not in SPLITS:
            raise ValueError(f"split = {self.split!r}: Common Voice has {', '.join(SPLITS)}")
        hub = (self.repo, self.config, self.revision, self.columns, self.streaming or None)
        if self.kind != "hub" and any(value is not None for value in hub):
            raise ValueError('repo, config, revision, columns and streaming are read for kind = "hub" only')
        if self.kind == "hub" and self.repo is None:
            raise ValueError('kind = "hub" needs the repository as repo = "google/fleurs", for example')
        return self

    @model_validator(mode="after")
    def _demo_is_embedded(self) -> Self:
        if self.kind == "demo" and self.path is not None:
            raise ValueError('kind = "demo" is embedded and takes no path; use kind = "manifest" for clips of your own')
        return self
