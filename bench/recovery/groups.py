"""Which arms of a suite are to be trained together, and which are not trained although their control is."""

import re
from dataclasses import dataclass

from bench.errors import BenchError
from bench.model_folders import DEMO
from bench.suite import TRANSFORMERS, ArmSpec, Suite


@dataclass(frozen=True)
class Group:
    """A control and the arms that are compared with it, to be trained with one seed; the control comes first."""

    seed: int
    arms: tuple[ArmSpec, ...]

    @property
    def control(self) -> ArmSpec:
        return self.arms[0]


def groups_of(suite: Suite) -> list[Group]:
    """All that are to be trained.

    Raises BenchError where a converted arm has a start and its control none, or another seed: they would not be trained
    identically; and where two arms are to be written to one place, or to none.
    """
    _require_folders(suite)
    groups = []
    for control in suite.arms:
        if control.control is not None:
            continue
        arms = tuple(arm for arm in suite.arms if arm.start and suite.control_of(arm) == control)
        if arms and not control.start:
            raise BenchError(f"arm {arms[0].id} has a start and its control {control.id} has none; give it one too")
        if others := [arm for arm in arms if arm.seed != control.seed]:
            raise BenchError(
                f"arm {others[0].id} and its control {control.id} have different seeds, so they would not be trained "
                "identically; give the control that seed too"
            )
        if control.start:
            groups.append(Group(suite.seed if control.seed is None else control.seed, (control, *arms)))
    if not groups:
        raise BenchError("no arm has a start: say, as start of an arm, which other arm its training begins with")
    return groups


def list_untrained(suite: Suite) -> list[str]:
    """Converted arms with files of their own whose control is trained and they are not: their costs mix the two."""
    return [
        f"arm {arm.id} {_why_untrained(arm)}, so it is not trained, and its control {control.id} is"
        for arm in suite.arms
        if (control := suite.control_of(arm)) is not None
        and control.start
        and not arm.start
        and arm.origin is None
        and arm.model != control.model
    ]


def _why_untrained(arm: ArmSpec) -> str:
    return "has no start" if arm.runner == TRANSFORMERS else f'has runner = "{arm.runner}"'


def _require_folders(suite: Suite) -> None:
    """Every trained arm has a folder of its own."""
    folders: dict[str, str] = {}
    for arm in suite.arms:
        if arm.start and arm.model.startswith(DEMO):
            raise BenchError(f"arm {arm.id}: {arm.model} is part of the package; name a folder as model to train into")
        if arm.start and (unset := re.search(r"\$\{?\w+\}?", arm.model)):
            raise BenchError(f"arm {arm.id}: {unset.group()} is not set; export it: the folder to train into")
        if arm.start and arm.model in folders:
            raise BenchError(f"arms {folders[arm.model]} and {arm.id} have one model folder {arm.model}; name two")
        folders[arm.model] = arm.id
