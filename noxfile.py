"""The project's sessions: `nox -s NAME`. Environments are reused; constraints.txt pins what is tested."""

import argparse
import os
import shutil
from pathlib import Path

import nox

nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "tests"]

AXE = "axe-core@4.14.1"
"""Finds what keeps people from reading a page."""


def install(session: nox.Session, extras: str = "") -> None:
    """This project in editable form, with the tested versions of everything it needs.

    Modules are compiled when they are first imported: most of torch's never are.
    """
    session.install("--no-compile", "-c", "constraints.txt", "-e", f".{extras}")


@nox.session
def tests(session: nox.Session) -> None:
    """The test suite. BENCH_TEST_DATA names a folder of real speech; tests that need it skip without it."""
    install(session, "[tests]")
    processes = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"]
    session.run("pytest", *processes, *session.posargs, env={"OMP_NUM_THREADS": "1"})


@nox.session
def mutants(session: nox.Session) -> None:
    """By hand, a quarter of an hour: make each fault of tests/mutants.py, or those named; tests must fail."""
    install(session, "[tests]")
    session.run("python", "-m", "tests.mutating", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation into site/, without this package: sources are read, not imported. A link to nowhere fails."""
    needed = nox.project.load_toml("pyproject.toml")["project"]["optional-dependencies"]["docs"]
    session.install("--no-compile", "-c", "constraints.txt", *needed)
    session.run("mkdocs", "build", "--strict", *session.posargs, env={"NO_MKDOCS_2_WARNING": "1"})


@nox.session
def lint(session: nox.Session) -> None:
    """ruff, mypy in strict mode, and the layers of the package."""
    install(session, "[tests,lint]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("lint-imports")


def parse(session: nox.Session, suite: str) -> argparse.Namespace:
    """`--suite NAME` and folders; what else is given belongs to `bench run`."""
    parser = argparse.ArgumentParser(prog="nox -s bench-tiny --", add_help=False)
    parser.add_argument("--suite", default=suite)
    parser.add_argument("--arm", action="append", default=[])
    parser.add_argument("--results", default="results")
    parser.add_argument("--reports", default="reports")
    asked, asked.run = parser.parse_known_args(session.posargs)
    asked.records = ["--results", asked.results]
    asked.folders = [*asked.records, "--reports", asked.reports]
    asked.arms = [word for arm in asked.arm for word in ("--arm", arm)]
    return asked


@nox.session(name="bench-tiny")
def bench_tiny(session: nox.Session) -> None:
    """Decode the embedded demo, or `-- --suite NAME --corpus-path DIR`, compare its arms and print the card's table."""
    asked = parse(session, "demo")
    install(session)
    session.run("bench", "run", asked.suite, *asked.records, *asked.arms, *asked.run)
    session.run("bench", "table", asked.suite, *asked.folders)


@nox.session(name="bench-tiny-card")
def bench_tiny_card(session: nox.Session) -> None:
    """A suite of published models: its arms for transformers 4.46.3 in an environment that has it, then bench-tiny."""
    asked = parse(session, "whisper-tiny-mla")
    session.install("--no-compile", "-c", "constraints-card.txt", "-e", ".")
    session.run("bench", "run", asked.suite, *asked.records, *asked.arms, *asked.run)
    session.notify("bench-tiny", ["--suite", asked.suite, *asked.folders, *asked.run])


@nox.session(name="bench-family")
def bench_family(session: nox.Session) -> None:
    """By hand, some minutes: the demo in three sizes, five conversions each, before and after recovery training."""
    install(session)
    session.run("bench", "run", "demo-family", *session.posargs)
    session.run("bench", "table", "demo-family")


@nox.session(name="bench-ladder")
def bench_ladder(session: nox.Session) -> None:
    """By hand, some minutes: the demo in noise, over telephones, in rooms, with other speakers."""
    install(session)
    session.run("bench", "run", "demo-ladder", *session.posargs)
    session.run("bench", "table", "demo-ladder")


@nox.session
def calibrate(session: nox.Session) -> None:
    """By hand, half an hour: simulate corpora of known cost and record how often each interval holds it."""
    install(session)
    session.run("python", "-m", "bench.calibration", *session.posargs)


@nox.session(name="bench-conversion")
def bench_conversion(session: nox.Session) -> None:
    """By hand, an hour on two idle cores: what conversions do before training, and the time that caches take.

    Some hours more, of real Whispers, where BENCH_REAL_MODELS and BENCH_TEST_DATA name their folder and real speech.
    """
    install(session)
    session.run("python", "-m", "bench.conversion_study", *session.posargs)
    if os.environ.get("BENCH_REAL_MODELS") and os.environ.get("BENCH_TEST_DATA"):
        session.run("python", "-m", "bench.conversion_study.real", *session.posargs)


@nox.session(name="bench-speed")
def bench_speed(session: nox.Session) -> None:
    """By hand, three hours on an idle core: whisper-base and conversions beside other ways to decode, as work grows.

    Every token is held against `generate`'s besides.

    WHISPER_BASE names its folder, the CTranslate2 one beside it ending in -ct2; COMMON_VOICE a release.
    """
    install(session, "[faster-whisper]")
    for suite in ("pair", "six", "tiny-random"):
        session.run("bench", "speed", f"results/speed/{suite}.toml", "--results", "results/speed", *session.posargs)
    session.run("bench", "speed", "results/speed/eight.toml", "--growth", "--results", "results/speed")
    suites = ("demo", "demo-ladder", *map(str, sorted(Path("results/speed/equality").glob("*.toml"))))
    session.run("python", "-m", "bench.equality_study", "results/speed", *suites)


@nox.session(name="bench-scale")
def bench_scale(session: nox.Session) -> None:
    """By hand, half an hour on two idle cores: cost against clips on a Ray cluster of one and of two workers."""
    install(session, "[ray]")
    words = session.posargs or ["results/scale", "1100", "50000"]
    session.run("python", "-m", "bench.scale_study", *words, env={"OMP_NUM_THREADS": "1", "RAY_worker_niceness": "0"})


@nox.session(name="bench-faults")
def bench_faults(session: nox.Session) -> None:
    """By hand, half an hour: mutants of every input, kills at random moments, one process over and over."""
    install(session)
    session.run("python", "-m", "bench.faults", *session.posargs, env={"OMP_NUM_THREADS": "1"})


@nox.session(name="memory-gpu")
def memory_gpu(session: nox.Session) -> None:
    """By hand, on a CUDA GPU, a quarter of an hour: bytes of published sizes, twice, and how the two runs differ.

    WHISPER_PROCESSOR names the folder of a multilingual tokenizer and front end.
    """
    install(session)
    runs = [f"results/memory-gpu/{run}" for run in ("first", "second")]
    for run in runs:
        folders = ["--results", run, "--reports", "results/memory-gpu"]
        session.run("bench", "memory", "whisper-shapes", "--device", "cuda", *folders, *session.posargs)
    records = [f"{run}/whisper-shapes/memory.parquet" for run in runs]
    session.run("python", "-m", "bench.analysis.memory.spread", "results/memory-gpu", *records)


@nox.session(name="tests-card-runtime")
def tests_card_runtime(session: nox.Session) -> None:
    """What must hold on transformers 4.46.3 too, the runtime that the published model asks for."""
    session.install("--no-compile", "-c", "constraints-card.txt", "-e", ".[tests]")
    session.run("pytest", "tests/two_runtimes", *session.posargs)


@nox.session(name="tests-ray")
def tests_ray(session: nox.Session) -> None:
    """Runs on a Ray cluster of this machine, and results behind a server's URL."""
    install(session, "[tests,ray]")
    session.install("-c", "constraints.txt", "pyftpdlib")
    session.run("pytest", "tests/test_ray.py", "tests/test_places.py", *session.posargs, env={"OMP_NUM_THREADS": "1"})


@nox.session(name="tests-browser")
def tests_browser(session: nox.Session) -> None:
    """The explorer in headless Chromium: Debian's, installed if there is none and this is root's machine; axe-core."""
    install(session, "[tests,browser]")
    chromium = shutil.which("chromium") or _install_chromium(session)
    folder = session.create_tmp()
    session.run_install("npm", "install", "--no-save", "--prefix", folder, AXE, external=True)
    axe = str(Path(folder) / "node_modules" / "axe-core" / "axe.min.js")
    session.run("pytest", "tests/browser", *session.posargs, env={"BENCH_CHROMIUM": chromium, "BENCH_AXE": axe})


def _install_chromium(session: nox.Session) -> str:
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        session.error("no chromium on the PATH: install it (Debian: apt-get install chromium)")
    session.run_install("apt-get", "update", "-qq", external=True)
    session.run_install("apt-get", "install", "-yqq", "--no-install-recommends", "chromium", external=True)
    return shutil.which("chromium") or session.error("chromium is installed, but not on the PATH")
