"""The arms that a run decodes: those it was asked for, where this environment is the one they want."""

from collections.abc import Sequence
from importlib.metadata import version

from packaging.specifiers import SpecifierSet

from bench.errors import BenchError
from bench.suite import ArmSpec, Suite

CARD = "4.46.3"
"""The version that the published model asks for."""


def choose_arms(suite: Suite, arm_names: Sequence[str]) -> list[ArmSpec]:
    """The arms named, by name (all training seeds) or by id; all that fit here if none is named.

    Raises BenchError for an unknown arm, and where one that is named, or every one, wants another environment.
    """
    asked = suite.named(arm_names)
    fitting = [arm for arm in asked if fits_here(arm)]
    if (arm_names and len(fitting) < len(asked)) or not fitting:
        arm = next(arm for arm in asked if not fits_here(arm))
        made = " (`nox -s bench-tiny-card` makes one)" if suits(arm, CARD) else ""
        raise BenchError(
            f"arm {arm.id} is to be decoded with transformers {arm.transformers}, here is {version('transformers')}; "
            f"run it in an environment that has it{made}"
        )
    return fitting


def fits_here(arm: ArmSpec) -> bool:
    """Whether this environment has the transformers that the arm wants, if it wants any."""
    return suits(arm, version("transformers"))


def suits(arm: ArmSpec, transformers: str | None) -> bool:
    """Whether the arm may be decoded with that version."""
    return arm.transformers is None or (transformers or "") in SpecifierSet(arm.transformers)
