"""`python -m tests.mutating [NAME ...]`: makes each fault in a copy of the checkout and runs what is to fail.

Ends with 1 if a fault survives, if an edit is stale, or if the tests fail without any.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from tests.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[1]
PROCESSES = 2
COPIED = ("bench", "tests")
PASSED, FAILED = 0, 1
"""What pytest ends with."""
SLIPS = ("NameError", "ImportError", "AttributeError", "SyntaxError")
"""What an edit raises that is no fault in a number."""


def copy_checkout(folder: Path) -> Path:
    """A checkout to make faults in: code and tests copied, what else there is linked to."""
    for path in ROOT.iterdir():
        if path.name in COPIED:
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif not path.name.startswith("."):
            (folder / path.name).symlink_to(path)
    return folder


def run_tests(folder: Path, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Nothing is cached: two edits within a second would look alike."""
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--noconftest", "-p", "no:cacheprovider", *tests]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def count_places(mutant: Mutant, folder: Path = ROOT) -> int:
    """How often what is to be replaced stands in its file."""
    path = folder / mutant.file
    return path.read_text(encoding="utf-8").count(mutant.old) if path.exists() else 0


@contextmanager
def made(mutant: Mutant, folder: Path) -> Iterator[None]:
    """The fault, while it lasts."""
    path = folder / mutant.file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(text, encoding="utf-8")


def try_mutant(mutant: Mutant, folder: Path) -> str:
    """What became of it, in a word or two; code that only breaks is no fault that a test has to find."""
    if (places := count_places(mutant, folder)) != 1:
        return f"STALE: its text stands {places} times in {mutant.file}"
    with made(mutant, folder):
        ended = run_tests(folder, [mutant.tests])
    if ended.returncode not in (PASSED, FAILED) or any(slip in ended.stdout for slip in SLIPS):
        return f"BROKEN: {ended.stdout[-300:]}"
    return "SURVIVED" if ended.returncode == PASSED else "caught"


def try_all(mutants: Sequence[Mutant], folders: Sequence[Path]) -> Iterator[tuple[Mutant, str]]:
    """In the order given, one at a time in each copy."""
    free: SimpleQueue[Path] = SimpleQueue()
    for folder in folders:
        free.put(folder)

    def of_one(mutant: Mutant) -> str:
        folder = free.get()
        try:
            return try_mutant(mutant, folder)
        finally:
            free.put(folder)

    with ThreadPoolExecutor(len(folders)) as executor:
        yield from zip(mutants, executor.map(of_one, mutants), strict=True)


def main(names: Sequence[str]) -> int:
    if unknown := set(names) - {mutant.name for mutant in MUTANTS}:
        print(f"no mutant is called {', '.join(sorted(unknown))}; they stand in tests/mutants.py")
        return 2
    chosen = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    with tempfile.TemporaryDirectory() as parent:
        folders = [copy_checkout(Path(tempfile.mkdtemp(dir=parent))) for _ in range(PROCESSES)]
        unchanged = run_tests(folders[0], sorted({mutant.tests for mutant in chosen}))
        if unchanged.returncode != PASSED:
            print(f"the tests fail without any fault:\n{unchanged.stdout}")
            return 1
        outcomes = []
        for mutant, outcome in try_all(chosen, folders):
            outcomes.append(outcome)
            print(f"{mutant.name}: {outcome}", flush=True)
    caught = outcomes.count("caught")
    print(f"{caught} of {len(chosen)} caught")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
