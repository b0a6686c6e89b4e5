"""A headless Chromium that `nox -s tests-browser` names; without it these tests are skipped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SWITCHES = [
    "--no-sandbox",  # root's Chromium does not start with one
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
LOCAL = ("file:", "data:", "blob:")


@dataclass
class Opened:
    """A page, what it wrote to the console as a warning or worse, and what it asked the network for."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


Open = Callable[..., Opened]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    executable = os.environ.get("BENCH_CHROMIUM")
    if not executable:
        pytest.skip("BENCH_CHROMIUM is not set: no browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Open]:
    """Opens a file as a reader would and waits until its tables stand."""
    contexts = []

    def open_file(path: Path, theme: str = "light", width: int = 1280, height: int = 900) -> Opened:
        context = chromium.new_context(color_scheme=theme, viewport={"width": width, "height": height})
        contexts.append(context)
        opened = Opened(context.new_page())
        opened.page.on(
            "console", lambda m: opened.complaints.append(m.text) if m.type in ("error", "warning") else None
        )
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.on("request", lambda r: None if r.url.startswith(LOCAL) else opened.requests.append(r.url))
        opened.page.goto(path.as_uri())
        opened.page.wait_for_selector("html[data-ready]", state="attached")
        return opened

    yield open_file
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    path = os.environ.get("BENCH_AXE")
    if not path:
        pytest.skip("BENCH_AXE is not set: no axe-core")
    return Path(path).read_text(encoding="utf-8")


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    """Where pictures of pages go: BENCH_SCREENSHOTS, to be looked at, or a folder that is thrown away."""
    folder = Path(os.environ.get("BENCH_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
