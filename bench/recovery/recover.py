"""`bench recover`: every control of a suite and its converted arms through identical fine-tuning."""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from hashlib import blake2b
from importlib.metadata import version
from json import dumps
from pathlib import Path
from typing import Any

from bench.arms import DEMO, Arm, ArmSource, find_arm, hash_weights, load_arm, save_model
from bench.errors import BenchError
from bench.io.files import require_writable
from bench.recovery.checkpoint import Checkpoint, Losses
from bench.recovery.clips import TrainingClips, make_batch
from bench.recovery.record import RECORD, read_record, write_losses
from bench.recovery.session import OnStep, train
from bench.recovery.states import KeptStates, remove_states
from bench.recovery.training import Batch, FineTuning
from bench.suite import TRANSFORMERS, ArmSpec, DecodeSpec, RecoverySpec, Suite
from bench.version import __version__


@dataclass(frozen=True)
class Group:
    """A control and the arms that are compared with it, to be trained with one seed; the control comes first."""

    seed: int
    arms: tuple[ArmSpec, ...]

    @property
    def control(self) -> ArmSpec:
        return self.arms[0]


@dataclass(frozen=True)
class Recovered:
    """An arm's folder and the first and last losses of its training; `found` if it had been trained before."""

    arm: str
    folder: Path
    first: float
    last: float
    found: bool


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


def recover_group(
    suite: Suite, recovery: RecoverySpec, group: Group, clips: TrainingClips, steps: AbstractContextManager[OnStep]
) -> list[Recovered]:
    """Trains what is not trained yet, and writes every arm's folder; `steps` shows each step's losses meanwhile.

    Raises BenchError naming the arm, clip or folder that stands in the way.
    """
    settings = fine_tuning_of(recovery)
    sources = {arm.id: _start_of(suite, arm) for arm in group.arms}
    teacher_source = sources[group.control.id] if settings.loss == "distill" else None
    about = {
        arm.id: _describe(suite, recovery, group, clips, arm, sources[arm.id], teacher_source) for arm in group.arms
    }
    records = {arm.id: read_record(Path(arm.model), about[arm.id]) for arm in group.arms}
    missing = [arm for arm in group.arms if not records[arm.id]]
    folder = Path(group.control.model)
    key = "+".join(f"{arm.id}={about[arm.id]['key']}" for arm in group.arms)
    checkpoint = Checkpoint(folder.with_name(f"{folder.name}.recovery.pt"), key, recovery.checkpoint_steps)
    states = folder.with_name(f"{folder.name}.recovery.states")
    found = [_recovered(arm, record["losses"], found=True) for arm in group.arms if (record := records[arm.id])]
    if not missing:
        checkpoint.remove()
        remove_states(states)
        return found
    for arm in missing:
        require_writable(Path(arm.model).parent)
    float32 = DecodeSpec(device=suite.decode.device, max_new_tokens=1)
    arms = {str(arm.id): load_arm(sources[arm.id], float32, suite.languages) for arm in missing}
    first = arms[missing[0].id]
    teacher = None if teacher_source is None else load_arm(teacher_source, float32, suite.languages).model
    encoder = hash_weights(first.model.get_encoder())
    models = {name: arm.model for name, arm in arms.items()}

    config = first.model.config
    shape = (len(clips.utterances), config.max_source_positions, config.d_model)
    kept = KeptStates.open(states, key, shape)

    def batch_of(step: int) -> Batch:
        return make_batch(first, clips, clips.of_step(step, recovery.batch, group.seed))

    with steps as on_step:
        losses = train(models, batch_of, settings, group.seed, checkpoint, teacher, on_step, kept)
    whole = {str(arm.id): losses[arm.id] for arm in group.arms if len(losses.get(arm.id, ())) == recovery.steps}
    for arm in missing:
        _write(arm, arms[arm.id], about[arm.id], whole, encoder)
    checkpoint.remove()
    remove_states(states)
    return [*found, *(_recovered(arm, _ends(losses[arm.id]), found=False) for arm in missing)]


def fine_tuning_of(recovery: RecoverySpec) -> FineTuning:
    """A suite's section as settings; a tenth of the steps warm up if it does not say."""
    warmup = recovery.steps // 10 if recovery.warmup_steps is None else recovery.warmup_steps
    return FineTuning(recovery.steps, recovery.learning_rate, warmup, recovery.loss, recovery.dtype)


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


def _start_of(suite: Suite, arm: ArmSpec) -> ArmSource:
    start = suite.start_of(arm)
    if start is None:
        raise ValueError(f"{arm.id} has no start")
    return find_arm(start, suite.files_of(start))


def _describe(
    suite: Suite,
    recovery: RecoverySpec,
    group: Group,
    clips: TrainingClips,
    arm: ArmSpec,
    start: ArmSource,
    teacher: ArmSource | None,
) -> dict[str, Any]:
    """Everything that an arm's weights depend on, and a key made of it; other arms are none of it."""
    about = {
        "arm": arm.id,
        "clips": {"corpus": clips.name, "count": len(clips.utterances), "fingerprint": clips.fingerprint},
        "settings": asdict(fine_tuning_of(recovery)) | {"batch": recovery.batch, "seed": group.seed},
        "start": start.fingerprint,
        "teacher": None if teacher is None else teacher.fingerprint,
        "runtime": {name: version(name) for name in ("torch", "transformers")} | {"device": suite.decode.device},
    }
    return about | {"key": blake2b(dumps(about, sort_keys=True).encode(), digest_size=8).hexdigest()}


def _write(arm: ArmSpec, trained: Arm, about: Mapping[str, Any], losses: Losses, encoder: str) -> None:
    """The folder whole, with its record, and the losses beside it."""
    after = hash_weights(trained.model.get_encoder())
    record = {
        "bench": __version__,
        **about,
        "losses": _ends(losses[arm.id]),
        "encoder": {"before": encoder, "after": after},
    }
    save_model(
        trained.model,
        trained.source,
        Path(arm.model),
        {RECORD: record},
        lambda folder: write_losses(folder, arm.id, losses),
    )


def _ends(losses: list[float]) -> dict[str, float]:
    return {"first": losses[0], "last": losses[-1]}


def _recovered(arm: ArmSpec, losses: Mapping[str, float], found: bool) -> Recovered:
    return Recovered(arm.id, Path(arm.model), losses["first"], losses["last"], found)
