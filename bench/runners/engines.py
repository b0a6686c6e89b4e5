"""The engines by their names."""

from bench.errors import BenchError
from bench.runners.job import Engine
from bench.runners.local import decode_here

NAMES = ("local", "ray")


def make_engine(name: str, address: str | None) -> Engine:
    """`address`: of a Ray cluster. Raises BenchError for another name, and where Ray is asked for and not installed."""
    if name not in NAMES:
        raise BenchError(f"--engine {name}: {' or '.join(NAMES)}")
    if name == "local":
        if address is not None:
            raise BenchError("--address belongs to --engine ray")
        return decode_here
    from bench.runners.ray_engine import RayEngine

    return RayEngine(address)
