"""The embedded corpus: synthetic speech in eleven languages, Opus in Parquet."""

from importlib.resources import files
from io import BytesIO

import pyarrow.parquet as pq

from bench.corpora.utterance import Utterance
from bench.corpus_identity import DemoCorpus

IDENTITY = DemoCorpus(release="demo-synthetic-1", split="test")


def read_demo() -> list[Utterance]:
    """All utterances of the shipped test split."""
    table = pq.read_table(BytesIO(files("bench.demo").joinpath("corpus", "test.parquet").read_bytes()))
    return [
        Utterance(
            id=row["id"],
            language=row["language"],
            reference=row["text"],
            speaker=row["speaker"],
            audio=row["audio"],
        )
        for row in table.to_pylist()
    ]
