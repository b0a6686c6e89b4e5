"""What the corpus says of the clips now, taken up before arms are compared anew, where the corpus is there."""

import pandas as pd

from bench.comparing.pairing import first_ids
from bench.comparing.records import manifest_of
from bench.corpora import load_corpus
from bench.corpus_identity import CorpusIdentity, HubCorpus
from bench.errors import BenchError
from bench.store import Store
from bench.suite import Suite
from bench.utterance_records import read_utterances, write_utterances

CLIP = ["language", "utterance_id"]


def refresh_utterances(suite: Suite, store: Store) -> str:
    """Records references, speakers and the rest as the suite's corpus has them now; returns why not, where it did not.

    A commit of the hub is as it was when it was decoded. Raises BenchError where nothing but decoding helps: the corpus
    is another or has other clips, or a reference has changed whose likelihood was recorded.
    """
    manifest = manifest_of(suite, store)
    if isinstance(manifest.corpus, HubCorpus) and manifest.corpus.commit is not None:
        return ""
    try:
        corpus = load_corpus(suite.corpus, suite.languages, suite.seed)
    except BenchError as error:
        return str(error)
    _require_same_corpus(manifest.corpus, corpus.identity)
    now = corpus.described()
    recorded = read_utterances(store.folder, manifest.utterances)
    _require_same_clips(corpus.name, recorded, pd.DataFrame(now))
    if suite.decode.nll:
        _require_same_references(recorded, pd.DataFrame(now))
    hashed = write_utterances(store.folder, now)
    if hashed != manifest.utterances:
        store.write_manifest(manifest.model_copy(update={"utterances": hashed}))
    return ""


def _require_same_corpus(decoded: CorpusIdentity, now: CorpusIdentity) -> None:
    if decoded != now:
        raise BenchError(
            f"the suite's corpus is {now.name}, what was decoded {decoded.name} (of another path, or it has changed "
            "since); give that one's path by --corpus-path, or run `bench run` again"
        )


def _require_same_clips(name: str, recorded: pd.DataFrame, now: pd.DataFrame) -> None:
    for language, ids in recorded.groupby("language")["utterance_id"]:
        there = now.loc[now["language"] == language, "utterance_id"]
        if only := sorted(set(ids) ^ set(there)):
            raise BenchError(
                f"{name}: its {language} clips are not those that were decoded ({first_ids(only)}); run `bench run` "
                "again"
            )


def _require_same_references(recorded: pd.DataFrame, now: pd.DataFrame) -> None:
    left, right = (table.set_index(CLIP)["reference"].sort_index() for table in (recorded, now))
    if changed := [name for _, name in left.index[left != right]]:
        raise BenchError(
            f"the references of {first_ids(changed)} have changed, and their likelihoods are recorded (decode.nll); "
            "run `bench run` again"
        )
