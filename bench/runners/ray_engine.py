"""The Ray engine: workers on a cluster hold the models, and this process hands them blocks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from bench.errors import BenchError
from bench.io.remote import Remote
from bench.runners.job import Job
from bench.runners.ray_cluster import load_ray, ray_cluster
from bench.runners.ray_crew import Crew
from bench.runners.ray_worker import Order
from bench.runners.spending import Measured
from bench.store import Store


@dataclass(frozen=True)
class RayEngine:
    """`address` of a cluster; else that of RAY_ADDRESS, else one of this machine alone is started and ended."""

    address: str | None = None

    def __post_init__(self) -> None:
        """Raises BenchError where Ray is not installed."""
        load_ray()

    def __call__(self, job: Job) -> tuple[int, float, Measured]:
        """Closes the job's gaps; what workers measure stays with them. Raises BenchError."""
        if isinstance(job.store.folder, Remote) and job.store.folder.url.startswith("memory:"):
            raise BenchError(f"{job.store.folder}: is this process's alone; give a place that every worker sees")
        with ray_cluster(self.address), job.begun() as share:
            return *Crew(job, share, _order_of(job), _needs_of(job)).work(), Measured()


def _order_of(job: Job) -> Order:
    work, folder = job.work, job.store.folder
    store = Store(folder.absolute()) if isinstance(folder, Path) else job.store
    corpus = replace(work.corpus, utterances={}, rejected={}, notes=())
    return Order(
        work.suite,
        store,
        {arm.id: (arm.source.fingerprint, arm.settings) for arm in job.arms},
        replace(work.conditions, corpus=corpus),
        frozenset(gap.block.condition for gap in job.missing),
        torch.get_num_threads(),
        str(Path.cwd()),
    )


def _needs_of(job: Job) -> dict[str, int]:
    """Of one worker: a GPU where the suite decodes on one, else as many cores as this process would decode with."""
    on_gpu = job.work.suite.decode.device == "cuda"
    return {"CPU": 1, "GPU": 1} if on_gpu else {"CPU": torch.get_num_threads()}
