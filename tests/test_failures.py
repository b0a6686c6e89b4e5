"""Loops: real ones found, ordinary sentences of every script left alone."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.scoring.failures import is_loop

ORDINARY = [
    "საქართველოს დედაქალაქი თბილისი მდებარეობს მდინარე მტკვრის ნაპირებზე და არის ქვეყნის უდიდესი ქალაქი",
    "в лесу родилась ёлочка в лесу она росла зимой и летом стройная зелёная была",
    "no no no i said that we would go there very very soon",
    "القطة الكبيرة تنام في البيت الكبير والولد الصغير يلعب في الحديقة",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_sentences_are_no_loops(text: str) -> None:
    assert not is_loop(text.split(), len(text.split()), ended=True)
    assert not is_loop(list(text.replace(" ", "")), 50, ended=True)


def test_ordinary_thai_by_characters() -> None:
    assert not is_loop(list("ประเทศไทยเป็นประเทศที่ตั้งอยู่ในเอเชียตะวันออกเฉียงใต้"), 50, ended=True)


def test_short_real_loops_that_compression_misses() -> None:
    text = "好的" * 6
    assert is_loop(list(text), 4, ended=True)
    assert len(text.encode()) / len(zlib.compress(text.encode())) < 2.4


@given(
    st.lists(st.sampled_from("abcde"), min_size=1, max_size=8),
    st.integers(4, 60),
    st.lists(st.sampled_from("fgh"), max_size=4),
)
def test_every_repetition_is_found(phrase: list[str], repeats: int, before: list[str]) -> None:
    assert is_loop(before + phrase * repeats, 10**6, ended=True)


def test_running_on_without_an_end() -> None:
    words = [f"w{i}" for i in range(21)]
    assert is_loop(words, 10, ended=False)
    assert not is_loop(words[:20], 10, ended=False)
    assert not is_loop(words, 10, ended=True)
    assert not is_loop([], 5, ended=True)
    assert not is_loop(["a"] * 3, 3, ended=True)
