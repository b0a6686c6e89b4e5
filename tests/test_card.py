"""The model card: its sections as published cards have them, its figures for machines, its block in another's file."""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard

from bench.analysis.memory.headlines import Transcripts
from bench.analysis.memory.records import MemoryRecords
from bench.analysis.suite_records import SuiteRecords
from bench.calibrated_languages import CalibratedLanguages
from bench.conversion_record import ConversionRecord
from bench.corpus_identity import CommonVoiceCorpus, HubCorpus, ManifestCorpus
from bench.reporting.card import CardWords, card_name, render_block, render_card
from bench.reporting.card.origin import Origin
from bench.reporting.card.use import making
from bench.reporting.card.words import missing_lines
from bench.suite import ArmSpec, Suite
from tests.cards import CONTROL, CONVERTED, make_records, make_suite
from tests.conftest import Command
from tests.flat import flat_rows, with_columns
from tests.manifests import with_arm
from tests.memory_cells import measured_of, memory_records, with_bytes, without_gpu

COMMIT = "0123456789abcdef0123456789abcdef01234567"
RESULTS = "Results (manifest/clips, 24 clips a language by 12 speakers; WER / CER in %; cost: paired, against control)"
HEADINGS = [RESULTS, "Use", "Memory", "Robustness", "Limits"]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> SuiteRecords:
    """Clean speech of a manifest, no bytes measured. Not to be changed."""
    return make_records(make_suite(), tmp_path_factory.mktemp("plain"))


def block(found: SuiteRecords, name: str = "mla") -> str:
    return render_block(found, next(arm for arm in found.suite.arms if arm.id == name))


def section(text: str, heading: str) -> str:
    """What stands under one heading."""
    return text.partition(f"## {heading}")[2].partition("\n## ")[0]


def with_suite(found: SuiteRecords, **changes: Any) -> SuiteRecords:
    return replace(
        found, suite=Suite.model_validate(found.suite.model_dump(by_alias=True, exclude_unset=True) | changes)
    )


def with_manifest(found: SuiteRecords, **changes: Any) -> SuiteRecords:
    return replace(found, manifest=found.manifest.model_copy(update=changes))


def with_rows(found: SuiteRecords, language: str = "en", **changes: Any) -> SuiteRecords:
    """The same, but for some columns of the converted arm's rows of one language."""
    return replace(
        found,
        results=with_columns(
            found.results, lambda row: row["language"] == language and row["control"] is not None, **changes
        ),
    )


def fleurs(found: SuiteRecords, commit: str | None = COMMIT) -> SuiteRecords:
    """As if it had been measured on a dataset of the hub."""
    hub = with_suite(found, corpus={"kind": "hub", "repo": "google/fleurs"})
    configs = {"en": "en_us", "th": "th_th"}
    corpus = HubCorpus(repo="google/fleurs", revision=None, commit=commit, split="test", configs=configs)
    return with_manifest(hub, corpus=corpus)


def common_voice(found: SuiteRecords, release: str, **locales: str) -> SuiteRecords:
    """Of the languages' own locales, or others."""
    everything = {language: language for language in found.suite.languages} | locales
    corpus = CommonVoiceCorpus(release=release, split="test", locales=everything, others=tuple(locales))
    return with_manifest(with_suite(found, corpus={"kind": "common-voice", "path": "release"}), corpus=corpus)


def opening(text: str) -> str:
    """What stands before the first heading."""
    return text.partition("\n## ")[0]


def told(found: SuiteRecords) -> str:
    """What `bench card` says the card lacks."""
    return "\n".join(missing_lines(found, found.suite.arms[1], CardWords()))


def rows_of(found: SuiteRecords) -> Iterator[dict[str, Any]]:
    yield from (row for row in flat_rows(found.results) if row["arm"] == "mla" and row["condition"] == "clean")


def test_by_use(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    """Run, card, verify; a changed figure is named; a card of somebody's keeps everything but its block."""
    assert bench("run", suite_file).returncode == 0
    assert bench("compare", suite_file).returncode == 0
    card, readme = tmp_path / "reports" / "mine" / "card.md", tmp_path / "README.md"
    made = bench("card", suite_file)
    assert made.returncode == 0, made.stderr
    assert made.stdout == "wrote reports/mine/card.md\nwrote reports/mine/card.png\n"
    assert "the card names no licence; --license ID does" in made.stderr
    readme.write_bytes(
        b"\xef\xbb\xbfMine \xff  \r\n<!-- whisper-mla-bench: begin -->old<!-- whisper-mla-bench: end --> x"
    )
    into = bench("card", suite_file, "--into", readme)
    assert "replaced the marked block of" in into.stdout
    assert "its front matter is left as it is" in into.stderr
    assert (tmp_path / "card.png").read_bytes() == card.with_suffix(".png").read_bytes()
    rendered = card.read_bytes().partition(b"<!-- whisper-mla-bench: begin -->")[2].rstrip(b"\n")
    expected = b"\xef\xbb\xbfMine \xff  \r\n<!-- whisper-mla-bench: begin -->" + rendered.replace(b"\n", b"\r\n")
    assert readme.read_bytes() == expected + b" x"
    assert bench("table", suite_file).returncode == 0
    assert bench("verify", suite_file).returncode == 0
    named = bench(
        "card", suite_file, "--title", "A `name`: x", "--license", "mit", "--base-model", "openai/whisper-tiny"
    )
    assert (named.returncode, named.stderr) == (0, "")
    assert bench("card", suite_file).stderr == ""  # what was said once stays said
    assert "\n# A \\`name\\`: x\n" in card.read_text(encoding="utf-8")
    data = ModelCard.load(card).data
    assert (data.license, data.base_model) == ("mit", "openai/whisper-tiny")
    assert str(tmp_path) not in card.read_text(encoding="utf-8")
    assert bench("verify", suite_file).returncode == 0
    card.write_bytes(card.read_bytes().replace(b"against control", b"against CONTROL", 1))
    changed = bench("verify", suite_file)
    assert changed.returncode == 1
    assert "reports/mine/card.md: line " in changed.stdout
    assert changed.stdout.rstrip().endswith("run `bench card`")


def test_what_the_command_refuses_it_leaves_alone(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    refused = bench("card", suite_file)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert bench("run", suite_file).returncode == 0
    assert bench("compare", suite_file).returncode == 0
    (tmp_path / "README.md").write_bytes(b"nothing is marked here")
    for arguments, complaint in (
        (["--arm", "control"], "name one of the suite's converted arms: converted"),
        (["--into", "missing.md"], "missing.md: No such file"),
        (["--into", "clips"], "clips: Is a directory"),
        (["--into", "README.md"], "the place of the block is not marked"),
    ):
        refused = bench("card", suite_file, *arguments)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert complaint in refused.stderr
        assert not (tmp_path / "reports").exists()
    assert (tmp_path / "README.md").read_bytes() == b"nothing is marked here"


def test_every_section_has_its_place(plain: SuiteRecords) -> None:
    text = block(plain)
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == HEADINGS
    assert text.splitlines()[-3].startswith("signature: `corpus:manifest/clips|")
    assert text.rstrip().endswith("</details>")
    assert section(text, "Memory").strip() == "Not measured yet."
    assert section(text, "Robustness").strip() == "Not measured: the suite has clean speech only."
    assert "Not benchmarked: added noise, telephony (8 kHz), far-field, overlapping speech." in section(text, "Limits")
    assert "demo" not in text
    results = [line for line in section(text, "Results").splitlines() if line.startswith("| en")]
    row = next(row for row in rows_of(plain) if (row["language"], row["metric"]) == ("en", "wer"))
    for figure in (f"{row['rate']:.1f} / ", f"{row['control_rate']:.1f} / ", f"{row['delta']:+.2f} ", " 0 (0) "):
        assert figure in results[0]


def test_no_line_is_said_twice(plain: SuiteRecords) -> None:
    lines = [line for line in block(plain).splitlines() if len(line) > 20]
    assert len(lines) == len(set(lines))


def test_the_first_sentences_are_filled_from_records(plain: SuiteRecords) -> None:
    """The card's own numbers, by the summary and the rows they are of."""
    found = with_suite(with_rows(plain, direction="worse"), arms=[CONTROL, CONVERTED | {"model": "svd-62.5:control"}])
    measured = replace(found, memory=MemoryRecords(memory_records(), Transcripts(20, 90)))
    row = next(row for row in rows_of(found) if (row["language"], row["metric"]) == ("en", "wer"))
    first, second, third = (f"{each}." for each in opening(block(measured)).strip().removesuffix(".").split(". "))
    own, cross = 6144 * 20, 9 * 2**20
    saved = 100 * 0.625 * own / (own + cross)
    assert first == (
        "Converted from m/a: decoder self-attention keeps 1,152 of 3,072 values a token (−62.5 %), which saves "
        f"{saved:.1f} % of what decoding caches at a typical transcript (20 tokens)."
    )
    assert second.startswith(
        f"On 24 clips in English and Thai it costs {row['delta']:+.1f} points of WER (English; 95 %: "
    )
    assert "points of CER (Thai; 95 %: " in second
    assert ": English is marked worse and Thai is undecided (up to +" in second
    less = 62.5 * 6144 * 400 / (6144 * 400 + cross)
    assert third == (
        f"Prefer it if you decode long transcripts, many at once ({less:.1f} % less cache at 400 tokens); prefer "
        "control if you need English."
    )
    bare = opening(block(found))
    assert "keeps 62.5 % fewer values a token; what that saves of all that decoding caches is not measured." in bare


def test_one_language_is_spoken_of_alone(tmp_path: Path) -> None:
    """No mean of it, no other language, nothing of none that is worse; without an interval what is not ruled out."""
    found = make_records(make_suite(languages=["en"]), tmp_path)
    worse, marked = block(found), next(rows_of(found))
    cost, low, high = (f"{marked[each]:+.1f}".replace("-", "−") for each in ("delta", "low", "high"))
    said = f"On 24 clips in English it costs {cost} points of WER (95 %: {low} to {high}): English is marked worse."
    assert opening(worse).rstrip().endswith(said)
    assert "correction over 1 language;" in worse
    assert "In a language not measured" not in worse
    nan = dict.fromkeys(["low", "high", "simultaneous_low", "simultaneous_high"], math.nan)
    undecided = with_rows(found, direction="undecided", significant=False, **nan)
    bounded, bare = opening(block(undecided)), opening(block(with_rows(undecided, bound_high=math.nan)))
    assert f"it costs {cost} points of WER: English is undecided (up to +{marked['bound_high']:.1f} points)." in bounded
    assert f"it costs {cost} points of WER (95 %: not determined): English is undecided." in bare


def test_what_changes_no_transcript_says_so(tmp_path: Path) -> None:
    same = make_records(make_suite(), tmp_path, rates={"control": 0.0, "mla": 0.0})
    assert "On 24 clips in English and Thai it changes no transcript." in opening(block(same))
    assert "prefer control" not in opening(block(same))


def test_loops_are_a_column_and_what_they_drive_stands_in_the_row(plain: SuiteRecords) -> None:
    """The capped cost where a clip ran away, and the verdict that it would have."""
    looped = with_rows(
        plain, loops=3, control_loops=1, runaways=2, loop_driven=True, significant=False, capped_delta=4.5
    )
    (english,) = [line for line in block(looped).splitlines() if line.startswith("| en")]
    assert " 3 (1) " in english
    assert "| +4.50 [" in english
    assert "; loop-driven: capped, worse |" in english
    (thai,) = [line for line in block(looped).splitlines() if line.startswith("| th")]
    assert "loop-driven" not in thai
    assert "capped cost" not in block(plain)
    assert "with runaways capped English is worse)" in opening(block(looped))
    marked = with_rows(looped, significant=True)
    assert "; loop-driven: capped, undecided |" in block(marked)


def test_what_the_model_is(plain: SuiteRecords) -> None:
    record = ConversionRecord.of(
        {"d_model": 48, "decoder_layers": 2},
        {"self": {"kept": 0, "rank": [24, 12]}, "cross": {"kept": 0, "rank": 10, "shared": True}},
        {
            "base": "openai/whisper-tiny",
            "request": {"init": "balanced"},
            "damage": {"divergence": 0.0123, "held_back": 4, "corpus": "c"},
        },
    )
    heard = CalibratedLanguages.of(["en", "de"], ["cy"])
    found = replace(plain, manifest=with_arm(plain.manifest, "mla", conversion=record, calibration=heard))
    text = section(block(found), "What it is")
    assert "in place of openai/whisper-tiny's own, initialised by `balanced`." in text
    assert "Decoder self-attention: a latent of ranks 24, 12, layer by layer (the model's width is 48)." in text
    assert "Cross-attention: a latent that all layers share, of rank 10 (" in text
    assert "Calibrated on clips in German and English, on text alone in Welsh." in text
    assert "0.012 nats from the original's (KL divergence, on 4 clips" in text
    assert "self-attention keeps 36 of 192 values a token (−81.2 %)" in opening(block(found))
    data = ModelCard(render_card(found, found.suite.arms[1])).data
    assert (data.base_model, data.license) == ("openai/whisper-tiny", "apache-2.0")
    assert "multi-head-latent-attention" in data.tags
    assert "trust_remote_code=True" in section(block(found), "Use")


def test_a_demo_says_so_first(plain: SuiteRecords) -> None:
    real, made = with_suite(plain, label="demo"), with_suite(plain, label="demo", corpus={"kind": "demo"})
    assert block(real).startswith("**demo: These figures")
    assert block(made).startswith("**demo: synthetic speech, micro models. These figures")
    assert "Synthetic speech by a formant synthesiser" in block(made)
    assert "demo" in ModelCard(render_card(made, made.suite.arms[1])).data.tags


def test_verdicts_name_the_control_and_the_suites_order(plain: SuiteRecords) -> None:
    """Whatever the outcomes are; the table has its rows of WER before those of CER."""
    worse = with_suite(with_rows(plain, direction="worse"), statistics={"margin": 1.0})
    assert ": English is marked worse and Thai is undecided (up to " in opening(block(worse))
    both = with_rows(with_rows(worse, direction="better"), "th", direction="better", margin="within")
    within = "; for Thai it is shown to cost less than 1 point."
    assert f": none is marked worse and English and Thai are marked better{within}" in opening(block(both))


def test_floor_rows_bear_no_mark(tmp_path: Path) -> None:
    suite = make_suite(statistics={"resamples": 100, "floor": {"wer": 50.0, "cer": 200.0}})
    floors = make_records(suite, tmp_path, rates={"control": 0.95, "mla": 0.99})
    text = block(floors)
    assert "English is not judged, for the control itself fails there" in opening(text)
    (english,) = [line for line in text.splitlines() if line.startswith("| en")]
    assert " — floor " in english
    assert not set("✱†") & set(english)
    assert "(ns)" not in english
    assert ModelCard(render_card(floors, floors.suite.arms[1])).data.eval_results[0].metric_args["floor"]


def test_another_methods_mark_is_shown_and_explained(plain: SuiteRecords) -> None:
    text = block(with_rows(plain, disagree="sign-flip", significant=True, p_adjusted=0.01))
    (english,) = [line for line in text.splitlines() if line.startswith("| en")]
    assert " ✱ † " in english
    assert "- † en: not significant by sign-flip" in text
    assert "†: another method" in text.partition("<details>")[2]


def test_clips_that_were_cut_or_left_out_are_counted(plain: SuiteRecords) -> None:
    assert "| 24 (3 truncated) (+2 unreadable) |" in block(with_rows(plain, truncated=3, unreadable=2))


def test_conditions(tmp_path: Path) -> None:
    conditions = [
        {"name": "clean"},
        {"name": "pink", "kind": "noise", "noise": "pink", "snr_db": [10, 0]},
        {"name": "phone", "kind": "telephony", "codec": "A-law"},
    ]
    found = make_records(make_suite(conditions=conditions), tmp_path)
    text = block(found)
    robustness = section(text, "Robustness")
    assert "beside clean speech: pink (pink noise added at 10 / 0 dB); phone (telephony, 8 kHz, A-law)." in robustness
    assert "Not benchmarked: far-field, overlapping speech." in section(text, "Limits")
    assert [line.split()[1] for line in robustness.splitlines() if line.startswith("| p")] == [
        *(["pink@10"] * 2 + ["pink@0"] * 2 + ["phone"] * 2)
    ]
    assert "added* noise" in text.partition("<details>")[2]
    rooms = [{"name": "clean"}, {"name": "room", "kind": "far-field"}, {"name": "two", "kind": "overlap"}]
    text = block(make_records(make_suite(name="rooms", conditions=rooms), tmp_path))
    assert "room (far-field, simulated rooms, RT60 0.5 s); two (another speaker at 15 / 10 / 5 dB)" in text
    assert "added* noise" not in text


def test_memory_with_a_gpu_and_without(plain: SuiteRecords) -> None:
    text = block(replace(plain, memory=MemoryRecords(memory_records(), Transcripts(20, 90))))
    memory = section(text, "Memory")
    assert "Peak and process: 16 clips x 1 beam at 400 positions, which every arm fitted." in memory
    assert "- Bytes: measured: suite made, a GPU, driver 1.2" in text.partition("<details>")[2]
    assert "− 62.5 %" not in text
    assert "keeps 1,152 of 3,072 values a token (−62.5 %)" in opening(text)
    assert "other" not in memory
    assert "not measured" not in memory
    bare = block(replace(plain, memory=MemoryRecords(tuple(without_gpu(memory_records())), None)))
    assert "Peaks on a GPU are not measured." in section(bare, "Memory")
    assert "peak allocated" not in bare


def test_a_cache_that_is_not_what_it_claims_is_told_first(plain: SuiteRecords) -> None:
    records = tuple(
        one if one.arm == "control" else with_bytes(one, own=measured_of(one).own + 1) for one in memory_records()
    )
    memory = section(block(replace(plain, memory=MemoryRecords(records, None))), "Memory")
    assert memory.strip().startswith("**MLA HOLDS 1 BYTES MORE THAN ITS CONFIG CLAIMS**")
    assert "OTHER" not in memory


def test_several_seeds_and_sizes(tmp_path: Path) -> None:
    small = [
        {"name": name, "model": "m/s", "seed": seed} | others
        for seed in (0, 1, 2)
        for name, others in (("s", {}), ("s-mla", {"control": "s", "family": "mla"}))
    ]
    large = [{"name": "large", "model": "m/l"}]
    large += [{"name": "mla", "model": "m/m", "control": "large", "family": "mla"}]
    found = make_records(make_suite([*small, *large]), tmp_path)
    of_seed, of_large = block(found, "s-mla#1"), block(found)
    assert "- It is one of several training seeds; the suite's table pools them." in of_seed
    assert "several training seeds" not in of_large
    for text in (of_seed, of_large):
        assert "- One checkpoint: the intervals cover other speakers and clips, not training again." in text
        (line,) = [line for line in text.splitlines() if line.startswith("- over the sizes") and "WER" in line]
        assert "s-mla#0 (0.001 M) " in line
        assert "mla (0.005 M) " in line
        assert "; trend " in line
    note = [line for line in of_large.partition("<details>")[2].splitlines() if line.startswith("- cost over")]
    assert len(note) == 2  # the family has the arm's name, and slopes of its own
    assert not any("slope" in line for line in note)


def test_what_the_model_needs(plain: SuiteRecords) -> None:
    needs = [CONTROL, CONVERTED | {"trust_remote_code": True, "transformers": "==4.46.*"}]
    text = section(block(with_suite(plain, arms=needs)), "Limits")
    assert "needs `trust_remote_code=True`" in text
    assert r"- It asks for transformers ==4.46.\*." in text
    assert "trust_remote_code" not in block(plain)
    assert 'name = "m/b"' in section(block(plain), "Use")
    assert "asks for transformers" not in block(plain)


def test_models_are_named_by_the_hub_and_never_by_where_they_lie(plain: SuiteRecords, tmp_path: Path) -> None:
    found = replace(plain, manifest=with_arm(plain.manifest, "mla", commit=COMMIT))
    assert f"- This model, mla: `m/b` at {COMMIT[:12]} (fingerprint mlafffff). Its control, control: `m/a` (" in block(
        found
    )
    assert "model-index:\n- name: b\n" in render_card(found, found.suite.arms[1])
    local = with_suite(found, arms=[CONTROL, CONVERTED | {"model": str(tmp_path)}])
    assert "This model, mla: a local folder (fingerprint mlafffff)" in block(local)
    assert str(tmp_path) not in render_card(local, local.suite.arms[1])
    small = with_suite(found, arms=[CONTROL, CONVERTED | {"kv": "int8"}])
    assert "- name: mla\n" in render_card(small, small.suite.arms[1])
    assert "multi-head-latent-attention" not in render_card(small, small.suite.arms[1])


def test_units_that_are_no_speakers(tmp_path: Path) -> None:
    def nobody(rows: Any) -> None:
        if (rows["language"] == "th").all():
            rows["speaker_id"] = ""

    text = block(make_records(make_suite(), tmp_path, nobody))
    assert "24 clips a language;" in text
    assert "paired bootstrap over speakers (en) and clips (th)," in text
    grouped = make_records(make_suite(name="grouped"), tmp_path, corpus=ManifestCorpus(stem="clips", clusters="id"))
    assert "paired bootstrap over clips of one id," in block(grouped)
    args = [each.metric_args for each in ModelCard(render_card(grouped, grouped.suite.arms[1])).data.eval_results]
    assert {("speakers" in each, each["resampled"]) for each in args} == {(False, "id")}


def test_the_front_matter_is_the_comparisons_table(plain: SuiteRecords) -> None:
    data = ModelCard(render_card(plain, plain.suite.arms[1])).data
    assert (data.language, data.library_name, data.pipeline_tag) == (
        ["en", "th"],
        "transformers",
        "automatic-speech-recognition",
    )
    rows = list(rows_of(plain))
    assert len(data.eval_results) == len(rows) == 4
    clips = plain.results.signature.partition("|clips:")[2][:8]
    found = {(each.metric_args["language"], each.metric_type): each for each in data.eval_results}
    for row in rows:
        each = found[row["language"], row["metric"]]
        assert (each.dataset_type, each.dataset_name, each.dataset_split) == ("clips", "manifest/clips", None)
        assert (each.dataset_config, each.dataset_revision) == (row["language"], f"clips-{clips}")
        assert each.metric_value == pytest.approx(row["rate"], abs=1e-4)
        told = each.metric_args
        pairs = {"control_value": "control_rate", "cost": "delta", "p": "p", "p_holm": "p_adjusted"}
        assert {key: told[key] for key in pairs} == pytest.approx({k: row[v] for k, v in pairs.items()}, abs=1e-4)
        assert told["cost_interval_95"] == pytest.approx([row["low"], row["high"]], abs=1e-4)
        assert (told["clips"], told["speakers"], told["control"]) == (24, 12, "control")
        assert (told["primary"], told["floor"]) == (row["primary"], row["floor"])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_breaks_no_yaml(value: float, plain: SuiteRecords) -> None:
    columns = dict.fromkeys(("p", "p_adjusted", "low", "high", "delta", "mde"), value)
    found = with_rows(plain, **columns)
    args = ModelCard(render_card(found, found.suite.arms[1])).data.eval_results[0].metric_args
    assert not {"p", "p_holm", "cost", "cost_interval_95"} & set(args)
    assert args["control_value"] > 0
    empty = with_rows(found, rate=math.nan)
    results = ModelCard(render_card(empty, empty.suite.arms[1])).data.eval_results
    assert [each.metric_name for each in results] == ["WER, th", "CER, th"]


def test_a_small_p_is_not_nought(plain: SuiteRecords) -> None:
    found = with_rows(plain, p=0.000033)
    assert ModelCard(render_card(found, found.suite.arms[1])).data.eval_results[0].metric_args["p"] == 0.00003


def test_a_dataset_of_the_hub_is_named_and_no_task_is_made_up(plain: SuiteRecords) -> None:
    """The hub reads .eval_results for tasks of its registered benchmarks, of which none is known for these."""
    found = fleurs(plain)
    results = ModelCard(render_card(found, found.suite.arms[1])).data.eval_results
    assert {(each.dataset_type, each.dataset_revision) for each in results} == {("google/fleurs", COMMIT)}
    assert "no .eval_results: the hub reads them for the tasks" in told(found)
    assert "of google/fleurs none is known" in told(found)
    assert "eval_results" not in told(plain)
    released = common_voice(plain, "17.0-2024-03-15")
    assert "mozilla-foundation/common_voice_17_0" in told(released)
    assert "Crowdsourced read speech" in block(released)


@pytest.mark.parametrize("release", ["23.0-2025-09-05", "17.0-delta-2024-03-15"])
def test_releases_that_the_hub_does_not_have(release: str, plain: SuiteRecords) -> None:
    found = common_voice(plain, release)
    assert "eval_results" not in told(found)
    assert ModelCard(render_card(found, found.suite.arms[1])).data.eval_results[0].dataset_type == (
        f"common-voice-{release}"
    )


@pytest.mark.parametrize("config", ["zh-CN", "zh-TW"])
def test_locales_are_common_voices_own(config: str, tmp_path: Path) -> None:
    found = common_voice(make_records(make_suite(languages=["zh"]), tmp_path), "17.0-2024-03-15", zh=config)
    assert ModelCard(render_card(found, found.suite.arms[1])).data.eval_results[0].dataset_config == config


def test_names_of_cards() -> None:
    one = make_suite()
    assert card_name(one, one.arms[1]) == "card.md"
    two = make_suite([CONTROL, CONVERTED, CONVERTED | {"seed": 1}])
    assert [card_name(two, arm) for arm in two.arms[1:]] == ["card-mla.md", "card-mla#1.md"]


@pytest.mark.parametrize(
    ("word", "kv", "made"),
    [
        ("svd-62.5", None, "--init svd --cache-cut 0.625"),
        ("balanced-87.5", "int8", "--init balanced --cache-cut 0.875 --calibration clips.tsv"),
        (
            "least-0.005",
            "int8",
            "--modules decoder-self,cross --share-cross --max-divergence 0.005 --calibration clips.tsv --kv int8",
        ),
    ],
)
def test_a_card_says_how_a_conversion_by_word_is_made(word: str, kv: str | None, made: str) -> None:
    """On which clips, but in nobody's folder."""
    clips = {} if word.startswith("svd") else {"calibration": "/home/me/clips.tsv"}
    arm = ArmSpec(name="mla", model=f"{word}:base", control="base", kv=kv, **clips)
    said = making(Origin("openai/whisper-base", word), arm)
    assert f"bench convert openai/whisper-base made {made}\n" in said
