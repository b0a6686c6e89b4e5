"""The list of faults is of the code as it stands; `nox -s mutants` makes them."""

import ast

import pytest

from tests.mutants import MUTANTS, Mutant
from tests.mutating import ROOT, count_places


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_an_edit_is_of_one_place_and_its_tests_exist(mutant: Mutant) -> None:
    """Where code has moved: change the file or the text in tests/mutants.py."""
    assert count_places(mutant) == 1, f"{mutant.name}: {mutant.file} has its text {count_places(mutant)} times"
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    ast.parse(text.replace(mutant.old, mutant.new))
    file, _, name = mutant.tests.partition("::")
    assert f"def {name}" in (ROOT / file).read_text(encoding="utf-8")


def test_no_two_faults_share_a_name() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
