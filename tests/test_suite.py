"""Suites: every mistake is one line that names file, key, value and what is allowed."""

from pathlib import Path

import pytest

from bench.comparing import Protocol
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

PROGRAM = 'runner = "command", command = ["asr", "{manifest}", "{output}"]'


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
        ("[corpus]", "[decode]\nbeam = 5\n[corpus]", r"decode\.beam: unknown key; .* device, dtype, attention, batch"),
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
        ('model = "m/b"', 'runner = "whisper.cpp"', r"arms\.1\.runner: 'whisper\.cpp': .*'command'"),
        ('model = "m/b"', "kv = 'int8'", r"arms\.1: b: model is missing"),
        ('model = "m/b"', 'runner = "faster-whisper"', r"arms\.1: b: model is missing"),
        (
            'model = "m/b"',
            'model = "m/b", compute_type = "int8"',
            r'compute_type is not read for runner = "transformers"',
        ),
        ('model = "m/b"', f"{PROGRAM}, model = 'm'", r'model is not read for runner = "command"; that reads command, '),
        ('model = "m/b"', f"{PROGRAM}, start = 'a'", r'start is not read for runner = "command"'),
        ('model = "m/b"', 'runner = "command"', r'b: runner = "command" needs command = \["program", '),
        ('model = "m/b"', PROGRAM.replace("{output}", "o"), r"b: \{output\} stands in no word of command"),
        ('model = "m/b"', PROGRAM.replace("{manifest}", "m"), r"b: \{manifest\} stands in no word of command"),
        ('model = "m/b"', f"{PROGRAM}, time_limit = 0", r"arms\.1\.time_limit: 0: .*greater than 0"),
        (
            'model = "m/b", control = "a" }',
            f'{PROGRAM} }}, {{ name = "c", model = "exact:b" }}',
            r'c is to be exact:b; a conversion is of a transformers model, and b has runner = "command"',
        ),
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


def test_exact_arms_take_the_files_of_another(tmp_path: Path) -> None:
    """Of the same training seed where it has several; the consents stand where the files are."""
    control, converted = '{ name = "a", model = "m/a" }', '{ name = "b", model = "m/b", control = "a" }'
    seeded = GOOD.replace(control, '{ name = "a", model = "x", seed = 0 }, { name = "a", model = "y", seed = 1 }')

    def arms(last: str, text: str = GOOD) -> Suite:
        return load(tmp_path, text.replace(converted, last))

    exact = arms('{ name = "b", model = "exact:a", control = "a", kv = "int8" }')
    assert exact.files_of(exact.arms[-1]).model == "m/a"
    assert exact.files_of(exact.arms[0]) is exact.arms[0]
    of_seed = arms('{ name = "b", model = "exact:a", control = "a", seed = 1 }', seeded)
    assert of_seed.files_of(of_seed.arms[-1]).model == "y"
    for last, message in (
        ('{ name = "b", model = "exact:c", control = "a" }', r"b is to be exact:c; the arms with a model are \['a'\]"),
        ('{ name = "b", model = "exact:b", control = "a" }', r"b is to be exact:b"),
        ('{ name = "b", model = "exact:a", control = "a", revision = "main" }', "b has no files; set revision"),
        ('{ name = "b", model = "m/b", control = "a", kv = "int4" }', "arms.1.kv: 'int4': Input should be 'int8'"),
    ):
        with pytest.raises(BenchError, match=message):
            arms(last)


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


def test_the_noise_floor_is_every_control_decoded_otherwise(tmp_path: Path) -> None:
    suite = load(tmp_path, GOOD.replace("[corpus]", "noise_floor = true\n[corpus]", 1))
    assert [arm.id for arm in suite.arms] == ["a", "b", "a-eager", "a-batch-16", "a-bfloat16"]
    decoded = [suite.decode_of(arm) for arm in suite.arms if suite.is_noise_floor(arm)]
    assert [(spec.attention, spec.batch, spec.dtype) for spec in decoded] == [
        ("eager", 32, "float32"),
        ("sdpa", 16, "float32"),
        ("sdpa", 32, "bfloat16"),
    ]
    assert {suite.control_of(arm) for arm in suite.arms[2:]} == {suite.arms[0]}
    assert "noise_floor" not in suite.what_is_decoded()
    assert [arm.id for arm in suite.measurable] == ["a", "b", "a-bfloat16"]


@pytest.mark.parametrize(
    ("decode", "arm", "floors"),
    [
        ('attention = "eager"\nbatch = 1', "", ["a-sdpa", "a-batch-2", "a-bfloat16"]),
        ('dtype = "bfloat16"', "", ["a-eager", "a-batch-16", "a-float32"]),
        ("", '{ name = "half", model = "m/a", dtype = "bfloat16", control = "a" }', ["half", "a-eager", "a-batch-16"]),
        ("", '{ name = "tell", model = "m/a", kv = "int8", control = "a" }', ["a-eager", "a-batch-16", "a-bfloat16"]),
        ("", '{ name = "c", runner = "faster-whisper", model = "m/c" }', ["a-eager", "a-batch-16", "a-bfloat16"]),
    ],
)
def test_the_noise_floor_repeats_nothing(tmp_path: Path, decode: str, arm: str, floors: list[str]) -> None:
    text = GOOD.replace("[corpus]", f"noise_floor = true\n[decode]\n{decode}\n[corpus]", 1)
    suite = load(tmp_path, text.replace('control = "a" }]', f'control = "a" }}, {arm}]'))
    assert [arm.id for arm in suite.arms if suite.is_noise_floor(arm)] == floors


def test_an_arm_of_the_noise_floor_may_not_be_called_as_another(tmp_path: Path) -> None:
    text = GOOD.replace('name = "b"', 'name = "a-eager"').replace("[corpus]", "noise_floor = true\n[corpus]", 1)
    with pytest.raises(BenchError, match="two arms are both called a-eager"):
        load(tmp_path, text)
