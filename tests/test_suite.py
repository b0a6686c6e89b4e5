"""Suites: every mistake is one line that names file, key, value and what is allowed."""

from pathlib import Path

import pytest

from bench.compare import Protocol
from bench.corpora import load_corpus
from bench.errors import BenchError
from bench.suite import Suite, load_suite, ready_made

GOOD = """
name = "s"
languages = ["en"]
arms = [{ name = "a", model = "m/a" }, { name = "b", model = "m/b", control = "a" }]
[corpus]
kind = "manifest"
path = "clips.tsv"
"""


def load(folder: Path, text: str) -> Suite:
    (folder / "s.toml").write_text(text, encoding="utf-8")
    return load_suite(str(folder / "s.toml"))


def test_paths_start_at_the_suite_file_and_defaults_hold(tmp_path: Path) -> None:
    suite = load(tmp_path, GOOD)
    assert suite.corpus.path == tmp_path / "clips.tsv"
    assert suite.statistics.resamples is None
    assert Protocol.of(suite).resamples == 10_000
    assert suite.control_of(suite.arms[1]) == suite.arms[0]
    assert suite.control_of(suite.arms[0]) is None


def test_variables_expand_or_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = GOOD.replace('"clips.tsv"', '"${CLIPS}/x.tsv"')
    with pytest.raises(BenchError, match=r"corpus\.path.*\$\{CLIPS\} is not set"):
        load_corpus(load(tmp_path, text).corpus, ("en",), 1)
    monkeypatch.setenv("CLIPS", "/data")
    assert load(tmp_path, text).corpus.path == Path("/data/x.tsv")


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ("[corpus]", "[decode]\nbeam = 5\n[corpus]", r"decode\.beam: unknown key; .* device, dtype, batch"),
        ("[corpus]", "[decode]\ndtype = 'int8'\n[corpus]", r"decode\.dtype: 'int8': .*'float32'"),
        ("[corpus]", "[decode]\nbatch = 0\n[corpus]", r"decode\.batch: 0: .*greater than or equal to 1"),
        ('languages = ["en"]', "", r"languages: missing"),
        ('languages = ["en"]', "languages = []", r"languages: \[\]: .*at least 1"),
        ('control = "a"', 'control = "x"', r"names control 'x'; the controls are \['a'\]"),
        ('name = "b"', 'name = "a"', r"two arms are both called a"),
        ('kind = "manifest"\npath = "clips.tsv"', 'kind = "demo"', r'must say label = "demo"'),
        ('kind = "manifest"', 'kind = "demo"', r"corpus: kind = \"demo\" is embedded and takes no path"),
        ('name = "s"', "name = ", r"not valid TOML"),
        ('kind = "manifest"', 'kind = "tarot"', r"corpus\.kind: 'tarot': .*'demo'"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, wrong: str, right: str, message: str) -> None:
    with pytest.raises(BenchError, match=message) as caught:
        load(tmp_path, GOOD.replace(wrong, right, 1))
    assert "\n" not in str(caught.value)
    assert "s.toml" in str(caught.value)


def test_training_seeds_pair_with_their_own_control(tmp_path: Path) -> None:
    control, converted = '{ name = "a", model = "m/a" }', '{ name = "b", model = "m/b", control = "a" }'
    seeded = GOOD.replace(control, '{ name = "a", model = "x", seed = 0 }, { name = "a", model = "y", seed = 1 }')
    suite = load(tmp_path, seeded.replace(converted, '{ name = "b", model = "z", control = "a", seed = 1 }'))
    paired = suite.control_of(suite.arms[2])
    assert paired is not None
    assert paired.model == "y"
    with pytest.raises(BenchError, match="b#2 has no control: a has other training seeds"):
        load(tmp_path, seeded.replace(converted, '{ name = "b", model = "z", control = "a", seed = 2 }'))


def test_folders_are_told_from_hub_ids(tmp_path: Path) -> None:
    (tmp_path / "m" / "a").mkdir(parents=True)
    suite = load(tmp_path, GOOD.replace('"m/b"', '"./m/typo"'))
    assert [arm.model for arm in suite.arms] == [str(tmp_path / "m" / "a"), str(tmp_path / "m" / "typo")]
    assert load(tmp_path, GOOD).arms[1].model == "m/b"


def test_unknown_names_list_what_there_is() -> None:
    with pytest.raises(BenchError, match=r"one of .*demo"):
        load_suite("nope")
    with pytest.raises(BenchError, match="no such suite file"):
        load_suite("nope.toml")


@pytest.mark.parametrize("name", ready_made())
def test_ready_made_suites_are_valid(name: str) -> None:
    assert load_suite(name).name == name
