"""`bench recover`: every control of a suite and its converted arms through identical fine-tuning."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from hashlib import blake2b
from importlib.metadata import version
from json import dumps
from pathlib import Path
from typing import Any

from bench import __version__
from bench.arms import Arm, ArmSource, find_arm, hash_weights, load_arm, save_model
from bench.errors import BenchError
from bench.recovery.checkpoint import Checkpoint, Losses
from bench.recovery.clips import TrainingClips, make_batch
from bench.recovery.record import RECORD, read_record, write_losses
from bench.recovery.session import OnStep, train
from bench.recovery.training import Batch, FineTuning
from bench.suite import ArmSpec, DecodeSpec, RecoverySpec, Suite


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

    Raises BenchError where a converted arm has a start and its control none: they would not be trained identically.
    """
    groups = []
    for control in suite.arms:
        if control.control is not None:
            continue
        arms = tuple(arm for arm in suite.arms if arm.start and suite.control_of(arm) == control)
        if arms and not control.start:
            raise BenchError(f"arm {arms[0].id} has a start and its control {control.id} has none; give it one too")
        if control.start:
            groups.append(Group(suite.seed if control.seed is None else control.seed, (control, *arms)))
    if not groups:
        raise BenchError("no arm has a start: say, as start of an arm, which other arm its training begins with")
    return groups


def recover_group(
    suite: Suite, recovery: RecoverySpec, group: Group, clips: TrainingClips, steps: AbstractContextManager[OnStep]
) -> list[Recovered]:
    """Trains what is not trained yet, and writes every arm's folder; `steps` shows each step's losses meanwhile.

    Raises BenchError naming the arm, clip or folder that stands in the way.
    """
    settings = fine_tuning_of(recovery)
    starts = {arm.id: _start_of(suite, arm) for arm in group.arms}
    about = _describe(recovery, settings, group, clips, starts)
    records = {arm.id: read_record(Path(arm.model), about["key"]) for arm in group.arms}
    if all(records.values()):
        return [_recovered(arm, record["losses"], found=True) for arm in group.arms if (record := records[arm.id])]
    float32 = DecodeSpec(device=suite.decode.device, max_new_tokens=1)
    arms = {name: load_arm(source, float32, suite.languages) for name, source in starts.items()}
    first = arms[group.control.id]
    teacher = load_arm(first.source, float32, suite.languages).model if settings.loss == "distill" else None
    folder = Path(group.control.model)
    checkpoint = Checkpoint(folder.with_name(f"{folder.name}.recovery.pt"), about["key"], recovery.checkpoint_steps)
    encoder = hash_weights(first.model.get_encoder())
    models = {name: arm.model for name, arm in arms.items()}

    def batch_of(step: int) -> Batch:
        return make_batch(first, clips.of_step(step, recovery.batch, group.seed))

    with steps as on_step:
        losses = train(models, batch_of, settings, group.seed, checkpoint, teacher, on_step)
    for arm in group.arms:
        if not records[arm.id]:
            _write(arm, arms[arm.id], about, losses, encoder)
    checkpoint.remove()
    return [_recovered(arm, _ends(losses[arm.id]), found=False) for arm in group.arms]


def fine_tuning_of(recovery: RecoverySpec) -> FineTuning:
    """A suite's section as settings; a tenth of the steps warm up if it does not say."""
    warmup = recovery.steps // 10 if recovery.warmup_steps is None else recovery.warmup_steps
    return FineTuning(recovery.steps, recovery.learning_rate, warmup, recovery.loss, recovery.dtype)


def _start_of(suite: Suite, arm: ArmSpec) -> ArmSource:
    start = suite.start_of(arm)
    if start is None:
        raise ValueError(f"{arm.id} has no start")
    return find_arm(start, suite.files_of(start))


def _describe(
    recovery: RecoverySpec,
    settings: FineTuning,
    group: Group,
    clips: TrainingClips,
    starts: Mapping[str, ArmSource],
) -> dict[str, Any]:
    """Everything that the weights depend on, and a key made of it."""
    about = {
        "bench": __version__,
        "clips": {"corpus": clips.name, "count": len(clips.utterances), "fingerprint": clips.fingerprint},
        "settings": asdict(settings) | {"batch": recovery.batch, "seed": group.seed},
        "starts": {name: source.fingerprint for name, source in starts.items()},
        "versions": {name: version(name) for name in ("torch", "transformers")},
    }
    return about | {"key": blake2b(dumps(about, sort_keys=True).encode(), digest_size=8).hexdigest()}


def _write(arm: ArmSpec, trained: Arm, about: Mapping[str, Any], losses: Losses, encoder: str) -> None:
    """The folder whole, with its record, and the losses beside it."""
    after = hash_weights(trained.model.get_encoder())
    record = {
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
