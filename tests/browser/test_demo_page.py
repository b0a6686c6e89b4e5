"""The committed page of the demo, as its readers open it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import bench.reporting.explorer
from bench.analysis.alignments import Transcript, steps
from bench.reporting.explorer.packing import unpack
from tests.browser.conftest import Open

DEMO = Path(__file__).parents[2] / "reports" / "demo" / "index.html"
ALIGNMENT = Path(bench.reporting.explorer.__file__).parent / "alignment.js"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
TOLERATED = {"minor"}
"""Impacts that keep nobody from reading the page."""


def pick(page: Any, **choice: str) -> None:
    for name, value in choice.items():
        page.select_option(f"#pick-{name}", value)


def wait_for_choice(page: Any, **choice: str) -> None:
    """Without evaluating text in the page, which its policy forbids."""
    from playwright.sync_api import expect

    for name, value in choice.items():
        expect(page.locator(f"#pick-{name}")).to_have_value(value)


def show_first(page: Any) -> Any:
    """Opens the first utterance; its detail."""
    page.locator("#utterances tbody a").first.click()
    return page.locator(".detail").first


def cut_texts(page: Any) -> list[str]:
    """What is wider than the place it stands in, or sticks out of the window; regions that scroll are none of it."""
    found: list[str] = page.evaluate(
        "() => [...document.querySelectorAll('h1, h2, h3, p, dd, td, th, figcaption, bdi, svg text, summary')]"
        ".filter(each => each.getClientRects().length && !each.closest('details:not([open]) > :not(summary)'))"
        ".filter(each => { const box = each.getBoundingClientRect();"
        " const cut = each instanceof HTMLElement && each.clientWidth > 0 && each.scrollWidth > each.clientWidth + 1;"
        " return cut || box.right > innerWidth + 1 || box.left < -1; })"
        ".map(each => `${each.tagName} ${each.textContent.slice(0, 60)}`)"
    )
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_opens_quietly_and_fits(open_page: Open, screenshots: Path, theme: str, size: str) -> None:
    opened = open_page(DEMO, theme, *SIZES[size])
    page = opened.page
    page.screenshot(path=screenshots / f"{size}-{theme}-top.png")
    pick(page, arm="svd-93.75", language="th")
    show_first(page)
    page.evaluate("document.getElementById('behind').scrollIntoView({behavior: 'instant'})")
    page.screenshot(path=screenshots / f"{size}-{theme}-utterances.png")
    assert (opened.complaints, opened.requests) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    assert cut_texts(page) == []
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (theme == "light")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_barrier(open_page: Open, axe: str, theme: str) -> None:
    page = open_page(DEMO, theme).page
    show_first(page)
    page.evaluate(axe)
    found = page.evaluate("axe.run()")
    assert len(found["passes"]) > 10
    barriers = [
        (each["id"], each["nodes"][0]["html"][:200]) for each in found["violations"] if each["impact"] not in TOLERATED
    ]
    assert barriers == []


def test_tables_are_sorted_and_searched(open_page: Open) -> None:
    page = open_page(DEMO).page
    header = page.locator("#cells thead th", has_text="cost")
    for _ in range(2):
        header.click()
        page.wait_for_timeout(500)  # sorts after the click is done
    costs = [
        float(text.replace("−", "-").removesuffix(" CER"))
        for text in page.locator("#cells tbody tr td:nth-child(2)").all_inner_texts()
    ]
    assert len(costs) == 25
    assert all(a >= b for a, b in pairwise(costs))
    page.locator("#cells_wrapper input[type=search]").fill("telephony")
    assert page.locator("#cells tbody tr").count() == 22
    assert all(text.endswith("telephony") for text in page.locator("#cells tbody tr td:nth-child(1)").all_inner_texts())


def test_small_tables_have_no_search_box(open_page: Open) -> None:
    page = open_page(DEMO).page
    page.locator("#verdicts summary").click()
    assert page.locator("#arms tbody tr").count() == 2
    assert page.locator("#arms_wrapper input").count() == 0


def test_the_picture_leads_to_the_utterances(open_page: Open) -> None:
    """By a click, and by the keyboard, for its marks are links; a pointer beside a mark is told what it is."""
    page = open_page(DEMO).page
    marks = page.locator("#costs svg a")
    assert marks.count() == 22
    mark = page.locator('#costs svg a:has([aria-label^="svd-93.75, cy clean"])')
    mark.hover()
    page.wait_for_timeout(200)
    assert page.locator("#costs svg text", has_text="svd-93.75, cy clean").count() >= 1
    mark.click()
    assert page.evaluate("location.hash") == "#cell=svd-93.75/cy/clean"
    wait_for_choice(page, language="cy")
    page.select_option("#view-rows", "condition")
    page.select_option("#view-in", "ka")
    assert page.locator("#costs svg a").count() == 6
    page.locator('#costs svg a:has([aria-label^="svd-93.75, ka telephony"])').focus()
    page.keyboard.press("Enter")
    wait_for_choice(page, condition="telephony")


def test_back_and_a_shared_address_show_what_was_seen(open_page: Open) -> None:
    opened = open_page(DEMO)
    page = opened.page
    page.locator('#costs svg a:has([aria-label^="svd-93.75, th clean"])').click()
    page.wait_for_timeout(100)
    show_first(page)
    shared = page.url
    assert "#utterance=svd-93.75/th/clean/" in shared
    page.go_back()
    page.wait_for_timeout(200)
    assert page.locator(".detail").count() == 0
    assert page.input_value("#pick-language") == "th"
    page.go_forward()
    page.wait_for_timeout(200)
    assert page.locator(".detail").count() == 1
    other = page.context.new_page()
    other.goto(shared)
    other.wait_for_selector("html[data-ready]", state="attached")
    assert other.locator(".detail").count() == 1
    assert other.locator(".detail p").inner_text().startswith(shared.rsplit("/", 1)[1])
    other.goto(shared.split("#")[0] + "#cell=gone/xx/%E0%A4%A")
    assert opened.complaints == []


def test_a_sign_is_never_taken_apart(open_page: Open) -> None:
    """Thai vowels and tones above or below a letter stand with it, however each of them was heard."""
    page = open_page(DEMO).page
    script = ALIGNMENT.read_text(encoding="utf-8")
    columns = page.evaluate(
        f"() => {{ {script}; const sides = [{{text: 'กิมา', edits: '=SD=='}}];"
        "const box = drawAlignment('th', ['r', 'a'], 'กี่มา', sides, 'cer');"
        "const steps = [...box.querySelectorAll('.step:not(.heads)')];"
        "return steps.map(step => [...step.children].map(each => each.textContent)); }"
    )
    assert columns == [["กี่", "กิS2"], ["มา", "มา"]]


def test_a_cell_leads_to_its_utterances(open_page: Open) -> None:
    page = open_page(DEMO).page
    page.locator("#cells_wrapper input[type=search]").fill("svd-93.75 ka white@10")
    page.locator("#cells tbody a").click()
    assert [page.input_value(f"#pick-{name}") for name in ("arm", "language", "condition")] == [
        "svd-93.75",
        "ka",
        "white@10",
    ]
    assert page.locator("#chosen").inner_text().startswith("100 rows")
    assert page.evaluate("document.activeElement.id") == "pick-arm"
    for name in ("arm", "language", "condition"):
        pick(page, **{name: ""})
    assert page.locator("#chosen").inner_text().startswith("6600 rows")


@pytest.mark.parametrize(
    ("language", "condition"), [("cy", "clean"), ("th", "white@10"), ("ar", "clean"), ("zh", "clean")]
)
def test_the_alignment_is_that_of_the_counts(open_page: Open, language: str, condition: str) -> None:
    """Units and edits of every column, run by run, against the steps that the terminal prints."""
    page = open_page(DEMO).page
    pick(page, arm="svd-93.75", language=language, condition=condition)
    detail = show_first(page)
    found = unpack(page.locator("#data").text_content())["utterances"]
    texts, cells = found["texts"], found["cells"]
    row = max(
        (
            row
            for row in found["rows"]
            if cells[row[0]][0] == "svd-93.75" and cells[row[0]][2:4] == [language, condition]
        ),
        key=lambda row: row[14],
    )
    metric, reference = cells[row[0]][4], texts[row[3]]
    for side, (text, edits, errors) in enumerate(((4, 5, 6), (8, 9, 10)), start=2):
        aligned = steps(reference, Transcript(texts[row[text]], row[errors], False, False, texts[row[edits]]), metric)
        column = detail.locator(f".step:not(.heads) > :nth-child({side})")
        shown = column.evaluate_all(
            "units => units.map(unit => [unit.className.replace('edit ', '').replace('same', '='), "
            "[...unit.childNodes].filter(node => node.nodeType === 3).map(node => node.data).join('').trim()])"
        )
        expected = "".join(step.hypothesis for step in aligned)
        assert "".join(text.replace("\u25cc", "") for _, text in shown) == expected
        kinds = [kind for kind, _ in shown if kind]
        assert set(kinds) <= {step.edit for step in aligned}  # a sign of several characters is told by one letter
        if metric == "wer":
            assert kinds == [step.edit for step in aligned]
        labels = column.locator(".label").all_inner_texts()
        assert sum(int(label[1:] or 1) for label in labels) == row[errors]


@pytest.mark.parametrize(("language", "leftwards"), [("ar", True), ("ka", False)])
def test_right_to_left_scripts_run_so(open_page: Open, language: str, leftwards: bool) -> None:
    page = open_page(DEMO).page
    pick(page, arm="svd-93.75", language=language)
    columns = show_first(page).locator(".step:not(.heads)")
    first, second = (columns.nth(i).bounding_box() for i in (0, 1))
    assert (first["x"] > second["x"]) == leftwards


def test_what_was_heard_plays(open_page: Open) -> None:
    page = open_page(DEMO).page
    detail = show_first(page)
    assert detail.locator("audio").get_attribute("src").startswith("data:audio/mpeg;base64,")
    seconds = page.evaluate(
        "() => { const player = document.querySelector('.detail audio'); player.muted = true; "
        "return player.play().then(() => new Promise(done => { player.onended = () => done(player.currentTime); })); }"
    )
    assert 0.3 < seconds < 30
