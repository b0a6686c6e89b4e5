"""The embedded corpus: synthetic speech in eleven languages, Opus in Parquet."""

from importlib.resources import files

import pyarrow.parquet as pq

from bench.corpora.utterance import Utterance
from bench.corpus_identity import DemoCorpus
from bench.io.arrow_files import arrow_buffer

IDENTITY = DemoCorpus(release="demo-synthetic-1", split="test")


def read_demo() -> list[Utterance]:
    """All utterances of the shipped test split."""
    table = pq.read_table(arrow_buffer(files("bench.demo").joinpath("corpus", "test.parquet").read_bytes()))
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
