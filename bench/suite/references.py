"""How the arms of a suite refer to one another: to a control, to the arm they are made of, to where training began."""

from collections.abc import Iterable, Sequence

from bench.suite.arms import ArmSpec
from bench.suite.recognisers import TRANSFORMERS


def control_of(arms: Sequence[ArmSpec], arm: ArmSpec) -> ArmSpec | None:
    """The control of the same training seed, or the one that has no seed; None for a control."""
    return _of_its_seed(arm, (other for other in arms if other.control is None and other.name == arm.control))


def files_of(arms: Sequence[ArmSpec], arm: ArmSpec) -> ArmSpec:
    """The arm whose files it is loaded from: itself, or the one that it is a conversion of.

    That is the one of the same training seed, or the one that has no seed. Raises ValueError if there is none.
    """
    if arm.origin is None:
        return arm
    with_files = [other for other in arms if other.origin is None]
    origin = _of_its_seed(arm, (other for other in with_files if other.name == arm.origin))
    if origin is None:
        names = sorted({other.name for other in with_files})
        raise ValueError(f"arms: {arm.id} is to be {arm.model}; the arms with a model are {names}")
    if origin.runner != TRANSFORMERS:
        raise ValueError(
            f"arms: {arm.id} is to be {arm.model}; a conversion is of a transformers model, and {origin.id} has "
            f'runner = "{origin.runner}"'
        )
    if arm.revision or arm.trust_remote_code or arm.allow_pickle:
        raise ValueError(f"arms: {arm.id} has no files; set revision and consents where {origin.id} stands")
    return origin


def start_of(arms: Sequence[ArmSpec], arm: ArmSpec) -> ArmSpec | None:
    """The arm that its training began with: of its training seed, or the one that has no seed; None if not said.

    Raises ValueError if there is none of that name.
    """
    if arm.start is None:
        return None
    start = _of_its_seed(arm, (other for other in arms if other.name == arm.start and other.name != arm.name))
    if start is None:
        raise ValueError(f"arms: {arm.id} names start {arm.start!r}; it must be another arm of the suite")
    if arm.origin is not None:
        raise ValueError(f"arms: {arm.id} is a conversion as it stands, so it cannot have a start")
    if start.runner != TRANSFORMERS:
        raise ValueError(f'arms: {arm.id} cannot be trained from {start.id}, which has runner = "{start.runner}"')
    if start.start == arm.name:
        raise ValueError(f"arms: {arm.id} and {start.id} are each other's start")
    return start


def _of_its_seed(arm: ArmSpec, named: Iterable[ArmSpec]) -> ArmSpec | None:
    by_seed = {other.seed: other for other in named}
    return by_seed.get(arm.seed, by_seed.get(None))
