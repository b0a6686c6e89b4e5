"""More than two systems: Holm over single comparisons, ranks as the rule says, and two files as they ever were."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

import bench
from bench.comparing.external import (
    PairOptions,
    Ranking,
    compare_files,
    compare_lists,
    is_told_apart,
    rank_files,
    rank_lists,
    ranking_to_json,
    to_json,
)
from bench.comparing.external.ranking import name_files
from bench.errors import BenchError
from bench.reporting.tables.ranking import render_rankings
from bench.reporting.text.markdown import inline
from tests.conftest import Command
from tests.test_commands import one_line_error
from tests.test_external import write_jsonl

PAGE = (Path(__file__).parents[1] / "docs" / "tutorials" / "compare-texts.md").read_text(encoding="utf-8")
FEW = PairOptions(resamples=400)
RATES = {"float32": 0.10, "int8": 0.104, "int4": 0.125, "pruned": 0.17}
"""Of words that each system gets wrong; what it shares with the one before is wrong in both."""
TWO = """\
| condition | control WER | converted WER | cost, 95 % interval | | verdict | p | utterances | speakers |
| --------- | ----------- | ------------- | -------------------- | ------------ | ----------------------------------- \
| ------ | ---------- | -------- |
| clean | 10.2 | 10.4 | +0.21 [−0.23, +0.65] | (ns) MDE 0.6 | undecided: up to +0.6 not ruled out | 0.3247 | 240 | 40 |

- clean: over 1920 reference units, sub / del / ins 195 / 0 / 0 in the control, 199 / 0 / 0 in the converted; \
5.4 % of transcripts changed, 2.1 % better, 3.3 % worse; relative +2.1 %
- clean: p by sign-flip 0.4648, clustered t 0.3235, MAPSSWE 0.2849 (176 segments, z +1.069)
"""
KEYS = (
    "condition language metric utterances speakers unit control converted delta ci p p_signflip p_clustered_t mapsswe "
    "percentile_ci relative_delta relative_ci mde direction margin disagree capped loop_driven loops empties changed "
    "improved worsened top_share signature"
)
"""Of the JSON of two files, in order."""
UTTERANCES, WORDS, SPEAKERS = 240, 8, 40


def make_systems() -> tuple[list[str], dict[str, list[str]], list[str]]:
    """References, the texts of four systems, and who speaks."""
    rng = np.random.default_rng(4)
    heard = rng.random((UTTERANCES, WORDS))
    again = rng.random((UTTERANCES, WORDS)) < 0.02
    references = [" ".join(f"w{word}" for word in range(WORDS))] * UTTERANCES
    systems = {}
    for name, rate in RATES.items():
        wrong = np.where(again & (name != "float32"), rng.random(heard.shape), heard) < rate
        systems[name] = [" ".join(f"x{i}" if bad else f"w{i}" for i, bad in enumerate(row)) for row in wrong]
    return references, systems, [f"s{i % SPEAKERS}" for i in range(UTTERANCES)]


REFERENCES, SYSTEMS, WHO = make_systems()
SHORT = {name: texts[:80] for name, texts in SYSTEMS.items()}


def write_systems(folder: Path) -> list[Path]:
    """A file of each system, as the README has them."""
    return [
        write_jsonl(
            folder / f"{name}.jsonl",
            [
                {"id": f"{i:03}", "ref": REFERENCES[i], "pred_text": text, "speaker": WHO[i], "lang": "en"}
                for i, text in enumerate(texts)
            ],
        )
        for name, texts in SYSTEMS.items()
    ]


def rank_short(systems: Mapping[str, Sequence[str]], options: PairOptions) -> Ranking:
    """Systems of the first 80 utterances."""
    (ranking,) = rank_lists(REFERENCES[:80], systems, WHO[:80], options).rankings
    return ranking


def rank_words(options: PairOptions, **wrong: set[int]) -> Ranking:
    """Systems of 120 one-word utterances, each given by the utterances that it gets wrong."""
    systems = {name: ["x" if i in missed else "a" for i in range(120)] for name, missed in wrong.items()}
    (ranking,) = rank_lists(["a"] * 120, systems, None, options).rankings
    return ranking


def adjusted(ranking: Ranking) -> dict[frozenset[str], float]:
    return {frozenset((row.control, row.arm)): row.verdict.p_adjusted for row in ranking.comparisons}


@pytest.mark.parametrize("all_pairs", [False, True])
def test_pairs_are_what_two_systems_give_corrected_by_holm(all_pairs: bool) -> None:
    """Every number of a pair is that of two files; only what rests on the corrected p is not."""
    names = list(SHORT)
    pairs = list(combinations(names, 2)) if all_pairs else [(names[0], name) for name in names[1:]]
    singles = [
        compare_lists(REFERENCES[:80], SHORT[one], SHORT[other], WHO[:80], FEW).comparisons[0] for one, other in pairs
    ]
    ranking = rank_short(SHORT, replace(FEW, all_pairs=all_pairs))
    assert [(row.control, row.arm) for row in ranking.comparisons] == pairs
    expected = multipletests([row.tests.p for row in singles], method="holm")[1]
    assert [row.verdict.p_adjusted for row in ranking.comparisons] == pytest.approx(list(expected))
    for row, single in zip(ranking.comparisons, singles, strict=True):
        assert row.tests.p == pytest.approx(single.tests.p)
        assert row.tests.beside == pytest.approx(single.tests.beside)
        assert vars(row.delta) == pytest.approx(vars(single.delta))
        assert (row.result, row.control_result, row.sample) == (single.result, single.control_result, single.sample)
        assert row.mde >= single.mde


def test_more_pairs_draw_more_resamples() -> None:
    """As many as Holm's first step asks for: 20 m / alpha."""
    systems = {f"s{i}": ["x" if word < i else "a" for word in range(9)] for i in range(8)}
    signature = bench.rank(["a"] * 9, systems, all_pairs=True).ranking.signature
    assert "B=11200" in signature
    assert "|correction:holm-over-28-pairs|" in signature
    assert "|correction:holm-over-7-pairs|" in bench.rank(["a"] * 9, systems, resamples=100).ranking.signature


@settings(max_examples=5, deadline=None)
@given(st.permutations(list(SYSTEMS)), st.booleans())
def test_names_and_order_are_nothing_to_a_ranking(order: list[str], all_pairs: bool) -> None:
    options = replace(FEW, all_pairs=all_pairs)
    names = order if all_pairs else ["float32", *(name for name in order if name != "float32")]
    renamed = {name: f"<{number}> of {name}" for number, name in enumerate(names)}
    first = rank_short(SHORT, options)
    again = rank_short({renamed[name]: SHORT[name] for name in names}, options)
    assert {renamed[name]: rank for name, rank in first.ranks.items()} == again.ranks
    of_first = {frozenset(renamed[name] for name in pair): p for pair, p in adjusted(first).items()}
    assert of_first == pytest.approx(adjusted(again))


def test_ranks_of_all_pairs_count_who_is_better() -> None:
    """The middle one is told apart from neither: it shares the better one's rank, which is not that of the last."""
    ranking = rank_words(
        PairOptions(resamples=2000, all_pairs=True),
        middle=set(range(5)),
        last=set(range(3, 14)),
        first=set(),
        far=set(range(80)),
    )
    told = {pair for pair, p in adjusted(ranking).items() if p <= 0.05}
    assert frozenset(("first", "last")) in told
    assert not {frozenset(("first", "middle")), frozenset(("middle", "last"))} & told
    assert ranking.ranks == {"first": 1, "middle": 1, "last": 2, "far": 4}


def test_ranks_against_a_control_are_groups() -> None:
    """Better, not told apart, worse; however far apart the systems of one group are."""
    ranking = rank_words(
        PairOptions(resamples=2000),
        control=set(range(40)),
        better=set(range(10)),
        best=set(),
        alike=set(range(1, 41)),
        worse=set(range(70)),
        worst=set(range(120)),
    )
    assert ranking.ranks == {"best": 1, "better": 1, "control": 3, "alike": 3, "worse": 5, "worst": 5}
    assert {row.control for row in ranking.comparisons} == {"control"}


def test_what_is_on_the_line_is_not_told_apart() -> None:
    ranking = rank_words(FEW, control=set(), worse=set(range(60)))
    (row,) = ranking.comparisons
    assert is_told_apart(row)
    assert not is_told_apart(replace(row, verdict=replace(row.verdict, on_the_line=True)))


def test_identical_systems_share_the_first_rank() -> None:
    for all_pairs in (False, True):
        ranking = rank_words(replace(FEW, all_pairs=all_pairs), a={1}, b={1}, c={1})
        assert set(ranking.ranks.values()) == {1}
        assert {row.verdict.p_adjusted for row in ranking.comparisons} == {1.0}


@pytest.mark.parametrize("all_pairs", [False, True])
def test_a_control_that_is_unusable_bears_no_mark_and_ranks(all_pairs: bool) -> None:
    systems = {"lost": ["a " * (2 + i % 7) for i in range(40)], "found": ["b", *["a"] * 39]}
    made = bench.rank(
        ["a"] * 40, systems, resamples=400, speakers=[f"{i % 20}" for i in range(40)], all_pairs=all_pairs
    )
    (row,) = made.ranking.comparisons
    assert (row.floor, row.verdict.significant) == (True, False)
    assert made.ranking.ranks == {"found": 1, "lost": 2}
    assert "| floor" in str(made)


def test_a_clip_that_one_system_could_not_read_leaves_all(tmp_path: Path) -> None:
    files = []
    for name, status in (("a", "ok"), ("b", "ok"), ("c", "unreadable")):
        rows = [{"id": f"{i}", "ref": "a b", "hypothesis": "a b", "audio_status": "ok"} for i in range(9)]
        rows[4] |= {"audio_status": status}
        files.append(write_jsonl(tmp_path / f"{name}.jsonl", rows))
    made = rank_files(files, FEW)
    assert [row.result.counts.length for row in made.rankings[0].systems] == [16, 16, 16]
    assert "1 clips that were unreadable are left out of all sides" in made.notices


def test_speakers_and_references_that_any_file_has(tmp_path: Path) -> None:
    rows = [{"id": f"{i}", "hypothesis": "a"} for i in range(8)]
    described = [row | {"ref": "a", "speaker": f"s{i % 4}"} for i, row in enumerate(rows)]
    sides = {"a": rows, "b": rows, "c": described}
    files = [write_jsonl(tmp_path / f"{name}.jsonl", side) for name, side in sides.items()]
    (ranking,) = rank_files(files, FEW).rankings
    assert [row.sample.speakers for row in ranking.systems] == [4, 4, 4]


@pytest.mark.parametrize(
    ("paths", "fields", "names"),
    [
        (["a.trn", "x/b.jsonl", "c-1.5.tsv"], (), ["a", "b", "c-1.5"]),
        (["a.jsonl", "a.jsonl"], ("x", "y"), ["a:x", "a:y"]),
        (["runs/a/test.trn", "runs/b/test.trn"], (), ["a/test", "b/test"]),
        (["test.trn", "runs/b/test.trn"], (), ["test", "runs/b/test"]),
        (["a.trn", "a.jsonl"], ("x", "x"), ["a.trn", "a.jsonl"]),
        (["a.trn", "a.trn", "b.trn"], (), ["a (1)", "a (2)", "b (3)"]),
        (["decodes.v1", "decodes.v2"], (), ["decodes.v1", "decodes.v2"]),
    ],
)
def test_systems_are_called_what_tells_their_files_apart(
    paths: list[str], fields: tuple[str, ...], names: list[str]
) -> None:
    assert name_files([Path(path) for path in paths], fields) == names


def test_the_command_ranks_files_and_writes_what_it_prints(bench: Command, tmp_path: Path) -> None:
    files = write_systems(tmp_path)
    done = bench("compare", *files, "--all-pairs", "--resamples", 400, "--margin", 1, "--json", "out.json")
    assert done.returncode == 0, done.stderr
    (ranking,) = rank_files(files, replace(FEW, all_pairs=True, margin=1.0)).rankings
    written = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(ranking_to_json(ranking)))
    assert [system["name"] for system in written["systems"]] == list(SYSTEMS)
    rows = [line.split("|")[1:3] for line in done.stdout.splitlines() if line.startswith("| ")]
    printed = {name.strip(): int(rank) for rank, name in rows if rank.strip().isdigit()}
    assert printed == {system["name"]: system["rank"] for system in written["systems"]} == ranking.ranks
    assert list(printed) == [system["name"] for system in sorted(written["systems"], key=lambda row: row["rate"])]
    assert written["signature"] in done.stdout
    of_two = to_json(*(made[0] for made in _two(files)))
    assert set(written["pairs"][0]) - {"p_adjusted"} <= set(of_two)
    for key in ("delta", "ci", "p", "p_signflip", "p_clustered_t", "mapsswe", "changed"):
        assert written["pairs"][0][key] == pytest.approx(of_two[key])


def _two(files: Sequence[Path]) -> tuple[Any, Any]:
    made = compare_files(files[0], files[1], FEW)
    return made.comparisons, made.signatures


def test_columns_of_one_file_condition_by_condition(bench: Command, tmp_path: Path) -> None:
    rows = [
        {"id": f"{i}", "ref": "a b", "condition": condition, "x": "a b", "y": "a b", "z": "a" if noisy else "a b"}
        for condition, noisy in (("clean", False), ("5 dB", True))
        for i in range(12)
    ]
    file = write_jsonl(tmp_path / "d.jsonl", rows)
    fields = [word for name in "xyz" for word in ("--hypothesis-field", name)]
    done = bench("compare", file, file, file, *fields, "--language", "en", "--resamples", 400, "--json", "out.json")
    clean, noisy = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [system["name"] for system in clean["systems"]] == ["d:x", "d:y", "d:z"]
    assert [clean["condition"], noisy["condition"]] == ["clean", "5 dB"]
    assert [pair["delta"] for pair in noisy["pairs"]] == [0, 50]
    assert done.stdout.index("clean: 12 utterances") < done.stdout.index("5 dB: 12 utterances")
    assert done.stdout.count("rank: ") == 1


def test_two_files_give_what_two_files_always_gave(bench: Command, tmp_path: Path) -> None:
    """Nothing of a ranking. Where the method changes, so do the numbers here."""
    done = bench("compare", *write_systems(tmp_path)[:2], "--json", "out.json")
    assert re.sub(" +", " ", done.stdout).startswith(TWO)
    written = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert " ".join(key for key in written if key in KEYS.split()) == KEYS
    assert not {"systems", "pairs", "all_pairs"} & set(written)
    assert written["signature"].startswith("control:f93ecd63|converted:7682fbe0|clips:4fc1529f|condition:clean|")
    assert "|correction:holm-over-1-languages|" in written["signature"]
    assert f"- `{written['signature']}`\n" in done.stdout


def test_all_pairs_of_two_files_are_the_one_pair(bench: Command, tmp_path: Path) -> None:
    files = write_systems(tmp_path)[:2]
    plain, pairs = (bench("compare", *files, *more) for more in ([], ["--all-pairs"]))
    assert plain.stdout == pairs.stdout != ""


def test_twelve_systems_can_be_read() -> None:
    words = {f"whisper-small-{i}": set(range(7 * i)) for i in range(12)}
    ranking = rank_words(PairOptions(resamples=100, all_pairs=True), **words)
    text = render_rankings([ranking], None)
    triangle = [line for line in text.splitlines() if re.match(r"\| \(\d+\) whisper", line)]
    assert max(map(len, triangle)) <= 160
    assert [sum(cell.strip() != "" for cell in line.split("|")[2:-1]) for line in triangle] == list(range(12))
    assert all("−" not in line for line in triangle)


@pytest.mark.parametrize("name", ["a|b", "<b>", "a\nb", "`a`", "![x](y)", "# a", "\x1b[31m", "www.a.b"])
def test_any_name_is_shown_as_it_is(name: str) -> None:
    ranking = rank_words(replace(FEW, all_pairs=True), **{name: {1}, "b": {2, 3}, f"{name}2": set()})
    lines = render_rankings([ranking], None).splitlines()
    table = lines[2:7]
    assert all(line.startswith("| ") and line.endswith(" |") for line in table)
    assert sum(inline(name) in line for line in table) == 3


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda rows: rows[7:], (), "c.jsonl: lacks 0, 1, 2, 3, 4 and 2 more, which a.jsonl has; add them, or"),
        (lambda rows: [*rows, rows[0] | {"id": "99"}], (), "a.jsonl: lacks 99, which c.jsonl has; add them, or"),
        (lambda rows: rows + rows[:1], (), "c.jsonl: 0 stands there twice"),
        (
            lambda rows: [row | {"id": f"x{row['id']}"} for row in rows],
            ("--intersect",),
            "a.jsonl, b.jsonl and c.jsonl have no id",
        ),
        (
            lambda rows: [rows[0] | {"ref": "b"}, *rows[1:]],
            (),
            "the references of 0 differ between a.jsonl and c.jsonl",
        ),
        (
            lambda rows: rows,
            ("--hypothesis-field", "x") * 2,
            "given 2 times; once for all sides, or 3 times, one a file",
        ),
        (
            lambda rows: [row | {"lang": "de"} for row in rows],
            (),
            "c.jsonl holds de; choose one language by --language",
        ),
        (lambda rows: [], (), "c.jsonl: holds no utterance"),
        (None, (), "c.jsonl: cannot be read"),
    ],
)
def test_what_is_wrong_with_one_of_several_is_one_line(
    bench: Command, tmp_path: Path, change: Any, options: tuple[str, ...], message: str
) -> None:
    rows = [{"id": f"{i}", "ref": "a", "hypothesis": "a", "x": "a", "lang": "en"} for i in range(12)]
    for name in "ab":
        write_jsonl(tmp_path / f"{name}.jsonl", rows)
    if change is not None:
        write_jsonl(tmp_path / "c.jsonl", change(rows))
    assert message in one_line_error(bench("compare", "a.jsonl", "b.jsonl", "c.jsonl", *options))


def test_options_of_files_are_not_ignored_for_a_suite(bench: Command) -> None:
    assert "these options belong to two files of decodes or more" in one_line_error(
        bench("compare", "demo", "--all-pairs")
    )


@pytest.mark.parametrize(
    ("systems", "message"),
    [
        ({"a": ["x"]}, "systems: 1 given; give two at least, the control first"),
        ({"a": ["x"], "b": ["x", "y"]}, "b: 2 utterances beside 1 references"),
        ({"a": ["x"], "b": "x"}, "b: one string; give a list"),
    ],
)
def test_lists_that_cannot_be_ranked(systems: Any, message: str) -> None:
    with pytest.raises(BenchError, match=message):
        bench.rank(["x"], systems)


def test_the_page_shows_what_the_command_prints(bench: Command, tmp_path: Path) -> None:
    """Its table and pairs, line by line, of the four systems here."""
    write_systems(tmp_path)
    (command,) = re.findall(r"^bench (compare .* --all-pairs)$", PAGE, re.MULTILINE)
    printed = bench(*command.split()).stdout
    shown = PAGE[PAGE.index(command) :].split("```")[2]
    assert len(shown.split()) > 50
    assert shown.strip() == printed[: printed.index("\n\nrank: ")]
