"""A Ray cluster for as long as it is needed: one that is there, or one of this machine's own."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from typing import Any

from bench.errors import BenchError

OBJECTS = 2**27
"""Bytes that a cluster of this run's own sets aside for what is handed over."""


@contextmanager
def ray_cluster(address: str | None) -> Iterator[None]:
    """Connected from the root folder, so that no module of the working folder comes before the installed ones."""
    ray = load_ray()
    address = address or os.environ.get("RAY_ADDRESS")
    own = {"address": "local", "include_dashboard": False, "object_store_memory": OBJECTS}
    main, before = threading.current_thread() is threading.main_thread(), signal.getsignal(signal.SIGTERM)
    try:
        with chdir(os.sep):
            ray.init(**({"address": address} if address else own), log_to_driver=False, logging_level="error")
    except (ConnectionError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
        reason = " ".join(str(error).split())[:200]
        raise BenchError(f"ray: {address or 'this machine'}: no cluster: {reason}; see --address") from None
    finally:
        if main:  # where Ray puts a handler of its own
            signal.signal(signal.SIGTERM, before)
    try:
        yield
    finally:
        ray.shutdown()


def load_ray() -> Any:
    """Asked not to report its use to its makers. Raises BenchError where it is not installed."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.exceptions
    except ImportError:
        raise BenchError("--engine ray: Ray is not installed; pip install 'whisper-mla-bench[ray]'") from None
    return ray
