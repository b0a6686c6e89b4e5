"""Where a recovery stands: written now and then, read when it goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from bench.errors import BenchError
from bench.io.files import write_atomically
from bench.recovery.training import Trainee

Losses = dict[str, list[float]]


@dataclass(frozen=True)
class Checkpoint:
    """Written `every` so many steps. A file that is there is whole; `key` is of all that determines the training."""

    path: Path
    key: str
    every: int

    def save(self, step: int, losses: Losses, trainees: Mapping[str, Trainee]) -> None:
        """After `step` steps."""
        arms = {name: trainee.state() for name, trainee in trainees.items()}
        content = {"key": self.key, "step": step, "losses": losses, "arms": arms}
        write_atomically(self.path, partial(_save, content))

    def restore(self, trainees: Mapping[str, Trainee]) -> tuple[int, Losses]:
        """Brings arms to where they were; the steps done, and the losses of all arms that were trained until then.

        Nothing done if there is none. Raises BenchError where the file is damaged, or belongs to another training.
        """
        if not self.path.exists():
            return 0, {name: [] for name in trainees}
        try:
            content: dict[str, Any] = torch.load(self.path, map_location="cpu", weights_only=True)
            if content["key"] != self.key:
                raise BenchError(
                    f"{self.path}: a checkpoint of other clips, models or settings; remove it to start anew"
                )
            for name, trainee in trainees.items():
                trainee.restore(content["arms"][name])
            return int(content["step"]), {name: list(losses) for name, losses in content["losses"].items()}
        except BenchError:
            raise
        except Exception:  # noqa: BLE001 -- zip, pickle, torch and its optimisers each complain in their own way
            raise BenchError(f"{self.path} is damaged; remove it to start anew") from None

    def remove(self) -> None:
        """Once the models are written."""
        self.path.unlink(missing_ok=True)


def _save(content: Mapping[str, Any], path: Path) -> None:
    """Raises OSError as any other writer does: torch says of a full disk only that it is not where it should be."""
    try:
        with path.open("wb") as file:
            torch.save(content, file)
    except RuntimeError as error:
        found = error.__context__
        raise found if isinstance(found, OSError) else OSError("not all of it could be written") from None
