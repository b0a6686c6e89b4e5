"""What drafts what: arms of one vocabulary in their order, then the condition before; and a run that shows no trace."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from bench.runners import run_suite
from bench.runners.heard import BEFORE, Heard
from bench.runners.search import Searcher
from bench.store import Store
from bench.suite import load_suite

COLUMNS = ["utterance_id", "condition", "hypothesis", "tokens", "finish", "audio_hash"]


def arm(name: str, vocabulary: str = "whisper") -> Any:
    return SimpleNamespace(source=SimpleNamespace(spec=SimpleNamespace(id=name)), vocabulary=vocabulary)


def block(language: str) -> Any:
    return SimpleNamespace(language=language)


def test_each_text_drafts_once_in_the_arms_order() -> None:
    heard, control, exact, other = Heard(), arm("control"), arm("exact"), arm("other", "another")
    heard.begin(block("cy"))
    assert heard.drafts(exact, "a") == {}
    heard.add(control, "a", [1, 2])
    heard.add(other, "a", [7])
    heard.add(exact, "a", [1, 2, 3])
    assert list(heard.drafts(arm("svd"), "a").items()) == [("control", (1, 2)), ("exact", (1, 2, 3))]
    assert heard.drafts(arm("svd"), "b") == {}
    heard.begin(block("cy"))
    assert heard.drafts(control, "a") == {BEFORE: (1, 2)}
    heard.add(control, "a", [1, 2])
    assert list(heard.drafts(exact, "a").items()) == [("control", (1, 2)), (BEFORE, (1, 2, 3))]
    assert heard.drafts(arm("control-2"), "a") == {"control": (1, 2)}
    heard.begin(block("de"))
    assert heard.drafts(control, "a") == {}


def test_a_run_with_drafts_is_a_run_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arms of several encoders, conditions one after the other: all columns as plain `generate` fills them."""
    suite = load_suite("demo")
    corpus = suite.corpus.model_copy(update={"utterances": 9})
    suite = suite.model_copy(update={"languages": ("cy", "th"), "corpus": corpus})
    run_suite(suite, Store(tmp_path / "own"), [], Console(quiet=True))
    monkeypatch.setattr(Searcher, "_search", lambda *_: None)
    run_suite(suite, Store(tmp_path / "stock"), [], Console(quiet=True))
    own, stock = (Store(tmp_path / name) for name in ("own", "stock"))
    arms = own.read_manifest().arms
    assert len(arms) == len(suite.arms)
    for name, record in arms.items():
        keys = [key for cell in record.parts.values() for key in cell]
        assert stock.read_manifest().arms[name].parts == record.parts
        assert own.read_decodes(keys)[COLUMNS].equals(stock.read_decodes(keys)[COLUMNS])


def test_a_run_records_where_its_time_went_and_which_batches_were_taken_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Apart from the decodes, which are the same whatever chose."""
    suite = load_suite("demo")
    corpus = suite.corpus.model_copy(update={"utterances": 5})
    suite = suite.model_copy(update={"languages": ("cy",), "corpus": corpus})
    run_suite(suite, Store(tmp_path / "own"), [], Console(quiet=True))
    monkeypatch.setattr("bench.runners.search.searcher.MARGIN", 1e9)
    run_suite(suite, Store(tmp_path / "tied"), [], Console(quiet=True))
    own, tied = (json.loads((tmp_path / name / "speed.json").read_text()) for name in ("own", "tied"))
    names = {arm.id for arm in suite.arms}
    steps = {"audio", "conditions", "rooms and pools", "log-mel", "encoder", "text", "likelihoods", "decodes written"}
    assert set(own["steps"]) == names | steps
    assert all(seconds >= 0 for seconds in own["steps"].values())
    assert own["searched"] == dict.fromkeys(names, len(suite.conditions))
    assert own["again"] == dict.fromkeys(names, 0)
    assert tied["again"] == tied["searched"] == own["searched"]
    arms = [Store(tmp_path / name).read_manifest().arms for name in ("own", "tied")]
    assert arms[0] == arms[1]
