"""`bench recover`: a control and its converted arms through identical fine-tuning, and what is written of them."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from hashlib import blake2b
from importlib.metadata import version
from json import dumps
from pathlib import Path
from typing import Any

from bench.arms import Arm, ArmSource, find_arm, hash_weights, load_arm, save_model
from bench.corpora import require_within
from bench.features import window_samples
from bench.io.files import require_writable
from bench.recovery.checkpoint import Checkpoint, Losses
from bench.recovery.clips import TrainingClips, make_batch
from bench.recovery.groups import Group
from bench.recovery.record import RECORD, read_record, write_losses
from bench.recovery.session import OnStep, train
from bench.recovery.states import KeptStates, remove_states
from bench.recovery.training import Batch, FineTuning
from bench.suite import ArmSpec, DecodeSpec, RecoverySpec, Suite
from bench.version import __version__


@dataclass(frozen=True)
class Recovered:
    """An arm's folder and the first and last losses of its training; `found` if it had been trained before."""

    arm: str
    folder: Path
    first: float
    last: float
    found: bool


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
    require_within(window_samples(first.extractor), clips.utterances, "take them out of the training list")
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
