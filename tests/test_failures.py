"""Loops: real ones found, ordinary sentences of every script left alone, and what the reference says too."""

import random
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.scoring.failures import is_loop
from tests.test_mapsswe import read_trn

ORDINARY = [
    "საქართველოს დედაქალაქი თბილისი მდებარეობს მდინარე მტკვრის ნაპირებზე და არის ქვეყნის უდიდესი ქალაქი",
    "в лесу родилась ёлочка в лесу она росла зимой и летом стройная зелёная была",
    "no no no i said that we would go there very very soon",
    "القطة الكبيرة تنام في البيت الكبير والولد الصغير يلعب في الحديقة",
]
SENTENCE = ["the", "ferry", "to", "the", "island", "leaves", "at", "nine"]
syllables = st.sampled_from(["bab", "cec", "did", "fof", "gug", "hah", "jej", "kik", "lol", "mum", "non", "pep", "sis"])


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_sentences_are_no_loops(text: str) -> None:
    assert not is_loop(text.split(), text.split(), ended=True)
    assert not is_loop(text.replace(" ", ""), "", ended=True)


def test_ordinary_thai_by_characters() -> None:
    assert not is_loop("ประเทศไทยเป็นประเทศที่ตั้งอยู่ในเอเชียตะวันออกเฉียงใต้", "", ended=True)


def test_short_real_loops_that_compression_misses() -> None:
    text = "好的" * 6
    assert is_loop(text, "好的是的", ended=True)
    assert len(text.encode()) / len(zlib.compress(text.encode())) < 2.4


@given(
    st.lists(st.sampled_from("abcde"), min_size=1, max_size=8),
    st.integers(4, 60),
    st.lists(st.sampled_from("fgh"), max_size=4),
)
def test_every_repetition_is_found(phrase: list[str], repeats: int, before: list[str]) -> None:
    assert is_loop(before + phrase * repeats, [f"w{i}" for i in range(500)], ended=True)


def test_running_on_without_an_end() -> None:
    words, reference = [f"w{i}" for i in range(21)], [f"w{i}" for i in range(10)]
    assert is_loop(words, reference, ended=False)
    assert not is_loop(words[:20], reference, ended=False)
    assert not is_loop(words, reference, ended=True)
    assert not is_loop([], reference, ended=True)
    assert not is_loop(["a"] * 3, reference, ended=True)


@given(st.lists(syllables, min_size=5, max_size=30), st.integers(2, 6))
def test_a_sentence_said_again_is_a_loop_unless_the_reference_says_it_as_often(said: list[str], times: int) -> None:
    assert is_loop(said * times, said, ended=True)
    assert is_loop(said * times, [], ended=True)
    assert is_loop(said * (times + 1), said * times, ended=True)
    assert not is_loop(said * times, said * times, ended=True)


def test_said_again_with_a_word_apart_or_a_word_after() -> None:
    other = ["the", "ferry", "to", "the", "ireland", *SENTENCE[5:]]
    assert is_loop(SENTENCE + other, SENTENCE, ended=True)
    assert is_loop([*SENTENCE, *SENTENCE, "sharp"], SENTENCE, ended=True)
    assert not is_loop(SENTENCE + SENTENCE[:4], SENTENCE, ended=True)
    assert not is_loop([*SENTENCE, "and", "the", "last", "one", "back", "at", "twenty", "past"], SENTENCE, ended=True)


@pytest.mark.parametrize(
    ("hypothesis", "reference"),
    [
        ("no no", "no"),
        ("thank you thank you", "thank you"),
        ("yes yes yes", "yes"),
        ("are you in are you in", "are you in"),
        ("no no no no", "no no no"),
        ("five five five five", "five five two five"),
        ("ha ha ha ha ha", "ha ha ha ha"),
        ("row row row your boat row row row your boat", "row row row your boat row row row your boat"),
        ("seven seven seven seven", "seven seven seven seven"),
    ],
)
def test_what_is_short_or_in_the_reference_is_none(hypothesis: str, reference: str) -> None:
    assert not is_loop(hypothesis.split(), reference.split(), ended=True)


def test_short_sentences_by_characters_are_none() -> None:
    assert not is_loop("ห้าหกห้าหก", "ห้าแปดห้าหก", ended=True)
    assert is_loop("ประเทศไทยอยู่ในเอเชีย" * 2, "ประเทศไทยอยู่ในเอเชีย", ended=True)


def test_oftener_than_the_reference_by_far_is_a_loop() -> None:
    assert is_loop(["ha"] * 200, ["ha"] * 4, ended=True)


@pytest.mark.parametrize(
    ("hypothesis", "reference"),
    [
        ("three nine eight eight eight eight", "three nine six six eight"),
        ("eight six two two two two", "two six nine four seven two"),
    ],
)
def test_what_the_reference_repeats_otherwise_excuses_nothing(hypothesis: str, reference: str) -> None:
    assert is_loop(hypothesis.split(), reference.split(), ended=True)


def test_no_reference_of_940_is_a_loop_and_each_said_twice_is_one(data_folder: Path) -> None:
    texts = [text.split() for text in read_trn(data_folder / "pairs/sctk_reports/fleurs_ca/ref.trn").values()]
    apart = random.Random(0)
    others = apart.sample(texts, len(texts))
    assert not any(is_loop(text, other, ended=True) for text, other in zip(texts, others, strict=True))
    assert all(is_loop(text + text, text, ended=True) for text in texts)
    assert not any(is_loop(text + text, text + text, ended=True) for text in texts)
