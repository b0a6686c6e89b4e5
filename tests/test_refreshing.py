"""What is refused before anything is decoded, and what comparing takes up of a corpus that has changed since."""

import shutil
from pathlib import Path

import numpy as np
import soundfile

from bench.comparing import Results, read_results
from bench.store import Store
from bench.suite import load_suite
from tests.conftest import Command, write_clips, write_suite
from tests.test_commands import one_line_error
from tests.test_reuse import as_the_control_heard, corrected, costs, manifest, rewrite

__all__ = ["manifest"]


def stored(suite_file: Path) -> tuple[Store, Results]:
    store = Store(suite_file.parent / "results" / "mine")
    return store, read_results(load_suite(str(suite_file)), store)


def test_comparing_takes_up_what_the_corpus_says_now(suite_file: Path, manifest: Path, bench: Command) -> None:
    assert bench("run", suite_file).returncode == 0
    store, before = stored(suite_file)
    rewrite(manifest, as_the_control_heard(store))
    done = bench("compare", suite_file)
    assert (done.returncode, "as the last run" in done.stderr) == (0, False)
    assert costs(stored(suite_file)[1])["en"] > costs(before)["en"]
    assert bench("verify", suite_file).returncode == 0
    assert bench("run", suite_file).stdout.startswith("decoded 0 clips, found 24")


def test_comparing_without_the_corpus_says_so(suite_file: Path, manifest: Path, bench: Command) -> None:
    assert bench("run", suite_file).returncode == 0
    store, before = stored(suite_file)
    moved = manifest.parent.rename(suite_file.parent / "moved") / manifest.name
    rewrite(moved, as_the_control_heard(store))
    done = bench("compare", suite_file)
    assert done.returncode == 0
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("references and speakers are as the last")]
    assert "no such manifest" in line
    assert costs(stored(suite_file)[1]) == costs(before)
    assert "as the last run" not in bench("compare", suite_file, "--corpus-path", moved).stderr
    assert costs(stored(suite_file)[1])["en"] > costs(before)["en"]
    refused = bench("compare", moved, moved, "--corpus-path", moved)
    assert "--corpus-path belongs to a suite" in one_line_error(refused)


def test_comparing_refuses_what_only_a_run_can_mend(
    tmp_path: Path, model_folders: dict[str, Path], bench: Command
) -> None:
    manifest = write_clips(tmp_path / "clips")
    suite_file = write_suite(tmp_path / "mine.toml", model_folders, manifest, nll=True)
    assert bench("run", suite_file).returncode == 0
    lines = manifest.read_text(encoding="utf-8")
    manifest.write_text(lines.replace("en3.wav\tone two three\tspeaker0\ten\n", ""), encoding="utf-8")
    message = one_line_error(bench("compare", suite_file))
    assert "its en clips are not those that were decoded (en3.wav); run `bench run` again" in message
    manifest.write_text(lines, encoding="utf-8")
    rewrite(manifest, corrected)
    message = one_line_error(bench("compare", suite_file))
    assert "the references of en2.wav have changed, and their likelihoods are recorded (decode.nll)" in message
    manifest.write_text(lines, encoding="utf-8")
    shutil.copy(manifest, tmp_path / "clips" / "others.tsv")
    message = one_line_error(bench("compare", suite_file, "--corpus-path", tmp_path / "clips" / "others.tsv"))
    assert "the suite's corpus is manifest/others, what was decoded manifest/clips" in message
    assert "run `bench run` on this suite first" in one_line_error(bench("compare", suite_file, "--results", "empty"))


def test_long_clips_are_named_before_anything_is_decoded(suite_file: Path, manifest: Path, bench: Command) -> None:
    """The first five and how many there are, by the doctor too; none that is cut short, whatever is said of it."""
    rewrite(manifest, lambda row: [*row, "99"], lambda row: [*row, "duration"])
    assert "no clip is longer than the models' window" in bench("doctor", suite_file).stdout
    rewrite(manifest, lambda row: row[:4], lambda row: row[:4])
    for i in range(6):
        soundfile.write(manifest.parent / f"en{i}.wav", np.zeros(16_000 * 3 + 1 + i), 16_000)
    soundfile.write(manifest.parent / "de0.wav", np.zeros(16_000 * 3), 16_000)
    message = one_line_error(bench("run", suite_file))
    assert "window of 3 s: en clip en" in message
    assert "(3.00 s) and 1 more, 6 of 12 clips; remove them, or set decode.long_clips" in message
    assert message.count("en clip") == 5
    assert not (suite_file.parent / "results").exists()
    examined = bench("doctor", suite_file)
    (line,) = [line for line in examined.stdout.splitlines() if line.startswith("FAIL")]
    assert line == f"FAIL  data      {message.removeprefix('bench: ')}"
    assert examined.returncode == 1
