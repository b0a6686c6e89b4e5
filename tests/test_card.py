"""The model card: its sections as published cards have them, its figures for machines, its block in another's file."""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import yaml
from huggingface_hub import ModelCard

from bench.analysis.memory.headlines import Transcripts
from bench.analysis.memory.records import MemoryRecords
from bench.analysis.suite_records import SuiteRecords
from bench.corpora.demo import IDENTITY as DEMO
from bench.corpus_identity import CommonVoiceCorpus, HubCorpus, ManifestCorpus
from bench.errors import BenchError
from bench.reporting.card import card_name, render_block, render_card, write_card
from bench.reporting.card.metadata import front_matter
from bench.suite import Suite
from tests.cards import CONTROL, CONVERTED, make_records, make_suite
from tests.conftest import Command
from tests.flat import flat_rows, with_columns
from tests.manifests import with_arm
from tests.memory_cells import measured_of, memory_records, with_bytes, without_gpu

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HEADINGS = [
    "Honest sizing note (read this first)",
    "Results (manifest/clips, 24 clips a language by 12 speakers; WER / CER in %; cost: paired, against control)",
    *("Memory", "Robustness", "Limitations", "Acoustic conditions of the evaluation", "How it was measured"),
]


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


def entries_of(found: SuiteRecords, folder: Path) -> list[Any]:
    """What the hub's own reader finds in .eval_results, of which there must be one file."""
    if not hasattr(huggingface_hub, "parse_eval_result_entries"):
        pytest.skip("this huggingface_hub does not know .eval_results")
    _, path = write_card(found, found.suite.arms[1], folder)
    assert path == folder / ".eval_results" / "mla.yaml"
    return list(huggingface_hub.parse_eval_result_entries(yaml.safe_load(path.read_text(encoding="utf-8"))))


def rows_of(found: SuiteRecords) -> Iterator[dict[str, Any]]:
    yield from (row for row in flat_rows(found.results) if row["arm"] == "mla" and row["condition"] == "clean")


def test_by_use(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    """Run, card, verify; a changed figure is named; a card of somebody's keeps everything but its block."""
    assert bench("run", suite_file).returncode == 0
    assert bench("compare", suite_file).returncode == 0
    card, readme = tmp_path / "reports" / "mine" / "card.md", tmp_path / "README.md"
    made = bench("card", suite_file)
    assert made.returncode == 0, made.stderr
    assert made.stdout == "wrote reports/mine/card.md\n"
    assert not (card.parent / ".eval_results").exists()
    readme.write_bytes(
        b"\xef\xbb\xbfMine \xff  \r\n<!-- whisper-mla-bench: begin -->old<!-- whisper-mla-bench: end --> x"
    )
    into = bench("card", suite_file, "--into", readme)
    assert "replaced the marked block of" in into.stdout
    assert "its front matter is left as it is" in into.stderr
    rendered = card.read_bytes().partition(b"<!-- whisper-mla-bench: begin -->")[2].rstrip(b"\n")
    expected = b"\xef\xbb\xbfMine \xff  \r\n<!-- whisper-mla-bench: begin -->" + rendered.replace(b"\n", b"\r\n")
    assert readme.read_bytes() == expected + b" x"
    assert bench("table", suite_file).returncode == 0
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
    assert text.splitlines()[-1].startswith("signature: `corpus:manifest/clips|")
    assert section(text, "Memory").strip() == "Not measured yet."
    assert section(text, "Robustness").strip() == "Not measured: the suite has clean speech only."
    assert "Not benchmarked: added noise, telephony (8 kHz), far-field, overlapping speech." in text
    assert "what it saves is not measured yet" in section(text, HEADINGS[0])
    assert "demo" not in text
    results = [line for line in section(text, "Results").splitlines() if line.startswith("| en")]
    row = next(row for row in rows_of(plain) if (row["language"], row["metric"]) == ("en", "wer"))
    for figure in (f"{row['rate']:.1f} / ", f"{row['control_rate']:.1f} / ", f"{row['delta']:+.2f} ", " 24 "):
        assert figure in results[0]


def test_a_demo_says_so_first(plain: SuiteRecords) -> None:
    real, made = with_suite(plain, label="demo"), with_suite(plain, label="demo", corpus={"kind": "demo"})
    assert block(real).startswith("**demo: These figures")
    assert block(made).startswith("**demo: synthetic speech, micro models. These figures")
    assert "Synthetic speech by a formant synthesiser" in block(made)
    assert "demo" in ModelCard(render_card(made, made.suite.arms[1])).data.tags


def test_verdicts_name_the_control_and_the_suites_order(plain: SuiteRecords) -> None:
    """Whatever the outcomes are; the table has its rows of WER before those of CER."""
    worse = with_suite(with_rows(plain, direction="worse"), statistics={"margin": 1.0})
    assert "against control, 2 languages: worse in 1 (en), undecided in 1 (th)." in block(worse)
    both = with_rows(with_rows(worse, direction="better"), "th", direction="better", margin="within")
    within = "Its cost is shown to be below the margin of 1 point in 1 (th)."
    assert f"2 languages: worse in none, better in 2 (en th). {within}" in block(both)


def test_floor_rows_bear_no_mark(tmp_path: Path) -> None:
    suite = make_suite(statistics={"resamples": 100, "floor": {"wer": 50.0, "cer": 200.0}})
    floors = make_records(suite, tmp_path, rates={"control": 0.95, "mla": 0.99})
    text = block(floors)
    assert "not judged, for the control itself is unusable (floor), in 1 (en)" in text
    assert "- control itself is unusable in en (floor)" in section(text, "Limitations")
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
    assert "†: another method" in section(text, "How it was measured")


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
    acoustics = section(text, "Acoustic conditions of the evaluation")
    assert "Also measured: pink (pink noise added at 10 / 0 dB); phone (telephony, 8 kHz, A-law)." in acoustics
    assert "Not benchmarked: far-field, overlapping speech." in acoustics
    robustness = section(text, "Robustness")
    assert "- pink at 10 / 0 dB: mean cost over the WER rows " in robustness
    assert [line.split()[1] for line in robustness.splitlines() if line.startswith("| p")] == [
        *(["pink@10"] * 2 + ["pink@0"] * 2 + ["phone"] * 2)
    ]
    assert "added* noise" in robustness
    rooms = [{"name": "clean"}, {"name": "room", "kind": "far-field"}, {"name": "two", "kind": "overlap"}]
    text = block(make_records(make_suite(name="rooms", conditions=rooms), tmp_path))
    assert "room (far-field, simulated rooms, RT60 0.5 s); two (another speaker at 15 / 10 / 5 dB)" in text
    assert "added* noise" not in text


def test_memory_with_a_gpu_and_without(plain: SuiteRecords) -> None:
    text = block(replace(plain, memory=MemoryRecords(memory_records(), Transcripts(20, 90))))
    memory = section(text, "Memory")
    assert "Peak and process: 16 clips x 1 beam at 400 positions, which every arm fitted." in memory
    assert "measured: suite made, a GPU, driver 1.2" in memory
    assert "− 62.5 %" not in text
    assert "self cache a position 2,304 B (−62.5 %)" in section(text, HEADINGS[0])
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
    note = [line for line in section(of_large, HEADINGS[0]).splitlines() if line.startswith("- cost over")]
    assert len(note) == 2  # the family has the arm's name, and slopes of its own
    assert not any("slope" in line for line in note)


def test_what_the_model_needs(plain: SuiteRecords) -> None:
    needs = [CONTROL, CONVERTED | {"trust_remote_code": True, "transformers": "==4.46.*"}]
    text = section(block(with_suite(plain, arms=needs)), "Limitations")
    assert "needs `trust_remote_code=True`" in text
    assert r"- It asks for transformers ==4.46.\*." in text
    assert "trust_remote_code" not in block(plain)
    assert "asks for transformers" not in block(plain)


def test_models_are_named_by_the_hub_and_never_by_where_they_lie(plain: SuiteRecords, tmp_path: Path) -> None:
    found = replace(plain, manifest=with_arm(plain.manifest, "mla", commit=COMMIT))
    assert f"- This model: `m/b` at {COMMIT[:12]} (fingerprint mlafffff). Its control, control: `m/a` (" in block(found)
    assert "model-index:\n- name: m/b\n" in front_matter(found, found.suite.arms[1])
    local = with_suite(found, arms=[CONTROL, CONVERTED | {"model": str(tmp_path)}])
    assert "This model: a local folder (fingerprint mlafffff)" in block(local)
    assert str(tmp_path) not in render_card(local, local.suite.arms[1])
    small = with_suite(found, arms=[CONTROL, CONVERTED | {"kv": "int8"}])
    assert "- name: mla\n" in front_matter(small, small.suite.arms[1])
    assert "multi-head-latent-attention" not in front_matter(small, small.suite.arms[1])


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
def test_what_is_no_number_breaks_no_yaml(value: float, plain: SuiteRecords, tmp_path: Path) -> None:
    columns = dict.fromkeys(("p", "p_adjusted", "low", "high", "delta", "mde"), value)
    found = fleurs(with_rows(plain, **columns))
    args = ModelCard(render_card(found, found.suite.arms[1])).data.eval_results[0].metric_args
    assert not {"p", "p_holm", "cost", "cost_interval_95"} & set(args)
    assert args["control_value"] > 0
    notes = entries_of(with_rows(found, delta=math.nan), tmp_path)[0].notes
    assert "None" not in notes
    assert "[not determined]" in notes
    empty = with_rows(found, rate=math.nan)
    results = ModelCard(render_card(empty, empty.suite.arms[1])).data.eval_results
    assert [each.metric_name for each in results] == ["WER, th", "CER, th"]
    assert [entry.task_id for entry in entries_of(empty, tmp_path)] == ["th_th-cer"]


def test_a_small_p_is_not_nought(plain: SuiteRecords) -> None:
    found = with_rows(plain, p=0.000033)
    assert ModelCard(render_card(found, found.suite.arms[1])).data.eval_results[0].metric_args["p"] == 0.00003


def test_eval_results_of_a_dataset_of_the_hub(plain: SuiteRecords, tmp_path: Path) -> None:
    entries = entries_of(fleurs(plain), tmp_path)
    assert [(each.dataset_id, each.task_id) for each in entries] == [
        ("google/fleurs", "en_us-wer"),
        ("google/fleurs", "th_th-cer"),
    ]
    rates = {(row["language"], row["metric"]): row for row in rows_of(plain)}
    for each, row in zip(entries, (rates["en", "wer"], rates["th", "cer"]), strict=True):
        assert each.value == pytest.approx(row["rate"], abs=1e-4)
        assert each.dataset_revision == COMMIT
        assert each.notes.startswith(f"{COMMIT}, 24 clips, normaliser multilingual; cost against control +")
        assert f"p {row['p']:.4f}, after Holm {row['p_adjusted']:.4f}" in each.notes
    assert entries_of(fleurs(plain, commit=None), tmp_path)[0].dataset_revision is None


def test_eval_results_of_common_voice(plain: SuiteRecords, tmp_path: Path) -> None:
    entries = entries_of(common_voice(plain, "17.0-2024-03-15"), tmp_path)
    assert {each.dataset_id for each in entries} == {"mozilla-foundation/common_voice_17_0"}
    assert {each.dataset_revision for each in entries} == {None}
    assert entries[0].notes.startswith("17.0-2024-03-15, 24 clips")
    assert "Crowdsourced read speech" in block(common_voice(plain, "17.0-2024-03-15"))


@pytest.mark.parametrize("release", ["23.0-2025-09-05", "17.0-delta-2024-03-15"])
def test_releases_that_the_hub_does_not_have(release: str, plain: SuiteRecords, tmp_path: Path) -> None:
    found = common_voice(plain, release)
    assert len(list(write_card(found, found.suite.arms[1], tmp_path))) == 1
    assert ModelCard(render_card(found, found.suite.arms[1])).data.eval_results[0].dataset_type == (
        f"common-voice-{release}"
    )


@pytest.mark.parametrize("config", ["zh-CN", "zh-TW"])
def test_locales_are_common_voices_own(config: str, tmp_path: Path) -> None:
    found = common_voice(make_records(make_suite(languages=["zh"]), tmp_path), "17.0-2024-03-15", zh=config)
    assert ModelCard(render_card(found, found.suite.arms[1])).data.eval_results[0].dataset_config == config
    assert entries_of(found, tmp_path)[0].task_id == f"{config}-cer"


def test_none_of_a_manifest_or_the_demo(plain: SuiteRecords, tmp_path: Path) -> None:
    demo = with_manifest(with_suite(plain, label="demo", corpus={"kind": "demo"}), corpus=DEMO)
    for found in (plain, demo):
        assert list(write_card(found, found.suite.arms[1], tmp_path)) == [tmp_path / "card.md"]
    assert not (tmp_path / ".eval_results").exists()


def test_an_older_hub_library_still_gives_the_card(
    plain: SuiteRecords, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import ModuleType

    older = ModuleType("huggingface_hub")
    older.EvalResult, older.ModelCardData = huggingface_hub.EvalResult, huggingface_hub.ModelCardData  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", older)
    found = fleurs(plain)
    with pytest.raises(BenchError, match=r"\.eval_results: this huggingface_hub does not know them; run") as caught:
        write_card(found, found.suite.arms[1], tmp_path)
    assert "\n" not in str(caught.value)
    assert (tmp_path / "card.md").read_text(encoding="utf-8") == render_card(found, found.suite.arms[1])


def test_names_of_cards() -> None:
    one = make_suite()
    assert card_name(one, one.arms[1]) == "card.md"
    two = make_suite([CONTROL, CONVERTED, CONVERTED | {"seed": 1}])
    assert [card_name(two, arm) for arm in two.arms[1:]] == ["card-mla.md", "card-mla#1.md"]
