"""A page of 33,000 utterances: eleven languages of 3,000."""

from __future__ import annotations

import random
from pathlib import Path

from bench.analysis.alignments import Movement, PairedUtterance, Transcript
from bench.reporting.explorer import render_page
from bench.reporting.explorer.of_suite import page_of_suite
from bench.scoring import align_words
from tests.browser.conftest import Open
from tests.cards import make_records, make_suite

LANGUAGES = ["en", "de", "es", "fr", "ru", "tr", "cy", "ar", "it", "pt", "ka"]
CLIPS = 3_000


def heard(rng: random.Random, words: list[str], reference: list[str]) -> Transcript:
    """A fifth of the words is another, a twentieth is lost."""
    kept = [rng.choice(words) if rng.random() < 0.2 else word for word in reference if rng.random() > 0.05]
    edits = align_words(" ".join(reference), " ".join(kept))
    return Transcript(" ".join(kept), len(edits) - edits.count("="), False, not kept, edits)


BUSY = 1.5
"""Seconds of a processor until a page can be used, at most."""


def test_it_is_searched_as_a_small_one(tmp_path: Path, open_page: Open) -> None:
    rng = random.Random(1)
    words = ["".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(2, 9))) for _ in range(5_000)]
    suite = make_suite()
    control, arm = suite.arms
    movements = []
    for language in LANGUAGES:
        utterances = []
        for number in range(CLIPS):
            reference = [rng.choice(words) for _ in range(rng.randint(5, 14))]
            sides = [heard(rng, words, reference) for _ in range(2)]
            name = f"common_voice_{language}_{number:08}.mp3"
            utterances.append(
                PairedUtterance(name, f"speaker{number % 500}", " ".join(reference), len(reference), *sides)
            )
        ranked = tuple(sorted(utterances, key=lambda each: -each.change))
        movements.append(Movement(arm, control, language, "clean", "wer", CLIPS, ranked))
    path = tmp_path / "index.html"
    path.write_text(render_page(page_of_suite(make_records(suite, tmp_path)), movements), encoding="utf-8")
    opened = open_page(path)
    page = opened.page
    busy = page.context.new_cdp_session(page)
    busy.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    spent = {each["name"]: each["value"] for each in busy.send("Performance.getMetrics")["metrics"]}
    assert spent["TaskDuration"] < BUSY, spent
    page.select_option("#pick-language", "")
    assert page.locator("#chosen").inner_text().startswith("33000 rows")
    page.locator("#utterances_wrapper input[type=search]").fill("common_voice_ka_00002999")
    page.wait_for_timeout(1_000)
    assert page.locator("#utterances tbody a").count() == 1
    assert (opened.complaints, opened.requests) == ([], [])
