"""Text from outside, as bad as it comes: it is shown as it is, and obeyed by neither Markdown nor YAML."""

import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from huggingface_hub import ModelCard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bench.analysis.memory.records import MemoryRecords
from bench.analysis.published import read_costs
from bench.analysis.reproduction import reproduce
from bench.analysis.suite_records import SuiteRecords
from bench.comparing import Results
from bench.comparing.external import PairOptions, compare_files
from bench.comparing.schema import SCHEMAS
from bench.corpus_identity import ManifestCorpus
from bench.data import DataReport, LanguageData
from bench.manifest import Manifest
from bench.reporting.card import render_card
from bench.reporting.card.marked import BEGIN, END
from bench.reporting.tables.corpus import render_data, write_data
from bench.reporting.tables.costs import render_table, write_table
from bench.reporting.tables.memory import render_memory, write_memory
from bench.reporting.tables.pair import render_pair
from bench.reporting.tables.reproduction import render_reproduction
from bench.reporting.tables.robustness import render_robustness, write_robustness
from bench.reporting.text.markdown import inline
from bench.scoring import METRICS
from bench.suite import load_suite
from bench.visible import visible
from tests.cards import make_records, make_suite
from tests.conftest import refusal
from tests.flat import make_results, make_values
from tests.memory_cells import GPU, memory_records

PIECES = [
    *(
        "|",
        "\\|",
        "`",
        "``` ",
        "\\",
        "\\\\",
        "*",
        "**b**",
        "_i_",
        "~~",
        "$",
        "$$x_1$$",
        "#",
        "\n\n# h\n\n",
        "\n- ",
        "---",
    ),
    *(
        "<b>",
        "</td>",
        "<!--",
        "-->",
        "<script>",
        "&lt;",
        "&",
        "[a](http://b.c)",
        "![x](y)",
        "[^1]",
        "<http://a.b>",
        "]",
    ),
    *(
        "\n",
        "\r\n",
        "\r",
        "\x0b",
        "\x0c",
        "\x85",
        "\u2028",
        "\u2029",
        "\t",
        "\0",
        "\x1b[31m",
        "\u202e",
        "\u2066",
        "\ufeff",
    ),
    *(
        "\u0301",
        "e\u0301\u0302",
        "\U0001f600",
        "漢字",
        "'",
        '"',
        ": ",
        "{{ x }}",
        "{% x %}",
        "%",
        "#x",
        "\n---\n",
        "\n...\n",
    ),
    *(
        BEGIN.decode(),
        END.decode(),
        "https://a.b/c",
        "www.a.b",
        "1. ",
        "> ",
        "    code",
        "+ ",
        "=",
        "!!python/name:os.x",
    ),
]
HOSTILE = st.lists(
    st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=8
).map(lambda pieces: f"x{''.join(pieces)}x")
WORST = f"x{''.join(PIECES)}x"
LONG = "x" + "|`<b>\\" * 1000 + "x"
HARMLESS = "harmless"
EVERY = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
CONDITIONS = [{"name": "clean"}, {"name": "phone", "kind": "telephony"}]
Render = Callable[[str], str]


def blocks(text: str) -> list[Token]:
    """Without a card's front matter, as the hub takes it off."""
    return MarkdownIt("commonmark").enable("table").parse(ModelCard(text).text if text.startswith("---\n") else text)


def shape(text: str) -> tuple[list[tuple[str, int]], Counter[str]]:
    """Every block in order with its depth; and how often each thing stands in a line that is not text."""
    tokens = blocks(text)
    inside = Counter(child.type for token in tokens for child in token.children or [] if child.type != "text")
    return [(token.type, token.level) for token in tokens], inside


def shown(text: str) -> str:
    """What a reader sees of the lines."""
    return "\n".join("".join(child.content for child in token.children or []) for token in blocks(text))


def check(render: Render, hostile: str) -> str:
    """The same blocks and no other things in lines than with harmless text; returns what is seen."""
    text = render(hostile)
    assert shape(text) == shape(render(HARMLESS))
    seen = shown(text)
    assert visible(hostile) in seen
    return seen


def everywhere(hostile: str) -> Callable[[pd.DataFrame], None]:
    """Puts it into everything that a corpus says of its clips."""

    def change(rows: pd.DataFrame) -> None:
        rows["utterance_id"] = hostile + rows["utterance_id"]
        rows["speaker_id"] = hostile + rows["speaker_id"]
        for trait, values in (("gender", 2), ("age", 3), ("accent", 2)):
            rows[trait] = [f"{hostile}{int(name.rpartition('u')[2]) % values}" for name in rows["utterance_id"]]
        right = rows["reference"]
        rows["reference"] = right + " " + hostile
        rows["hypothesis"] = rows["reference"] if (rows["arm"] == "control").all() else right

    return change


def decoded(hostile: str, folder: Path) -> SuiteRecords:
    """A run over a manifest that is called so, by two environments that are called so."""
    suite = make_suite(conditions=CONDITIONS, scoring={"normalizer": "none"})
    strings = ("torch", "transformers", "audio", "gpu", "resampler")
    of_arm = {name: dict.fromkeys(strings, hostile + name) for name in ("control", "mla")}
    found = make_records(
        suite, folder, everywhere(hostile), settings=of_arm, corpus=ManifestCorpus(stem=hostile, clusters=hostile)
    )
    return replace(found, memory=hostile_memory(hostile))


def hostile_memory(hostile: str) -> MemoryRecords:
    """Measured with a device and a driver that are called so."""
    environment = replace(GPU, device=hostile, driver=hostile)
    return MemoryRecords(tuple(replace(record, environment=environment) for record in memory_records()), None)


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> SuiteRecords:
    return decoded(HARMLESS, tmp_path_factory.mktemp("harmless"))


def renamed(found: SuiteRecords, hostile: str) -> SuiteRecords:
    """The same records, had the text been this one all along."""

    def change(value: object) -> object:
        return value.replace(HARMLESS, hostile) if isinstance(value, str) else value

    tables = {
        of: make_values(of, [{name: change(value) for name, value in row.items()} for row in rows_of(found, of)])
        for of in SCHEMAS
    }
    signature = found.results.signature.replace(HARMLESS, hostile.replace("|", "/"))  # which has no pipes but its own
    recorded = json.dumps(found.manifest.model_dump(mode="json"))
    manifest = Manifest.model_validate_json(recorded.replace(HARMLESS, json.dumps(hostile)[1:-1]))
    results = Results(signature, found.results.clips, **tables)
    return SuiteRecords(found.suite, results, manifest, hostile_memory(hostile), None)


def rows_of(found: SuiteRecords, of: str) -> list[dict[str, object]]:
    """A stored table, by the attribute of the results that it holds."""
    rows: list[dict[str, object]] = SCHEMAS[of].table(getattr(found.results, of), {}).to_pylist()
    return rows


def check_reports(render_from: Callable[[str], SuiteRecords], hostile: str) -> None:
    """table.md, robustness.md, memory.md, the card and its metadata."""
    render_from = cache(render_from)

    @cache
    def card(text: str) -> str:
        found = render_from(text)
        return render_card(found, found.suite.arms[1])

    def table(text: str) -> str:
        found = render_from(text)
        return render_table(found.suite, found.results)

    seen = check(table, hostile)
    assert f"age {visible(hostile)}" in seen or f"gender {visible(hostile)}" in seen
    assert f"one {visible(hostile)} are resampled together" in seen
    assert f"(torch {visible(hostile)}mla against torch {visible(hostile)}control; " in seen
    assert f"corpus:manifest/{visible(hostile.replace('|', '/'))}|" in seen
    found = render_from(hostile)
    robustness = render_robustness(found.suite, found.results)
    plain = render_from(HARMLESS)
    assert shape(robustness) == shape(render_robustness(plain.suite, plain.results))
    check(lambda text: render_memory(found.suite, render_from(text).memory), hostile)  # type: ignore[arg-type]
    seen = check(card, hostile)
    assert f"Results (manifest/{visible(hostile)}, 24 clips a language; " in seen
    assert f"bootstrap over clips of one {visible(hostile)}, " in seen
    assert f"torch {visible(hostile)}mla, transformers {visible(hostile)}mla." in seen
    text = card(hostile)
    body, data = ModelCard(text).text.encode(), ModelCard(text).data
    assert (body.count(BEGIN), body.count(END)) == (1, 1)
    assert {each.dataset_name for each in data.eval_results} == {f"manifest/{visible(hostile)}"}
    assert {each.dataset_type for each in data.eval_results} == {visible(hostile)}
    front = yaml.safe_load(text.partition("\n---\n")[0].removeprefix("---\n"))
    harmless = yaml.safe_load(card(HARMLESS).partition("\n---\n")[0].removeprefix("---\n"))
    assert set(front) == set(harmless)
    assert len(front["model-index"][0]["results"]) == 2


@settings(EVERY, max_examples=4)
@given(hostile=HOSTILE)
@example(hostile=WORST)
@example(hostile=LONG)
@example(hostile="x\x85x")
def test_reports_of_a_suite(hostile: str, harmless: SuiteRecords) -> None:
    check_reports(lambda text: harmless if text == HARMLESS else renamed(harmless, text), hostile)


def test_reports_from_decodes_to_the_card(tmp_path: Path, harmless: SuiteRecords) -> None:
    """The whole way, once."""
    found = decoded(WORST, tmp_path)
    check_reports(lambda text: found if text == WORST else harmless, WORST)


def test_tables_for_machines_keep_their_first_line(tmp_path: Path, harmless: SuiteRecords) -> None:
    found = renamed(harmless, WORST)
    write_table(found.suite, found.results, tmp_path)
    write_robustness(found.suite, found.results, tmp_path)
    for name in ("table.csv", "slices.csv", "robustness.csv"):
        header, table = (tmp_path / name).read_text(encoding="utf-8").split("\n", 1)
        assert header.startswith("# measured; ")
        assert visible("manifest/x|").replace("|", "/") in header
        assert "language" in pd.read_csv(io.StringIO(table)).columns


def test_an_address_is_no_link() -> None:
    """Where plain addresses become links, as GitHub and the hub show Markdown."""
    for address in ("https://a.b/c", "www.a.b", "http://x", "WWW.a.b"):
        assert address not in inline(address)
        assert shown(inline(address)).strip() == address


@EVERY
@given(hostile=HOSTILE)
@example(hostile=WORST)
@example(hostile=LONG)
def test_two_files_of_decodes(hostile: str, tmp_path: Path) -> None:
    """Conditions, speakers, ids and references, and the names of the files in the signature."""

    def render(text: str) -> str:
        rows = [
            {
                "id": f"{text}{i}",
                "ref": f"a b {text}",
                "condition": condition,
                "speaker": f"{text}{i % 5}",
            }
            | {"hypothesis": f"a b {text}", "worse": "a " * 9}
            for condition in ("clean", text)
            for i in range(10)
        ]
        path = tmp_path / "decodes.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        options = PairOptions(hypothesis_fields=("hypothesis", "worse"), normalizer="none", resamples=100)
        made = compare_files(path, path, options)
        return render_pair(made.comparisons, made.signatures, None)

    check(render, hostile)


@EVERY
@given(hostile=HOSTILE)
@example(hostile=WORST)
@example(hostile=LONG)
def test_a_corpus_and_what_was_rejected(hostile: str) -> None:
    check(lambda text: render_data(make_suite(), data_report(text)), hostile)


def data_report(hostile: str) -> DataReport:
    numbers = np.array([1.0, 2.0])
    language = LanguageData(
        language="en",
        clips=2,
        seconds=numbers,
        lengths=np.array([3, 4]),
        clips_per_speaker=np.array([1, 1]),
        rejected={hostile: 3, f"{hostile}2": 1},
        unreadable={hostile: 1},
        fingerprint="f",
        ids=(hostile, f"{hostile}2"),
        shared=None,
    )
    return DataReport(f"manifest/{hostile}", (language,), 1)


@EVERY
@given(hostile=HOSTILE)
@example(hostile=WORST)
@example(hostile=LONG)
def test_published_beside_measured(hostile: str) -> None:
    suite = load_suite("whisper-tiny-mla")

    def render(text: str) -> str:
        costs = [cost.model_copy(update={"corpus": text}) for cost in read_costs(Path(__file__).parents[1] / "results")]
        row = {"language": "en", "arm": "mla", "control": "control", "clips": 1500, "rate": 29.0, "delta": 2.0}
        row |= {"rate_standard_error": 1.0, "standard_error": 1.0}
        results = make_results([row | {"metric": metric} for metric in METRICS])
        found = reproduce(suite, results, costs, f"{text}0")
        assert found is not None
        return render_reproduction(suite, found, f"corpus:{text}")

    check(render, hostile)


@pytest.mark.parametrize("hostile", [WORST.replace("\0", ""), "a$b$c", "$\\frac$", "x" * 5000])
def test_pictures_are_drawn_of_any_name(hostile: str, tmp_path: Path) -> None:
    from xml.etree import ElementTree

    suite = make_suite()
    write_data(suite, data_report(hostile), tmp_path)
    write_memory(suite, hostile_memory(hostile), tmp_path)
    for path in tmp_path.glob("*.svg"):
        ElementTree.parse(path)
    lines = (tmp_path / "clips.tsv").read_text(encoding="utf-8").split("\n")
    assert len(lines) == 4


@pytest.mark.parametrize("name", ["a|b", "<b>", "a\nb", "`a`", "../a", "-->", "a b", "", "-a", "é", "a\n"])
@pytest.mark.parametrize(
    "line",
    [
        "name = {}",
        'languages = ["en", {}]',
        'arms = [{{ name = {}, model = "m" }}]',
        'arms = [{{ name = "a", model = "m", family = {} }}]',
        'conditions = [{{ name = "clean" }}, {{ name = {}, kind = "telephony" }}]',
    ],
)
def test_names_in_a_suite_are_names(line: str, name: str, tmp_path: Path) -> None:
    whole = {"name": '"s"', "languages": '["en"]', "arms": '[{ name = "a", model = "m" }]', "conditions": None}
    key, _, value = line.format(json.dumps(name)).partition(" = ")
    lines = [f"{key} = {value}" for key, value in (whole | {key: value}).items() if value is not None]
    path = tmp_path / "s.toml"
    path.write_text("\n".join([*lines, '[corpus]\nkind = "manifest"\npath = "a.tsv"\n']), encoding="utf-8")
    message = refusal("compare", path)
    assert f"{path}: {key}" in message
    assert "should match pattern" in message
