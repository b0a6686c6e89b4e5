"""What a run on a Ray cluster takes as its clips and workers grow: `python -m bench.scale_study FOLDER`.

Clips are the demo's, each under as many names as are wanted; models are the demo's. Every run is a process of its own,
on a cluster of this machine that holds so many workers. Memory is the driver's own, read off /proc (Linux).
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from bench.corpora import Utterance
from bench.corpora.demo import read_demo
from bench.store import Store

GRID = [(times, workers) for times in (1, 4, 16) for workers in (1, 2)]
SUITE = """
name = "scale"
languages = ["en", "de", "es", "fr", "ru", "tr", "cy", "ar", "th", "zh", "ka"]
arms = [
  {{ name = "control", model = "demo:96-control" }},
  {{ name = "svd-93.75", model = "demo:96-svd-93.75", control = "control" }},
]
[corpus]
kind = "manifest"
path = "{manifest}"
[decode]
max_new_tokens = 56
[statistics]
resamples = 200
"""


@dataclass(frozen=True)
class Measured:
    """One run. `driver_mb` by tenths of the time in which decodes came: first, median and last; seconds from start to
    end, and from the first part to the last. `parts_rewritten`: how often a part that was there became another file, as
    a block does that is decoded twice; looked at twice a second.
    """

    clips: int
    workers: int
    decodes: int
    seconds: float
    decoding_seconds: float
    driver_mb_first: float
    driver_mb_median: float
    driver_mb_last: float
    parts: int
    parts_rewritten: int
    rows_doubled: int
    rows_missing: int


def write_corpus(folder: Path, clips: int) -> Path:
    """The demo's clips, its languages in turn, every row of a name of its own; a file for each clip that is shipped."""
    lines = ["path\tid\ttext\tspeaker\tlang"]
    of_language: dict[str, list[Utterance]] = {}
    for utterance in read_demo():
        of_language.setdefault(utterance.language, []).append(utterance)
    shipped = [utterance for turn in zip(*of_language.values(), strict=True) for utterance in turn]
    for number, utterance in enumerate(shipped):
        (folder / f"{number}.opus").write_bytes(utterance.audio_bytes())
    for i in range(clips):
        number, turn = i % len(shipped), i // len(shipped)
        utterance = shipped[number]
        cells = [f"{number}.opus", f"{utterance.id}-{turn}", utterance.reference, utterance.speaker, utterance.language]
        lines.append("\t".join(cells))
    path = folder / "clips.tsv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """The address of one with so many cores, each of which holds a worker."""
    from ray.cluster_utils import Cluster

    started = Cluster(initialize_head=True, head_node_args={"num_cpus": workers, "include_dashboard": False})
    try:
        yield started.address
    finally:
        started.shutdown()


def measure(clips: int, workers: int) -> Measured:
    """Runs it in an empty folder."""
    with TemporaryDirectory() as scratch, cluster(workers) as address:
        folder = Path(scratch)
        suite = folder / "scale.toml"
        suite.write_text(SUITE.format(manifest=write_corpus(folder, clips)), encoding="utf-8")
        words = ["run", str(suite), "--results", str(folder), "--engine", "ray", "--address", address]
        started = time.monotonic()
        run = subprocess.Popen([sys.executable, "-m", "bench", *words], env=os.environ | {"OMP_NUM_THREADS": "1"})
        samples: list[tuple[float, float, int]] = []
        written: dict[str, set[tuple[int, int]]] = {}
        while run.poll() is None:
            parts = [(path.name, path.stat()) for path in folder.glob("scale/decodes/*.parquet")]
            for name, found in parts:
                written.setdefault(name, set()).add((found.st_ino, found.st_mtime_ns))
            samples.append((time.monotonic() - started, _resident(run.pid), len(parts)))
            time.sleep(0.5)
        rewritten = sum(len(files) - 1 for files in written.values())
        if run.returncode:
            raise SystemExit(f"the run of {clips} clips on {workers} workers ended with {run.returncode}")
        return _measured(clips, workers, time.monotonic() - started, samples, rewritten, Store(folder / "scale"))


def _measured(
    clips: int,
    workers: int,
    seconds: float,
    samples: list[tuple[float, float, int]],
    rewritten: int,
    store: Store,
) -> Measured:
    most = max(parts for *_, parts in samples)
    during = [(at, held) for at, held, parts in samples if 0 < parts < most] or [samples[-1][:2]]
    tenth = max(1, len(during) // 10)
    memory = pd.Series([held for _, held in during])
    rows = store.read_decodes(sorted(store.part_keys()))
    counts = rows.groupby(["language", "utterance_id"]).size()
    return Measured(
        clips=clips,
        workers=workers,
        decodes=len(rows),
        seconds=round(seconds, 1),
        decoding_seconds=round(during[-1][0] - during[0][0], 1),
        driver_mb_first=round(float(memory[:tenth].median()), 1),
        driver_mb_median=round(float(memory.median()), 1),
        driver_mb_last=round(float(memory[-tenth:].median()), 1),
        parts=len(store.part_keys()),
        parts_rewritten=rewritten,
        rows_doubled=int((counts - 2).clip(lower=0).sum()),
        rows_missing=2 * clips - len(rows),
    )


def _resident(process: int) -> float:
    """Its memory in MB; 0 where it has just ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("VmRSS")), 0.0)


def main(folder: Path, unit: int, once: int) -> None:
    """The grid from `unit` clips on, and then `once` clips on two workers; each is written when it is known."""
    path = folder / "scale.csv"
    for times, workers in [*GRID, (once / unit, 2)]:
        row = asdict(measure(round(unit * times), workers))
        fresh = not path.exists()
        with path.open("a", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(row), lineterminator="\n")
            if fresh:
                writer.writeheader()
            writer.writerow(row)


if __name__ == "__main__":
    asked = sys.argv[1:]
    main(Path(asked[0]), int(asked[1]), int(asked[2]))
