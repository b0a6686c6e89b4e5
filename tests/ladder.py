"""Transcripts of the demo's ladder that the tests keep: three languages, clean, in white noise and by telephone.

`python -m tests.ladder RESULTS` takes them from a run of demo-ladder (RESULTS/demo-ladder); its reports belong to them.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from bench.corpora import load_corpus
from bench.store import Store
from bench.suite import Suite, load_suite
from tests.stored import PRESENT

TRANSCRIPTS = Path(__file__).parent / "data" / "ladder.parquet"
LANGUAGES = ("en", "cy", "th")
CONDITIONS = ("clean", "white", "telephony")
CELL = ["arm", "language", "condition"]
OF_CLIPS = ("language", "reference", "gender", "age", "accent")
KEPT = [*CELL, "utterance_id", "hypothesis", "finish"]


def part_of_the_ladder() -> Suite:
    """The suite with those languages and conditions alone."""
    whole = load_suite("demo-ladder")
    conditions = tuple(spec for spec in whole.condition_specs if spec.name in CONDITIONS)
    return whole.model_copy(update={"languages": LANGUAGES, "condition_specs": conditions})


def ladder_decodes(suite: Suite) -> Iterator[pd.DataFrame]:
    """Every cell's decodes, each transcript with its speaker and reference from the demo's corpus."""
    corpus = load_corpus(suite.corpus, suite.languages, suite.seed)
    clips = pd.DataFrame(
        {"utterance_id": clip.id, "speaker_id": clip.speaker, **{name: getattr(clip, name) for name in OF_CLIPS}}
        for language in suite.languages
        for clip in corpus.utterances[language]
    )
    transcripts = pd.read_parquet(TRANSCRIPTS).merge(clips, on=["language", "utterance_id"], validate="many_to_one")
    for _, rows in transcripts.groupby(CELL, sort=False):
        yield rows.assign(**{name: value for name, value in PRESENT.items() if name not in rows}, seed=None)


def main(results: Path) -> None:
    suite = part_of_the_ladder()
    store = Store(results / "demo-ladder")
    arms = store.read_manifest().arms.items()
    decodes = pd.concat(
        store.read_decodes(part for parts in arm.parts.values() for part in parts).assign(arm=arm_id)
        for arm_id, arm in arms
    )
    names = [condition.name for condition in suite.conditions]
    chosen = decodes[decodes["language"].isin(LANGUAGES) & decodes["condition"].isin(names)]
    chosen = chosen.sort_values(["language", "utterance_id", "condition", "arm"])[KEPT]
    TRANSCRIPTS.parent.mkdir(exist_ok=True)
    chosen.to_parquet(TRANSCRIPTS, index=False, compression="zstd", compression_level=19)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
