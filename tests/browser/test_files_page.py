"""The page of two files of decodes, as its readers open it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Open
from tests.browser.test_demo_page import SIZES, TOLERATED, cut_texts, show_first
from tests.conftest import command

EXAMPLE = Path(__file__).parents[2] / "examples" / "compare"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "page.html"
    files = [EXAMPLE / f"{name}.jsonl" for name in ("control", "converted")]
    command("compare", *files, "--language", "de", "--margin", 1, "--page", path)
    return path


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_opens_quietly_and_fits(open_page: Open, screenshots: Path, made: Path, theme: str, size: str) -> None:
    opened = open_page(made, theme, *SIZES[size])
    page = opened.page
    for summary in page.locator("summary").all():
        summary.click()
    detail = show_first(page)
    assert detail.locator(".edit").count() == 3
    page.screenshot(path=screenshots / f"files-{size}-{theme}.png", full_page=True)
    assert (opened.complaints, opened.requests) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    assert cut_texts(page) == []


def test_a_mark_leads_to_the_utterances_and_back(open_page: Open, made: Path) -> None:
    page = open_page(made).page
    page.locator("#costs svg a").click()
    assert page.evaluate("location.hash") == "#cell=converted/de/clean"
    assert page.locator("#chosen").inner_text().startswith("96 rows")
    show_first(page)
    shared = page.url
    assert "#utterance=converted/de/clean/" in shared
    page.go_back()
    page.wait_for_timeout(200)
    assert page.locator(".detail").count() == 0


def test_no_barrier(open_page: Open, axe: str, made: Path) -> None:
    page = open_page(made).page
    show_first(page)
    page.evaluate(axe)
    found = page.evaluate("axe.run()")
    assert [each["id"] for each in found["violations"] if each["impact"] not in TOLERATED] == []
