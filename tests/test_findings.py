"""README's first screen and the page of findings say what the record of whisper-base says."""

import json
import re
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from bench.speed.record import GENERATE, NAME, PIPELINE, read_speed_record

ROOT = Path(__file__).parents[1]
REPORTS = ROOT / "reports" / "whisper-base"
FINDINGS = (REPORTS / "FINDINGS.md").read_text(encoding="utf-8")
NOISE = (ROOT / "reports" / "whisper-base-noise" / "robustness.md").read_text(encoding="utf-8")
SIZES = {name: ROOT / "reports" / f"whisper-{name}" for name in ("english", "librispeech")}
RECOVERY = (ROOT / "reports" / "whisper-base-recovery" / "table.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8").split("## Two commands")[0]
GUIDE = (ROOT / "docs" / "recovery.md").read_text(encoding="utf-8")
FOUND = re.compile(r"(?<![\w.])[+−]\d+\.\d+ \[[^\]]*\]")
"""A cost with its interval."""
PICTURED = ("table.md", "curve.svg")


TRADITIONAL = set(
    "們個這說時國會學來對過還沒點嗎麼為與從間開關長問題東車書見語話認識讓給種經濟發現實業務產選舉總統區縣鎮後裡將並無於當應該進"
    "行動員體電視頭臺灣張陳劉楊華線鐵戰爭軍隊師團隨難雖離響須領風飛館馬驗髮"
) - set("行")
"""Frequent characters that simplified Chinese writes otherwise."""


def table_rows(text: str, header: str) -> dict[str, list[str]]:
    """Cells of the table under that header, by the first of each row."""
    lines = text[text.index(header) :].split("\n\n")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in [rows[0], *rows[2:]]}


def sections() -> dict[str, str]:
    """What the table says of each arm."""
    parts = (REPORTS / "table.md").read_text(encoding="utf-8").split("\n## ")[1:]
    return {part.split(" against ")[0]: part for part in parts if " against base" in part.splitlines()[0]}


def costs_of(section: str) -> dict[str, tuple[str, str]]:
    """The control's rate and the cost of each language, by its own metric, marked as the table marks it."""
    found = {}
    for language, (_, control, cost, mark, verdict, *_) in table_rows(section, "| Lang | ").items():
        wer, cer = control.split(" / ")
        rate = f"{cer} CER" if " CER " in cost else f"{wer} WER"
        shown = cost.replace(" CER", "") + (" ✱" if mark == "✱" else "")
        found[language] = rate, "floor" if verdict == "floor" else shown
    return found


@pytest.mark.parametrize(("text", "header"), [(README, "| language |"), (FINDINGS, "| language |")])
def test_every_cost_of_every_language_is_the_records(text: str, header: str) -> None:
    rows = table_rows(text, header)
    (_, *arms), records = rows.pop("language"), sections()
    assert len(arms) >= 2
    for arm, cells in zip(arms, zip(*(row[1:] for row in rows.values()), strict=True), strict=True):
        record = costs_of(records[arm.strip("`")])
        del record["Lang"]
        rates = [row[0] for row in rows.values()]
        assert dict(zip(rows, zip(rates, cells, strict=True), strict=True)) == record, arm


def means() -> dict[str, dict[str, str]]:
    """Mean and median cost over the usable languages counted by words, as the table says them, by arm."""
    found = {}
    for arm, section in sections().items():
        (line,) = (line for line in section.splitlines() if "WER rows" in line)
        usable = line.split("without floor rows")[1]
        found[arm] = dict(re.findall(r"(mean|median) ([+−]\d+\.\d+ \[[^\]]+\])", usable))
    return found


def test_every_mean_and_every_byte_of_the_arms_is_the_records() -> None:
    by_arm, memory = means(), (REPORTS / "memory.md").read_text(encoding="utf-8").splitlines()
    for text in (README, FINDINGS):
        rows = table_rows(text, "| arm |")
        del rows["arm"]
        for arm, (*_, cache, mean, median) in rows.items():
            name = arm.strip("`")
            assert (mean, median) == (by_arm[name]["mean"], by_arm[name]["median"]), name
            row = next(line for line in memory if line.startswith(f"| {name}, "))
            assert row.split(" | ")[2].strip() == cache, name


def test_every_cost_in_the_prose_stands_in_a_record() -> None:
    records = [path.read_text(encoding="utf-8") for path in REPORTS.glob("*.md") if path.name != "FINDINGS.md"]
    records += [(ROOT / "results" / "conversion" / "README.md").read_text(encoding="utf-8"), NOISE, RECOVERY]
    records += [(folder / name).read_text(encoding="utf-8") for folder in SIZES.values() for name in PICTURED]
    for text in (README, FINDINGS):
        prose = " ".join(" ".join(line for line in text.splitlines() if not line.startswith("|")).split())
        quoted = FOUND.findall(prose)
        assert quoted
        for cost in quoted:
            assert any(cost in record for record in records), cost


def test_every_cost_in_noise_is_the_records() -> None:
    """And how often which arm runs into a loop."""
    said = table_rows(FINDINGS, "| condition |")
    del said["condition"]
    arms = {part.split(" against ")[0]: part for part in NOISE.split("\n## ")[1:] if " against base" in part}
    assert list(arms) == ["allocated-87.5", "least-0.005-int8"]
    prose, loops = " ".join(FINDINGS.split()), {}
    for number, (arm, part) in enumerate(arms.items()):
        record = table_rows(part, "| condition ")
        del record["condition"]
        costs = {condition: cells[2 * number : 2 * number + 2] for condition, cells in said.items()}
        assert costs == {condition: cells[1:3] for condition, cells in record.items()}
        assert "in 0 of 37 usable cells" in part
        least = re.findall(r"an excess of at least (\d+\.\d)", part)
        assert re.search(rf"{least[0]} (points|in the second)|\({least[0]} in", prose)
        counted = [re.findall(r"\d+", cells[5]) for cells in record.values()]
        loops[arm], loops["whisper-base"] = (sum(int(count[i]) for count in counted) for i in (0, 1))
        decodes = sum(int(cells[8].split(" of ")[1]) for cells in record.values())
        assert f"of {decodes:,} decodes each" in prose
    assert f"whisper-base runs into {loops['whisper-base']}, `allocated-87.5` into {loops['allocated-87.5']}" in prose
    assert f"`least-0.005-int8` into {loops['least-0.005-int8']}." in prose


def test_every_cost_of_two_sizes_is_the_records() -> None:
    said = table_rows(FINDINGS, "| cut | tiny.en")
    del said["cut"]
    columns = []
    for folder in SIZES.values():
        parts = (folder / "table.md").read_text(encoding="utf-8").split("\n## ")[1:]
        arms = {
            part.split(" against ")[0]: table_rows(part, "| Lang ")["en"] for part in parts if " against " in part[:80]
        }
        for model in ("tiny.en", "base"):
            cells = [arms[f"{model}-{cut.strip('`')}"] for cut in said if cut != "none (WER)"]
            rate = cells[0][1].split(" / ")[0]
            columns.append([rate, *(cost + " ✱" * mark.startswith("✱") for _, _, cost, mark, *_ in cells)])
    assert list(said.values()) == [list(row) for row in zip(*columns, strict=True)]


def test_every_cost_before_and_after_training_is_the_records() -> None:
    """And what is said of the control: in which languages its change can be told, and how large it is there."""
    said = table_rows(FINDINGS, "| language | whisper-base | trained too |")
    del said["language"]
    changed = {
        language.split()[0]: (language, *cells)
        for language, cells in table_rows(RECOVERY, "| Lang   | base ").items()
        if language != "Lang"
    }
    arms = {part.split(" against ")[0]: part for part in RECOVERY.split("\n## ") if " against control" in part[:80]}
    assert list(arms) == ["paper-62.5", "allocated-93.75"]
    for language, (base, trained, *cells) in said.items():
        key, before, after, _ = changed[language]
        assert (base, trained) == (f"{before} {'CER' if key.endswith('CER') else 'WER'}", after)
        for number, part in enumerate(arms.values()):
            record = table_rows(part, "| Lang ")[language]
            _, _, zero_shot, cost, mark, verdict, *_ = record
            expected = [zero_shot.replace(" CER", ""), cost.replace(" CER", "") + " ✱" * mark.startswith("✱")]
            assert cells[2 * number : 2 * number + 2] == (["floor"] * 2 if verdict == "floor" else expected)
    changes = [cells[-1] for _, *cells in changed.values()]
    told = [change for change in changes if len(set(re.findall(r"[+−]", change.split("[")[1]))) == 1]
    least, most = (pick(told, key=lambda change: float(change.split()[0].replace("−", "-"))) for pick in (min, max))
    assert len(told) == 6
    prose, guide = (" ".join(text.split()) for text in (FINDINGS, GUIDE))
    said = f"where its change can be told it costs between {least} (English) and {most} points (Russian)"
    assert said in prose
    first, last = (f"{float(change.split()[0]):.0f}" for change in (least, most))
    assert f"at 1e-4 they cost it {first} to {last} points of WER" in guide


def test_what_is_said_of_training_and_of_sizes() -> None:
    """What was trained, on how much, and on what the means hang."""
    folder = ROOT / "results" / "whisper-base-recovery"
    trained = json.loads((folder / "recovery.json").read_text(encoding="utf-8"))
    settings, clips = trained["settings"], trained["clips"]["count"]
    assert len(pd.read_csv(folder / "losses.csv")) == settings["steps"]
    prose, about = (" ".join(text.split()) for text in (FINDINGS, (folder / "README.md").read_text(encoding="utf-8")))
    times = {9: "nine"}[settings["steps"] * settings["batch"] // clips]
    assert f"the same {settings['steps']} steps, {times} times through {clips} clips" in prose
    rate = f"{settings['learning_rate']:.0e}".replace("e-0", "e-")
    assert f"One learning rate was tried, {rate}, and" in prose
    assert f"{settings['steps']} steps of AdamW on batches of {settings['batch']}" in about
    assert f"a learning rate of {rate} after {settings['warmup_steps']} steps of warm-up" in about
    assert f"**Training clips**: {clips} of nobody" in about
    table = pd.read_csv(ROOT / "reports" / "whisper-base-recovery" / "table.csv", comment="#")
    spanish = table[(table["arm"] == "paper-62.5") & (table["language"] == "es") & table["primary"].astype(bool)]
    assert list(spanish["control_loops"]) == [2]
    assert "hang on two Spanish loops of the control" in prose
    for name, folder in SIZES.items():
        sizes = pd.read_csv(folder / "curve.csv", comment="#")["parameters"].unique() / 1e6
        assert [f"{size:.1f} M" for size in sizes] == re.findall(r"\((\d+\.\d M)", prose)
        clips = pd.read_csv(folder / "table.csv", comment="#")["clips"].max()
        assert (
            f"{clips} {'English clips of Common Voice' if name == 'english' else 'of LibriSpeech test-other'}" in prose
        )


def test_every_time_is_the_records() -> None:
    folder = ROOT / "results" / "whisper-base"
    timed = read_speed_record(folder / NAME)
    assert timed is not None
    prose = " ".join(FINDINGS.split())
    said = re.findall(r"`([\w.-]+)` (\d\.\d\d)[,.]", prose[prose.index("What does it take in time?") :])
    assert len(said) == 6
    assert all(share == f"{timed.beside_first(arm, GENERATE):.2f}" for arm, share in said)
    about = " ".join((folder / "README.md").read_text(encoding="utf-8").split())
    assert f"take its pipeline {timed.ratio(PIPELINE):.1f} times as long" in about
    assert f"`generate` {timed.ratio(GENERATE):.1f} times" in about
    assert f"one batch of {timed.clips} clips the {len(timed.arms)} arms" in about


def test_chinese_is_better_in_script() -> None:
    """Clips in which an arm writes traditional characters; the references have none."""
    folder = ROOT / "results" / "whisper-base"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))

    def clips_of(arm: str) -> int:
        parts = [pq.read_table(folder / "decodes" / f"{part}.parquet") for part in manifest["arms"][arm]["hashes"]]
        said = pd.concat(part.to_pandas() for part in parts).query("language == 'zh'")["hypothesis"]
        assert len(said) == 72
        return int(said.map(lambda text: not TRADITIONAL.isdisjoint(text)).sum())

    counts = [clips_of(arm) for arm in ("base", "allocated-87.5", "allocated-93.75")]
    references = pd.read_parquet(folder / "utterances.parquet").query("language == 'zh'")["reference"]
    assert references.map(lambda text: not TRADITIONAL.isdisjoint(text)).sum() == 0
    prose = " ".join(FINDINGS.split())
    assert f"traditional characters in {counts[0]} of the 72 clips" in prose
    assert f"At 87.5 % they stand in {counts[1]} clips, at 93.75 % in {counts[2]}." in prose


def test_what_the_prose_says_of_single_clips_and_languages() -> None:
    table = pd.read_csv(REPORTS / "table.csv", comment="#")
    primary = table[table["primary"].astype(bool)].set_index(["arm", "language"])
    arabic = primary.loc[("least-0.005-int8", "ar")]
    assert (arabic["loops"], arabic["control_loops"], arabic["clips"]) == (1, 0, 78)
    best = primary.loc["allocated-87.5"]
    assert not best["significant"].any()
    usable = best[~best["floor"].astype(bool) & (best["metric"] == "wer")]
    assert f"none above +{usable['delta'].max():.2f}" in " ".join(FINDINGS.split())
    clips = best["clips"]
    assert f"{clips.min()} to {clips.max()} clips a language" in FINDINGS
    assert f"{clips.sum()} Common Voice clips" in FINDINGS
    assert f"{clips.sum()} Common Voice clips" in README
    least = next(line for line in (REPORTS / "memory.md").read_text().splitlines() if line.startswith("| least-0.005"))
    assert "770,184 B (−97.9 %)" in least
    assert "97.9 %" in README
