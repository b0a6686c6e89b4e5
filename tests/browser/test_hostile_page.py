"""A page of transcripts that try to be HTML, scripts and direction overrides."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.store import Store
from tests.browser.conftest import Open
from tests.conftest import Command

HOSTILE = [
    "<script>window.owned = 1</script>",
    '<img src=x onerror="window.owned = 1">',
    "</script><script>window.owned = 1</script>",
    "one \u202e two | three ` & \\u003cscript\\u003e",
    "word " * 1000,
    "e\u0301\u0301\u0301 \u0e33\u0e31",
]


def test_text_stays_text(bench: Command, suite_file: Path, tmp_path: Path, open_page: Open) -> None:
    suite = suite_file
    suite.write_text(suite.read_text() + '\n[scoring]\nnormalizer = "none"\n')
    assert bench("run", suite).returncode == 0
    store = Store(tmp_path / "results" / "mine")
    manifest = store.read_manifest()
    record = manifest.arms["converted"]
    for (key,) in record.parts.values():
        decodes = pd.read_parquet(store.part_path(key))
        decodes["hypothesis"] = HOSTILE
        decodes.to_parquet(store.part_path(key), index=False)
    record = record.model_copy(update={"hashes": {key: store.hash_part(key) for key in record.hashes}})
    store.write_manifest(manifest.model_copy(update={"arms": manifest.arms | {"converted": record}}))
    assert bench("compare", suite).returncode == 0
    made = bench("report", suite)
    assert made.returncode == 0, made.stderr
    opened = open_page(tmp_path / "reports" / "mine" / "index.html")
    page = opened.page
    page.select_option("#pick-language", "")
    buttons = page.locator("#utterances tbody a", has_text="show")
    while buttons.count():
        buttons.first.click()
    assert page.evaluate("window.owned") is None
    assert (opened.complaints, opened.requests) == ([], [])
    assert page.locator(".detail").count() == 12
    assert page.locator(".detail img, .detail script, #utterances script, #utterances img").count() == 0
    assert page.locator(".detail", has_text="<script>window.owned").count() == 4
    assert page.locator(".detail", has_text="\\u202e").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
