"""Decodes made elsewhere: every format, the published ladder, sclite's counts, and each mistake in one line."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.analysis.cautions import list_cautions
from bench.comparing import read_results
from bench.comparing.external import PairOptions, compare_files
from bench.comparing.external.reading import speakers_of
from bench.store import Store
from bench.suite import load_suite
from tests.conftest import Command, refusal
from tests.test_commands import one_line_error

KEYS = {
    *("metric", "utterances", "speakers", "unit", "control", "converted", "delta", "ci", "p", "p_signflip"),
    *("p_clustered_t", "mapsswe", "percentile_ci", "relative_delta", "relative_ci", "mde", "direction", "margin"),
    *("capped", "runaways", "loops", "empties", "changed", "signature"),
}
SPOKEN, REPLACED, DROPPED = "one two three", "one too three", "one two"
ROWS = [
    (
        f"s{i % 11}-{i}",
        SPOKEN,
        SPOKEN if i % 7 else REPLACED,
        REPLACED if i % 3 == 0 else DROPPED if i % 4 == 0 else SPOKEN,
    )
    for i in range(40)
]


def write_trn(path: Path, texts: list[tuple[str, str]]) -> Path:
    path.write_text("".join(f"{text} ({name})\n" for name, text in texts), encoding="utf-8")
    return path


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def trn(tmp_path: Path) -> list[Path]:
    """Reference, control and converted side."""
    names = ("ref.trn", "a.trn", "b.trn")
    return [write_trn(tmp_path / name, [(row[0], row[i]) for row in ROWS]) for i, name in enumerate(names, start=1)]


def result_of(bench: Command, tmp_path: Path, *arguments: object) -> Any:
    done = bench("compare", *arguments, "--json", "out.json", "--resamples", 500)
    assert done.returncode == 0, done.stderr
    return json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))


def test_every_format_gives_the_same_numbers(bench: Command, tmp_path: Path, trn: list[Path]) -> None:
    from_trn = result_of(bench, tmp_path, trn[1], trn[2], "--reference", trn[0], "--language", "en")
    assert set(from_trn) >= KEYS
    assert (from_trn["utterances"], from_trn["speakers"], from_trn["unit"]) == (40, 11, "speaker")
    assert from_trn["converted"]["substitutions"] == 14
    assert from_trn["converted"]["deletions"] == 6
    assert from_trn["delta"] == pytest.approx(100 * (20 - 6) / 120)
    both = [
        {"id": i, "text": ref, "x": a, "pred_text": b, "speaker": i.split("-")[0], "lang": "en"}
        for i, ref, a, b in ROWS
    ]
    jsonl = write_jsonl(tmp_path / "both.jsonl", both)
    frame = pd.DataFrame(both)
    frame.to_csv(tmp_path / "both.tsv", sep="\t", index=False)
    frame.rename(columns={"id": "utterance_id"}).to_parquet(tmp_path / "both.parquet")
    for file in (jsonl, tmp_path / "both.tsv", tmp_path / "both.parquet"):
        fields = ("--hypothesis-field", "x", "--hypothesis-field", "pred_text")
        assert result_of(bench, tmp_path, file, file, *fields) == from_trn


def test_permuted_rows_change_nothing_and_swapping_flips_the_sign(
    bench: Command, tmp_path: Path, trn: list[Path]
) -> None:
    first = result_of(bench, tmp_path, trn[1], trn[2], "--reference", trn[0])
    for path in trn:
        path.write_text("".join(reversed(path.read_text(encoding="utf-8").splitlines(keepends=True))), encoding="utf-8")
    assert result_of(bench, tmp_path, trn[1], trn[2], "--reference", trn[0]) == first
    swapped = result_of(bench, tmp_path, trn[2], trn[1], "--reference", trn[0])
    assert swapped["delta"] == -first["delta"]
    assert swapped["ci"] == pytest.approx([-first["ci"][1], -first["ci"][0]])
    for key in ("p", "p_signflip", "p_clustered_t", "mde"):
        assert swapped[key] == pytest.approx(first[key])
    assert swapped["mapsswe"]["z"] == pytest.approx(-first["mapsswe"]["z"])


def test_speakers_from_a_file_or_from_nowhere(bench: Command, tmp_path: Path, trn: list[Path]) -> None:
    lines = [f"{row[0]}\tspeaker{i % 2}" for i, row in enumerate(ROWS)]
    (tmp_path / "speakers.tsv").write_text("\n".join(["id\tspeaker", *lines]) + "\n", encoding="utf-8")
    files = (trn[1], trn[2], "--reference", trn[0])
    assert result_of(bench, tmp_path, *files, "--speakers", "speakers.tsv")["speakers"] == 2
    by_clip = result_of(bench, tmp_path, *files, "--unit", "utterance")
    assert by_clip["unit"] == "utterance"
    for path in trn:
        path.write_text(path.read_text(encoding="utf-8").replace("-", ""), encoding="utf-8")
    nobody = bench("compare", *files)
    assert "40 of 40 clips name no speaker, so clips are resampled" in nobody.stderr
    assert "|unit:utterance|" in nobody.stdout
    assert "40 of 40 clips name no speaker; add speakers" in one_line_error(
        bench("compare", *files, "--unit", "speaker")
    )


def test_sclites_rule_for_speakers() -> None:
    names = {"an-b_c": "an", "all_00000": "all", "x": "", "a_b-c": "a_b"}
    assert dict(zip(names, speakers_of(list(names)), strict=True)) == names


@pytest.mark.parametrize("ids", [["all_1", "all_2"], ["all-1", "all-2"], ["a_1"], ["1", "2"], ["set_a-1", "set_a-2"]])
def test_a_prefix_that_all_ids_share_is_no_speaker(ids: list[str]) -> None:
    assert speakers_of(ids) == [""] * len(ids)


@pytest.mark.parametrize("ids", [["a_1", "b_2"], ["a-1", "2"], ["set_a-1", "set_b-1"]])
def test_prefixes_that_differ_are_speakers(ids: list[str]) -> None:
    assert len(set(speakers_of(ids))) == 2


def test_conditions_are_compared_one_by_one(bench: Command, tmp_path: Path) -> None:
    rows = [
        {"id": f"{i}", "ref": "a b", "condition": condition, "hypothesis": "a b", "worse": "a" if noisy else "a b"}
        for condition, noisy in (("clean", False), ("5", True))
        for i in range(6)
    ]
    file = write_jsonl(tmp_path / "d.jsonl", rows)
    fields = ("--hypothesis-field", "hypothesis", "--hypothesis-field", "worse")
    clean, noisy = result_of(bench, tmp_path, file, file, *fields)
    assert [clean["condition"], noisy["condition"]] == ["clean", "5"]
    assert (clean["delta"], clean["p"], clean["changed"]) == (0, 1, 0)
    assert noisy["delta"] == 50


def test_ids_that_one_side_lacks(bench: Command, tmp_path: Path, trn: list[Path]) -> None:
    lines = trn[2].read_text(encoding="utf-8").splitlines()
    trn[2].write_text("\n".join(lines[7:]) + "\n", encoding="utf-8")
    files = (trn[1], trn[2], "--reference", trn[0])
    message = one_line_error(bench("compare", *files))
    assert "b.trn: lacks s0-0, s1-1, s2-2, s3-3, s4-4 and 2 more" in message
    done = bench("compare", *files, "--intersect", "--json", "out.json")
    assert "--intersect left out 7 ids" in done.stderr
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["utterances"] == 33


def test_references_that_differ_are_refused(bench: Command, tmp_path: Path) -> None:
    rows = [{"id": f"{i}", "ref": "a b", "hypothesis": "a b"} for i in range(8)]
    one = write_jsonl(tmp_path / "a.jsonl", rows)
    other = write_jsonl(tmp_path / "b.jsonl", [row | {"ref": "a c"} if i > 1 else row for i, row in enumerate(rows)])
    message = one_line_error(bench("compare", one, other, "--intersect"))
    assert "the references of 2, 3, 4, 5, 6 and 1 more differ" in message


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.doc", "a", "x.doc: not one of .parquet, .jsonl"),
        ("x.jsonl", '{"id": "1", "ref": "a"}\n', "row 1 has no pred_text or hypothesis, but id, ref; name it by"),
        ("x.jsonl", '{"hypothesis": "1", "ref": "a"}\n', "row 1 has no id or utterance_id"),
        ("x.jsonl", '{"id": \n', "x.jsonl: line 1 is not JSON"),
        ("x.jsonl", "", "holds no utterance"),
        ("x.jsonl", '{"id": "1", "hypothesis": "a"}\n', "no reference for 1; give --reference"),
        ("x.jsonl", '{"id": 1, "ref": "a", "hypothesis": "a"}\n' * 2, "1 stands there twice"),
        ("x.jsonl", '{"id": null, "ref": "a", "hypothesis": "a"}\n', "row 1 has no id or utterance_id"),
        ("x.jsonl", '{"id": 1, "ref": null, "hypothesis": "a"}\n', "no reference for 1; give --reference"),
        ("x.jsonl", '{"id": 1, "ref": "a", "hypothesis": ["a"]}\n', 'line 1: hypothesis is ["a"], which is no text'),
        (
            "x.jsonl",
            '{"id": 1, "ref": true, "hypothesis": "a"}\n',
            "line 1: ref is true, which is no text; mend the row",
        ),
        ("x.jsonl", '{"id": 1, "ref": "a", "hypothesis": -Infinity}\n', "line 1: hypothesis is -Infinity, which is no"),
        ("x.jsonl", '{"id": 1, "ref": "a", "hypothesis": "a", "speaker": {}}\n', "line 1: speaker is {}, which is no"),
        ("x.jsonl", '{"id": 1, "ref": "a", "hypothesis": "a", "ref": "b"}\n', "line 1: column ref stands twice"),
        ("x.jsonl", '{"id": ' + "1" * 5000 + "}\n", "line 1 is not JSON: nested too deep, or a number too long"),
        ("x.jsonl", "[" * 100_000 + "\n", "line 1 is not JSON: nested too deep, or a number too long"),
        ("x.tsv", "id\tref\thypothesis\tref\n1\ta\ta\tb\n", "x.tsv: column ref stands twice; rename or remove one"),
        (
            "x.jsonl",
            '{"id": 1, "ref": "a", "hypothesis": "a", "lang": "klingon"}\n',
            "line 1: language 'klingon' is none",
        ),
        ("x.jsonl", '{"id": 1, "ref": "a", "hypothesis": "\\ud800"}\n', "line 1 holds half a surrogate pair"),
        (
            "x.jsonl",
            '{"id": 1, "ref": "a", "hypothesis": "a"}\n{"id": 1, "ref": "a", "pred_text": "a", "condition": "clean"}\n',
            "1 stands there twice",
        ),
        ("x.trn", "no id here\n", "line 1 does not end in an (id)"),
        ("x.trn", "{ a / b } (s-1)\n", "line 1 has alternatives in braces"),
        ("x.parquet", "no parquet", "is no Parquet file"),
        ("x.jsonl", None, "x.jsonl: cannot be read"),
    ],
)
def test_mistakes_are_one_line(bench: Command, tmp_path: Path, name: str, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert message in one_line_error(bench("compare", name, name))


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--metric", "per", "--metric per: choose wer or cer"),
        ("--normalizer", "mine", "normalizer: 'mine': "),
        ("--margin", "-1", "margin: -1.0: "),
        ("--unit", "clip", "unit: 'clip': "),
        ("--language", "de", "--language de: "),
        ("--language", "banana", "language 'banana' is none that is known; write a language's code"),
    ],
)
def test_wrong_options_are_one_line(bench: Command, tmp_path: Path, option: str, value: str, message: str) -> None:
    file = write_jsonl(tmp_path / "d.jsonl", [{"id": "1", "ref": "a", "hypothesis": "a", "lang": "en"}])
    assert message in one_line_error(bench("compare", file, file, option, value))


@pytest.mark.parametrize(
    ("reference", "control", "converted", "errors"),
    [("", "", "a b", 2), ("a b", "", "", 2), ("a b", "a b", "a b", 0), ("a", "a", "x " * 500, 500), ("", "", "", 0)],
)
def test_one_utterance_has_a_defined_answer(
    bench: Command, tmp_path: Path, reference: str, control: str, converted: str, errors: int
) -> None:
    row = {"id": "1", "ref": reference, "x": control, "y": converted}
    file = write_jsonl(tmp_path / "one.jsonl", [row])
    result = result_of(bench, tmp_path, file, file, "--hypothesis-field", "x", "--hypothesis-field", "y")
    assert (result["utterances"], result["unit"]) == (1, "utterance")
    assert result["converted"]["errors"] == errors
    if not reference:
        assert (result["delta"], result["ci"], result["p"]) == (None, [None, None], None)
    elif control == converted:
        assert (result["delta"], result["ci"], result["p"]) == (0, [0, 0], 1)
    else:
        assert (result["delta"], result["ci"], result["p"]) == (50_000, [None, None], None)
        assert result["loops"] == {"control": 0, "converted": 1}
        assert result["capped"]["delta"] == 100


def test_a_null_hypothesis_is_an_empty_one(bench: Command, tmp_path: Path) -> None:
    rows = [{"id": f"{i}", "ref": "a b", "x": "a b", "hypothesis": None if i else "a b"} for i in range(4)]
    file = write_jsonl(tmp_path / "d.jsonl", rows)
    result = result_of(bench, tmp_path, file, file, "--hypothesis-field", "x", "--hypothesis-field", "hypothesis")
    assert (result["converted"]["deletions"], result["empties"]["converted"]) == (6, 3)
    assert result["relative_delta"] is None


def test_unreadable_clips_of_our_own_decodes_are_left_out(bench: Command, tmp_path: Path) -> None:
    rows = [{"id": f"{i}", "ref": "a b", "hypothesis": "a b", "arm": "x", "audio_status": "ok"} for i in range(9)]
    rows[4] |= {"hypothesis": "", "audio_status": "unreadable", "detail": "cut short"}
    pd.DataFrame(rows).to_parquet(tmp_path / "x.parquet")
    done = run_pair(bench, "x.parquet", "x.parquet")
    assert "1 clips that were unreadable are left out" in done.stderr
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["utterances"] == 8
    two = [row | {"arm": f"arm{i % 2}"} for i, row in enumerate(rows)]
    pd.DataFrame(two).to_parquet(tmp_path / "x.parquet")
    assert "x.parquet: holds decodes of arm0, arm1" in one_line_error(bench("compare", "x.parquet", "x.parquet"))


def test_our_own_decodes_take_what_is_said_from_beside_them(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    """Ids that two languages have among them: the files say which rows are of which."""
    manifest = tmp_path / "clips" / "clips.tsv"
    lines = [line.split("\t") for line in manifest.read_text(encoding="utf-8").splitlines()]
    rows = [[*line, line[0][2]] for line in lines[1:]]
    rows = [[row[0], "eins zwei" if row[3] == "de" else row[1], *row[2:]] for row in rows]
    manifest.write_text("\n".join("\t".join(row) for row in [[*lines[0], "id"], *rows]) + "\n", encoding="utf-8")
    assert bench("run", suite_file).returncode == 0
    store = Store(tmp_path / "results" / "mine")
    parts = [store.part_path(arm.parts["de/clean"][0]) for arm in store.read_manifest().arms.values()]
    assert "no reference for " in one_line_error(bench("compare", *parts))
    beside = store.folder / "utterances.parquet"
    result = result_of(bench, tmp_path, *parts, "--reference", beside, "--speakers", beside)
    assert (result["speakers"], result["control"]["length"]) == (3, 12)
    table = read_results(load_suite(str(suite_file)), store)
    (pair,) = table.of("converted").clean.of_language("de").pairs
    assert result["delta"] == pair.wer.delta.value


def test_options_for_files_are_not_silently_ignored_for_a_suite(bench: Command) -> None:
    assert "these options belong to two files" in one_line_error(bench("compare", "demo", "--metric", "cer"))


def run_pair(bench: Command, *arguments: object) -> subprocess.CompletedProcess[str]:
    done = bench("compare", *arguments, "--json", "out.json")
    assert done.returncode == 0, done.stderr
    return done


def test_the_recognisers_ladder(bench: Command, tmp_path: Path, data_folder: Path) -> None:
    """Five noise levels of a real recogniser, two decoders: the rates published with them."""
    file = data_folder / "pairs" / "pocketsphinx_fsdd" / "pocketsphinx_fsdd_snr.jsonl"
    fields = ("--hypothesis-field", "ps_single", "--hypothesis-field", "ps_loop")
    run_pair(bench, file, file, *fields, "--language", "en")
    results = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [result["condition"] for result in results] == ["clean", "20", "10", "5", "0"]
    assert [round(result["control"]["rate"], 1) for result in results] == [19.0, 27.3, 49.3, 70.7, 90.3]
    assert [round(result["converted"]["rate"], 1) for result in results] == [64.0, 73.3, 77.7, 88.7, 100.3]


def test_sclites_counts(bench: Command, tmp_path: Path, data_folder: Path) -> None:
    """Words, errors and MAPSSWE as sclite and sc_stats have them; sclite's split of errors differs a little, for it
    weighs substitutions 4 and others 3.
    """
    folder = data_folder / "pairs" / "sctk_reports"
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    sides = {"fleurs_ca": ("medium", "small"), "pocketsphinx_fsdd_clean": ("ps_single", "ps_loop")}
    sides["pocketsphinx_fsdd_10"] = ("ps_single", "ps_loop")
    for pair, names in sides.items():
        files = [folder / pair / f"{name}.trn" for name in names]
        run_pair(bench, *files, "--reference", folder / pair / "ref.trn", "--normalizer", "none")
        result = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
        for side, name in zip(("control", "converted"), names, strict=True):
            expected = summary[pair]["systems"][name]
            assert result[side]["length"] == expected["words"]
            assert result[side]["errors"] == expected["err"]
            assert result[side]["insertions"] == pytest.approx(expected["ins"], abs=8)
        printed = next(iter(summary[pair]["pairs"].values()))["mapsswe"]
        assert result["mapsswe"]["segments"] == printed["segments"]
        assert result["mapsswe"]["z"] == pytest.approx(printed["z"], abs=5e-4)
        if pair == "fleurs_ca":
            assert result["empties"] == {"control": 105, "converted": 0}


def test_what_is_missing_is_no_text(bench: Command, tmp_path: Path) -> None:
    """NaN, as pandas writes it, is null; a name that says that nobody knows is none."""
    lines = [
        '{"id": "0", "ref": "one two", "x": "one two", "y": "one two", "speaker": "unknown", "n": Infinity}',
        '{"id": "1", "ref": "three", "x": NaN, "y": "three", "speaker": NaN, "gender": "N/A", "n": [1]}',
        '{"id": "2", "ref": 5, "x": 5, "y": "5", "speaker": "-"}',
    ]
    file = tmp_path / "d.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    result = result_of(bench, tmp_path, file, file, "--hypothesis-field", "x", "--hypothesis-field", "y")
    assert (result["control"]["deletions"], result["control"]["substitutions"]) == (1, 0)
    assert (result["speakers"], result["unit"], result["converted"]["errors"]) == (0, "utterance", 0)


def test_speakers_of_a_file_that_says_unknown(bench: Command, tmp_path: Path, trn: list[Path]) -> None:
    rows = "".join(f"{row[0]}\t{'Unknown' if i % 2 else 'n/a'}\n" for i, row in enumerate(ROWS))
    (tmp_path / "speakers.tsv").write_text(f"id\tspeaker\n{rows}", encoding="utf-8")
    files = (trn[1], trn[2], "--reference", trn[0], "--speakers", "speakers.tsv")
    assert result_of(bench, tmp_path, *files)["unit"] == "utterance"


def test_a_parquet_file_with_two_columns_of_one_name(bench: Command, tmp_path: Path) -> None:
    columns = [pa.array(["1"]), pa.array(["a"]), pa.array(["a"]), pa.array(["b"])]
    pq.write_table(pa.Table.from_arrays(columns, ["id", "ref", "hypothesis", "ref"]), tmp_path / "x.parquet")
    assert "x.parquet: column ref stands twice" in one_line_error(bench("compare", "x.parquet", "x.parquet"))


def test_segments_of_one_recording_are_utterances_of_their_own(bench: Command, tmp_path: Path) -> None:
    rows = [{"audio_filepath": "a.wav", "offset": 2.5 * i, "ref": "a b", "hypothesis": "a b"} for i in range(3)]
    file = write_jsonl(tmp_path / "d.jsonl", rows)
    assert result_of(bench, tmp_path, file, file)["utterances"] == 3


UNSPACED = {
    "zh": (["今日天氣好", "你去邊度呀", "佢話唔知"], [7.1, 14.3]),
    "th": (["ฉันกินข้าวแล้ว", "วันนี้อากาศดี", "เขาไปไหน"], [2.9, 5.7]),
    "ja": (["東京に行きました", "今日は雨です", "水を飲む"], [5.6, 11.1]),
}
SPELLED = {
    "zh": ("zh", "yue", "zh_TW", "cmn_hans_cn", "yue_hant_hk", "Chinese", "zho"),
    "th": ("th", "TH", "th_th", "tha", "thai"),
    "ja": ("ja", "ja_jp", "japanese", "jpn", "JA-JP"),
}


def unspaced_sides(tmp_path: Path, language: str) -> tuple[list[Path], list[float]]:
    """One character wrong in the control, one more in the converted side."""
    texts, rates = UNSPACED[language]
    wrong = [[f"x{texts[0][1:]}", *texts[1:]], [f"x{texts[0][1:]}", f"x{texts[1][1:]}", *texts[2:]]]
    rows = [
        [{"id": f"{i}", "ref": texts[i], "hypothesis": text, "speaker": f"{i}"} for i, text in enumerate(side)]
        for side in wrong
    ]
    return [write_jsonl(tmp_path / f"{name}.jsonl", side) for name, side in zip("ab", rows, strict=True)], rates


@pytest.mark.parametrize(("language", "tag"), [(language, tag) for language, tags in SPELLED.items() for tag in tags])
def test_scripts_without_word_spaces_count_characters(language: str, tag: str, tmp_path: Path) -> None:
    files, rates = unspaced_sides(tmp_path, language)
    made = compare_files(*files, PairOptions(language=tag, resamples=200))
    (row,) = made.comparisons
    assert (row.metric, round(row.control_result.rate, 1), round(row.result.rate, 1)) == ("cer", *rates)
    assert made.notices == ()


@pytest.mark.parametrize("language", list(UNSPACED))
def test_texts_that_plainly_have_no_word_spaces(language: str, tmp_path: Path) -> None:
    files, rates = unspaced_sides(tmp_path, language)
    nameless = compare_files(*files, PairOptions(resamples=200))
    (row,) = nameless.comparisons
    assert (row.metric, round(row.result.rate, 1)) == ("cer", rates[1])
    assert any("no language is named, and the references have no spaces between words" in n for n in nameless.notices)
    (row,) = compare_files(*files, PairOptions(language="ko", resamples=200)).comparisons
    assert row.metric == "wer"
    assert any("ko: the references have no spaces between words" in line for line in list_cautions([row]))
    (row,) = compare_files(*files, PairOptions(metric="wer", resamples=200)).comparisons
    assert row.metric == "wer"


def test_one_file_is_no_suite(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "d.jsonl", [{"id": "a", "ref": "a", "hypothesis": "a"}])
    said = f"{file}: is one file; name another to hold against it: bench compare {file} OTHER"
    assert refusal("compare", file) == said


def test_texts_with_word_spaces_count_words(tmp_path: Path) -> None:
    rows = [{"id": f"{i}", "ref": text, "hypothesis": text} for i, text in enumerate(["今天 天气 好", "one 二", "a b"])]
    file = write_jsonl(tmp_path / "d.jsonl", rows)
    made = compare_files(file, file, PairOptions(resamples=200))
    assert made.comparisons[0].metric == "wer"
    assert made.notices == ("no language is named, so it stands as und (undetermined); name it by --language",)
    assert list_cautions(made.comparisons)[0].startswith("und: 3 of 3 clips name no speaker")


def test_a_language_that_whisper_does_not_have_is_said(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "d.jsonl", [{"id": f"{i}", "ref": "a", "hypothesis": "a"} for i in range(2)])
    assert "kab is none of Whisper's languages" in compare_files(file, file, PairOptions(language="kab")).notices[0]


def test_tags_of_one_language_are_one(tmp_path: Path) -> None:
    tags = ["en", "EN", "en-US", "eng", "English", None]
    rows = [{"id": f"{i}", "ref": "a", "hypothesis": "a", "lang": tag} for i, tag in enumerate(tags)]
    file = write_jsonl(tmp_path / "d.jsonl", rows)
    (row,) = compare_files(file, file, PairOptions(language="en_GB")).comparisons
    assert (row.language, row.sample.clips) == ("en", 6)


def test_plain_lines_are_what_a_trn_of_them_is(bench: Command, tmp_path: Path, trn: list[Path]) -> None:
    names = ("ref.txt", "a.txt", "b.txt")
    for i, name in enumerate(names, start=1):
        (tmp_path / name).write_text("".join(f"{row[i]}\n" for row in ROWS), encoding="utf-8")
    plain = result_of(bench, tmp_path, "a.txt", "b.txt", "--reference", "ref.txt", "--unit", "utterance")
    known = result_of(bench, tmp_path, *trn[1:], "--reference", trn[0], "--unit", "utterance")
    assert (plain["delta"], plain["control"]) == (known["delta"], known["control"])
    assert plain["utterances"] == len(ROWS)


def test_lines_that_are_missing_or_blank(bench: Command, tmp_path: Path) -> None:
    """A blank line is an empty hypothesis; a line less is refused by its number."""
    for name, text in {"ref.txt": "a b\nc d\n", "a.txt": "a b\nc d", "b.txt": "a b\n\n", "c.txt": "a b\n"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = bench("compare", "a.txt", "b.txt", "--reference", "ref.txt", "--json", "out.json")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out.json").read_text())["empties"]["converted"] == 1
    assert "c.txt: lacks line 2, which a.txt has" in one_line_error(
        bench("compare", "a.txt", "c.txt", "--reference", "ref.txt")
    )
    assert "give --reference" in one_line_error(bench("compare", "a.txt", "b.txt"))


def test_a_csv_is_what_a_tsv_is(bench: Command, tmp_path: Path) -> None:
    for name, column in {"a": 2, "b": 3}.items():
        cells = [{"id": row[0], "ref": f"{row[1]}, so", "pred_text": f"{row[column]}, so"} for row in ROWS]
        pd.DataFrame(cells).to_csv(tmp_path / f"{name}.csv", index=False)
        pd.DataFrame(cells).to_csv(tmp_path / f"{name}.tsv", index=False, sep="\t")
    of_csv, of_tsv = (result_of(bench, tmp_path, f"a.{kind}", f"b.{kind}") for kind in ("csv", "tsv"))
    assert of_csv == of_tsv
    (tmp_path / "c.csv").write_text('id,ref,pred_text\n1,"a\n')
    assert "is not CSV: unexpected end of data" in one_line_error(bench("compare", "c.csv", "a.csv"))
    (tmp_path / "d.csv").write_text("id,ref,pred_text\n1,a\n")
    assert "d.csv: row 2 has 2 columns, the header 3" in one_line_error(bench("compare", "d.csv", "a.csv"))


def test_two_files_show_what_moved(bench: Command, trn: list[Path]) -> None:
    shown = bench("compare", *trn[1:], "--reference", trn[0], "--worst", 1)
    assert shown.returncode == 0, shown.stderr
    assert "b against a, 40 clips, errors in words" in shown.stdout
    worse = shown.stdout.partition("--- worse ---")[2].splitlines()
    assert worse[2].endswith("0 -> 1 errors (+1) of 3")
    assert worse[3].split() == ["REF", "one", "two", "three"]
    assert "--- better ---" in shown.stdout
    assert "--worst: of two files" in one_line_error(bench("compare", *trn, "--reference", trn[0], "--worst", 1))
