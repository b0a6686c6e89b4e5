"""What the hub calls the corpus that a card's figures are of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bench.analysis.suite_records import SuiteRecords
from bench.corpora.common_voice.locales import locales_of
from bench.corpora.hub.layouts import config_of, layout_of

HUB_ID = re.compile(r"[\w-][\w.-]*/[\w.-]+", re.ASCII)
COMMON_VOICE = re.compile(r"common-voice-(?P<release>(?P<major>\d+)\.(?P<minor>\d+)-(?P<date>[\d-]+))/")
LAST_ON_HUB = 17
"""Common Voice's last major release that has a repository on the hub."""


@dataclass(frozen=True)
class Dataset:
    """`name`: the hub's where `on_hub`, else the corpus's own. `revision`: commit or release, else its clips' hash."""

    name: str
    revision: str
    on_hub: bool

    @property
    def commit(self) -> str | None:
        """What the hub takes for a revision."""
        return self.revision if re.fullmatch("[0-9a-f]{40}", self.revision) else None


def dataset_of(records: SuiteRecords) -> Dataset:
    corpus, name = records.suite.corpus, str(records.manifest["corpus"])
    clips = f"clips-{records.results.clips}"
    if corpus.repo is not None:
        on_hub = HUB_ID.fullmatch(corpus.repo) is not None
        return Dataset(corpus.repo, str(records.manifest.get("commit") or clips), on_hub)
    release = COMMON_VOICE.match(name) if corpus.kind == "common-voice" else None
    if release and int(release["major"]) <= LAST_ON_HUB:
        repo = f"mozilla-foundation/common_voice_{release['major']}_{release['minor']}"
        return Dataset(repo, release["release"], True)
    if corpus.kind == "manifest":
        return Dataset(name.removeprefix("manifest/"), clips, False)
    return Dataset(name.partition("/")[0], clips, False)


def split_of(records: SuiteRecords) -> str | None:
    """None for a manifest, which says nothing of splits."""
    return None if records.suite.corpus.kind == "manifest" else records.suite.corpus.split


def config_in(records: SuiteRecords, language: str) -> str:
    """What the corpus calls a language."""
    corpus = records.suite.corpus
    if corpus.kind == "hub":
        return config_of(corpus, layout_of(corpus), language) or "default"
    if corpus.kind == "common-voice":
        others = dict(each.split("=", 1) for each in str(records.manifest["corpus"]).split(",")[1:])
        return others.get(language, locales_of(language)[0])
    return language
