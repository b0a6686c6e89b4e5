"""The arms that a run decodes: those it was asked for, where this environment is the one they want."""

from collections.abc import Sequence
from importlib.metadata import version

from packaging.specifiers import SpecifierSet

from bench.errors import BenchError
from bench.suite import ArmSpec, Suite


def choose_arms(suite: Suite, arm_names: Sequence[str]) -> list[ArmSpec]:
    """The arms named, by name (all training seeds) or by id; all that fit here if none is named.

    Raises BenchError for an unknown arm, and where one that is named, or every one, wants another environment.
    """
    known = {name for arm in suite.arms for name in (arm.name, arm.id)}
    if unknown := sorted(set(arm_names) - known):
        raise BenchError(f"--arm {unknown[0]}: the suite's arms are {', '.join(arm.id for arm in suite.arms)}")
    asked = [arm for arm in suite.arms if not arm_names or {arm.name, arm.id} & set(arm_names)]
    fitting = [arm for arm in asked if fits_here(arm)]
    if (arm_names and len(fitting) < len(asked)) or not fitting:
        arm = next(arm for arm in asked if not fits_here(arm))
        raise BenchError(
            f"arm {arm.id} is to be decoded with transformers {arm.transformers}, here is {version('transformers')}; "
            "run it in an environment that has it (`nox -s bench-tiny-card` makes the one of 4.46.3)"
        )
    return fitting


def fits_here(arm: ArmSpec) -> bool:
    """Whether this environment has the transformers that the arm wants, if it wants any."""
    return arm.transformers is None or version("transformers") in SpecifierSet(arm.transformers)
