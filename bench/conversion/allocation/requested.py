"""From what was asked, a cut or a loss, to an allocation; and the curves kept, so that the next one is quick."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from statistics import median_low
from typing import Any

from bench.arms import Arm
from bench.conversion.allocation.allocating import Allocation, Allocator, list_sites
from bench.conversion.allocation.curves import Curve, grid_of
from bench.conversion.allocation.programming import STEPS, Prices
from bench.conversion.allocation.sites import Site
from bench.conversion.watching import Watch
from bench.conversion_request import ConversionRequest
from bench.errors import BenchError
from bench.io.files import write_atomically, write_text
from bench.mla.moments import Taught


@dataclass(frozen=True, eq=False)
class Budgeting:
    """An allocator, and what the request's shares are shares of.

    `prices`: of a transcript as long as was asked, or the median of the calibration clips; `whole`: values that the
    stock model caches of the modules at those prices.
    """

    allocator: Allocator
    prices: Prices
    whole: int

    @classmethod
    def of(
        cls, arm: Arm, request: ConversionRequest, batches: Sequence[Taught], kept_in: Path | None, watch: Watch
    ) -> Budgeting:
        """Probes the arm's model; curves are read from the folder `kept_in`, or written there.

        Raises BenchError where there are too few clips.
        """
        config, layers = arm.model.config, len(arm.model.model.decoder.layers)
        sites = list_sites(layers, request.modules, request.share_cross)
        tokens = request.tokens or median_low([taught.ids.shape[1] for taught in batches])
        prices = Prices(tokens, config.max_source_positions)
        whole = sum(layers * 2 * config.d_model * prices.of(Site(module, None)) for module in request.modules)
        file = None if kept_in is None else kept_in / f"curves-{_key(arm, request, sites, batches)}.json"
        known = None if file is None else _read(file, sites, grid_of(config.d_model))
        prompt = arm.vocabulary.prompt_tokens
        allocator = Allocator(arm.model, sites, request.init, batches, prompt, known, watch)
        if file is not None and known is None:
            _write(file, allocator.curves)
        return cls(allocator, prices, whole)

    def for_cut(self, cut: float) -> Allocation:
        """Of 1 - `cut` of what the stock model caches. Raises BenchError where that is less than a value a latent."""
        return self.allocator.for_budget(self.prices, round(self.whole * (1 - cut)))

    def for_loss(self, most: float, near: Allocation | None = None) -> Allocation:
        """The least that stays at or below so many nats a token. Raises BenchError where nothing does.

        `near`: what was found for another loss.
        """
        sites, width = self.allocator.sites.order, self.allocator.sites.width
        total = self.prices.total(dict.fromkeys(sites, width))
        step = max(1, width // STEPS) * min(self.prices.of(site) for site in sites)
        return self.allocator.for_loss(self.prices, most, total, step, near)


def _key(arm: Arm, request: ConversionRequest, sites: Sequence[Site], batches: Sequence[Taught]) -> str:
    """Of all that the curves depend on."""
    digest = blake2b(f"{arm.source.fingerprint} {request.init} {sites} {arm.model.dtype}".encode(), digest_size=6)
    for taught in batches:
        digest.update(taught.language.encode())
        for tensor in (taught.states, taught.ids):
            digest.update(tensor.contiguous().cpu().numpy().tobytes())
    return digest.hexdigest()


def _read(file: Path, sites: Sequence[Site], ranks: Sequence[int]) -> tuple[Curve, ...] | None:
    """None where there are none yet. Raises BenchError for a file that holds something else."""
    if not file.is_file():
        return None
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        curves = tuple(
            Curve(Site(**each["site"]), int(each["width"]), tuple(each["ranks"]), tuple(map(float, each["nats"])))
            for each in found
        )
    except (ValueError, KeyError, TypeError):
        curves = ()
    if [curve.site for curve in curves] != list(sites) or any(curve.ranks != tuple(ranks) for curve in curves):
        raise BenchError(f"{file}: does not hold the curves it is named after; delete it")
    return curves


def _write(file: Path, curves: Sequence[Curve]) -> None:
    write_atomically(file, partial(write_text, json.dumps([asdict(curve) for curve in curves])))


def describe(allocation: Allocation) -> dict[str, Any]:
    """As it is recorded beside a converted model."""
    alone = {curve.site: curve for curve in allocation.curves}
    return {
        "prices": asdict(allocation.prices),
        "budget": allocation.budget,
        "divergence": allocation.nats,
        "sites": [
            asdict(site) | {"rank": rank, "alone": float(alone[site].at([rank])[0])} for site, rank in allocation.ranks
        ],
        "curves": [asdict(curve) for curve in allocation.curves],
    }
