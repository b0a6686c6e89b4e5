"""What the hub calls the corpus that a card's figures are of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bench.analysis.suite_records import SuiteRecords
from bench.corpus_identity import CommonVoiceCorpus, HubCorpus

HUB_ID = re.compile(r"[\w-][\w.-]*/[\w.-]+", re.ASCII)
RELEASE = re.compile(r"(\d+)\.(\d+)-[\d-]+")
"""Of Common Voice, whole: major and minor number."""
LAST_ON_HUB = 17
"""Common Voice's last major release that has a repository on the hub."""


@dataclass(frozen=True)
class Dataset:
    """`name`: the hub's where `on_hub`, else the corpus's own. `revision`: commit or release, else its clips' hash."""

    name: str
    revision: str
    on_hub: bool


def dataset_of(records: SuiteRecords) -> Dataset:
    corpus, clips = records.manifest.corpus, f"clips-{records.results.clips}"
    if isinstance(corpus, HubCorpus):
        return Dataset(corpus.repo, corpus.commit or clips, HUB_ID.fullmatch(corpus.repo) is not None)
    if isinstance(corpus, CommonVoiceCorpus) and (release := RELEASE.fullmatch(corpus.release)):
        major, minor = release.groups()
        if int(major) <= LAST_ON_HUB:
            return Dataset(f"mozilla-foundation/common_voice_{major}_{minor}", corpus.release, True)
    return Dataset(corpus.title, clips, False)
