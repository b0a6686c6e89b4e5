"""The repository itself: what is committed, and that README and docs tell the truth."""

import csv
import re
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from bench.suite import load_suite

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = ROOT / "docs"


def committed_files(folder: str = ".") -> list[str]:
    """Paths of what is committed below a folder, from the root on; skips a test where there is no checkout."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", folder], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


def test_no_decode_is_committed_but_those_of_a_model_that_is_not_here() -> None:
    decodes = r"results/([^/]+)/(decodes/|counts|comparisons|manifest)"
    assert {found[1] for file in committed_files() if (found := re.match(decodes, file))} == {
        "whisper-base",
        "whisper-base-noise",
        "whisper-base-recovery",
        "whisper-english",
        "whisper-librispeech",
    }


def test_the_readmes_suite_is_valid_and_short(tmp_path: Path) -> None:
    block = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert block
    assert len(block.group(1).strip().splitlines()) <= 15
    (tmp_path / "my-suite.toml").write_text(block.group(1), encoding="utf-8")
    suite = load_suite(str(tmp_path / "my-suite.toml"))
    assert suite.control_of(suite.arms[-1]) is not None


def test_the_conversion_record_of_real_whispers_is_shown_as_it_is() -> None:
    """Every divergence and every byte of its tables, and the least cache that the text names."""
    folder = Path(__file__).parents[1] / "results" / "conversion"
    text = (folder / "README.md").read_text(encoding="utf-8")
    with (folder / "real-divergence.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    shown = {line for line in text.splitlines() if line.startswith("| ")}
    for model in ("whisper-base", "whisper-tiny.en"):
        of_model = {(row["conversion"], row["kv"]): row for row in rows if row["model"] == model}
        nats = {key: float(row["divergence"]) for key, row in of_model.items()}
        for cut in ("62.5", "75", "87.5", "93.75"):
            cells = [f"{nats[kind + '-' + cut, 'float32']:.2g}" for kind in ("allocated", "even", "svd", "paper")]
            assert f"| {cut} % | {' | '.join(cells)} |" in shown
        whole = int(of_model["stock", "float32"]["bytes"])
        for name in {name for name, _ in of_model if name.split("-")[0] in ("exact", "shared", "least")}:
            cells = []
            for kv in ("float32", "int8"):
                cached, damage = int(of_model[name, kv]["bytes"]), nats[name, kv]
                cells += [f"{cached:,}, {100 * (1 - cached / whole):.1f} %", f"{damage:.2g}" if damage >= 1e-6 else "0"]
            assert f"| {name} | {' | '.join(cells)} |" in shown
    wanted = ("whisper-base", "least-int8", "int8")
    least = next(row for row in rows if (row["model"], row["conversion"], row["kv"]) == wanted)
    assert float(least["divergence"]) < 0.005
    assert f"The least below 0.005 nats: {int(least['bytes']):,} bytes" in text


def test_the_record_of_costs_on_common_voice_is_shown_as_it_is() -> None:
    """Every cost of its table, and the statements below it that hang on one."""
    folder = ROOT / "results" / "conversion"
    text = (folder / "README.md").read_text(encoding="utf-8")
    table = pd.read_csv(folder / "real-cost.csv")
    signed = "{:+.1f}".format
    for _, rows in table.groupby("arm"):
        of_language = rows[~rows["language"].isin(["median", "mean"])]
        cells = list(map(signed, of_language["cost"]))
        for statistic in ("median", "mean"):
            (row,) = rows[rows["language"] == statistic][["cost", "low", "high"]].to_numpy()
            cells.append(f"{signed(row[0])} [{signed(row[1])}, {signed(row[2])}]")
        assert f" | {' | '.join(cells)} |".replace("-", "−") in text
    control = table[(table["arm"] == "even-75") & table["control"].notna()]
    assert f"| whisper-base itself | {' | '.join(map('{:.1f}'.format, control['control']))} |" in text
    assert f"{control['clips'].sum():.0f} clips of Common Voice" in text
    (mean,) = table[(table["arm"] == "allocated-87.5") & (table["language"] == "mean")][
        ["cost", "low", "high"]
    ].to_numpy()
    shown = f"{signed(mean[0])} [{signed(mean[1])}, {signed(mean[2])}] points on {control['clips'].sum():.0f} clips"
    findings = (ROOT / "reports" / "whisper-base" / "FINDINGS.md").read_text(encoding="utf-8")
    assert shown.replace("-", "−") in " ".join(findings.split())
    hard = table[(table["arm"] == "allocated-87.5") & table["p_holm"].notna()]
    assert (hard["p_holm"] > 0.05).all()
    assert hard[~hard["floor"].astype(bool)]["cost"].max() == pytest.approx(2.42, abs=0.01)


def test_the_record_of_faults_is_shown_as_it_is() -> None:
    """Every row of its tables, and what the process held."""
    folder = ROOT / "results" / "faults"
    text = " ".join((folder / "README.md").read_text(encoding="utf-8").split())
    mutants, kills, repeats = (pd.read_csv(folder / f"{name}.csv") for name in ("mutants", "kills", "repeats"))
    for target, rows in mutants.groupby("target"):
        counts = " | ".join(str(rows[name].sum()) for name in ("mutants", "taken", "refused", "faults"))
        assert f"| {target} | {counts} | {rows['seconds'].max():.1f} | {rows['mib'].max()} |" in text
    total = f"{mutants['mutants'].sum():,} mutants {mutants['taken'].sum():,} were taken"
    assert total in text
    assert f"**{mutants['faults'].sum()} faults**" in text
    for command, rows in kills.groupby("command"):
        signals = " | ".join(str((rows["signal"] == name).sum()) for name in ("SIGKILL", "SIGTERM", "SIGINT"))
        assert f"| {command} | {signals} | {rows['fault'].notna().sum()} | {rows['again'].sum()} |" in text
    third, last, most = repeats["mib"][2], repeats["mib"].iloc[-1], repeats["mib"].max()
    held = f"third it holds {third:.0f} MiB, after the last {last:.0f}, and at most {most:.0f}: {most / third - 1:+.1%}"
    assert held.replace("%", " %") in text


def test_the_page_and_the_readme_of_the_record_show_the_conversion_record() -> None:
    """Every divergence and cost of the tables is the CSV's, rounded."""
    table = pd.read_csv(ROOT / "results" / "conversion" / "conversion.csv")
    record = (ROOT / "results" / "conversion" / "README.md").read_text(encoding="utf-8")
    page = (DOCS / "conversion.md").read_text(encoding="utf-8")
    cuts = table[~table["init"].isin(["exact", "int8"])]
    assert len(cuts) == 60
    for row in cuts.to_dict("records"):
        cost, low, high = (f"{row[name]:+.1f}".replace("-", "−") for name in ("cost", "low", "high"))
        cell = f"| {row['divergence']:.2g} / {cost} [{low}, {high}] |"
        assert cell in record
        assert f"| {row['changed']:.1f} % / {row['wer']:.1f} |" in record
        assert (cell in page) == (row["model"] == "demo:96-control")


def test_the_page_shows_the_familys_costs() -> None:
    """Every cost of its table of three sizes stands in the report."""
    report = (ROOT / "reports" / "demo-family" / "table.md").read_text(encoding="utf-8")
    page = (DOCS / "recovery.md").read_text(encoding="utf-8")
    section = page[page.index("| | width 48 |") : page.index("Here it does where")]
    costs = re.findall(r"[+−]\d+\.\d+ \[[^\]]*\]", section)
    assert len(costs) == 20
    assert all(cost in report for cost in costs)


def test_the_page_shows_the_demos_table() -> None:
    """The table of "Read a card" is the one committed under reports/demo, cell by cell."""
    report = (ROOT / "reports" / "demo" / "table.md").read_text(encoding="utf-8")
    section = report[report.index("## svd-93.75") :]
    rows = [line for line in section.splitlines() if line.startswith("|")][:13]
    assert rows[-1].startswith("| ka")
    assert "\n".join(rows) in (DOCS / "tutorials" / "read-a-card.md").read_text(encoding="utf-8")


def test_every_page_of_the_documentation_is_in_its_contents() -> None:
    """And in the build links that lead nowhere are told: quietly, mkdocs counts no warning."""
    contents = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert set(re.findall(r"[\w/.-]+\.md", contents)) == pages
    assert "--quiet" not in (ROOT / "noxfile.py").read_text(encoding="utf-8")
