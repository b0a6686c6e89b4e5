"""Widths by budget: the split against enumeration, cuts against conversions, what reaches a layer."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.conversion.allocation.allocating import Allocator, list_sites, shapes_of, split
from bench.conversion.allocation.behind import convert_behind
from bench.conversion.allocation.curves import Curve, grid_of
from bench.conversion.allocation.exchange import exchange, moved_to
from bench.conversion.allocation.probing import probe
from bench.conversion.allocation.programming import Prices, allocate
from bench.conversion.allocation.sites import Site, Sites
from bench.conversion.damage import divergence
from bench.conversion.watching import unwatched
from bench.errors import BenchError
from bench.mla.convert import convert
from bench.mla.moments import Taught, collect_moments
from bench.mla.shapes import EXACT, LatentShape
from tests.two_runtimes.models import FRAMES, LAYERS, VOCABULARY, WIDTH, logits, make_inputs, make_model

PROMPT = 3
PRICES = Prices(tokens=2, frames=9)


def taught(language: str, seed: int, tokens: int = 12) -> Taught:
    generator = torch.Generator().manual_seed(seed)
    states = torch.randn(1, FRAMES, WIDTH, generator=generator)
    return Taught(states, torch.randint(4, VOCABULARY, (1, tokens), generator=generator), language)


def clips(count: int = 4) -> list[Taught]:
    return [taught(language, 10 * number + seed) for number, language in enumerate("ab") for seed in range(count)]


nats = st.lists(st.floats(1e-6, 10), min_size=3, max_size=3)


@settings(max_examples=60, deadline=None)
@given(curves=st.lists(nats, min_size=2, max_size=3), cross=nats, budget=st.integers(10, 400))
def test_the_split_is_the_best_of_all(curves: list[list[float]], cross: list[float], budget: int) -> None:
    """Against trying every combination, with sites of two prices."""
    width = 8
    made = [Curve(Site("self", layer), width, (1, 2, 4), tuple(found)) for layer, found in enumerate(curves)]
    made.append(Curve(Site("cross", None), width, (1, 2, 4), tuple(cross)))
    damage = {curve.site: curve.at(range(1, width + 1)) for curve in made}

    def added(ranks: dict[Site, int]) -> float:
        return float(sum(damage[site][rank - 1] for site, rank in ranks.items()))

    whole = [dict(zip(damage, ranks, strict=True)) for ranks in product(range(1, width + 1), repeat=len(made))]
    payable = [added(ranks) for ranks in whole if PRICES.total(ranks) <= budget]
    found = allocate(made, PRICES, budget)
    assert (found is None) == (not payable)
    if found is not None:
        assert PRICES.total(found) <= budget
        assert added(found) == pytest.approx(min(payable))


def test_curves_run_through_what_was_measured_and_never_rise() -> None:
    curve = Curve(Site("self", 0), 16, (2, 4, 8), (1.0, 0.01, 0.02))
    assert curve.at([2, 3, 4]) == pytest.approx([1.0, 0.1, 0.01])
    everywhere = curve.at(range(1, 17))
    assert (np.diff(everywhere) <= 0).all()
    assert everywhere[-1] == 0
    assert everywhere[0] == pytest.approx(10.0)
    assert grid_of(512)[:3] == (8, 16, 32)
    assert grid_of(6)[0] == 1


def test_a_cut_is_what_conversion_would_make() -> None:
    """And leaves the model as it was."""
    model, batches = make_model(), clips()
    moments = collect_moments(model, batches, ("self", "cross"))
    sites = Sites(model, list_sites(LAYERS, ("self", "cross"), share_cross=True), "balanced", moments)
    before = logits(model, make_inputs())
    cuts = [
        {Site("self", 0): 5, Site("self", 1): 30},
        {Site("cross", None): 11},
        {Site("self", 1): 7, Site("cross", None): 20},
    ]
    found = probe(sites, batches, cuts, PROMPT, lambda _: None)
    for cut, measured in zip(cuts, found, strict=True):
        whole = dict.fromkeys(sites.order, WIDTH) | cut
        shapes = {module: shape for module, shape in shapes_of(whole, WIDTH).items() if shape != EXACT}
        converted = convert(model, shapes, "balanced", {module: moments[module] for module in shapes})
        assert measured == pytest.approx(divergence(model, converted, batches, PROMPT), rel=1e-3)
    assert torch.equal(logits(model, make_inputs()), before)


def test_whole_widths_cost_nothing() -> None:
    model, batches = make_model(), clips()
    sites = Sites(model, list_sites(LAYERS, ("self",), False), "balanced", collect_moments(model, batches))
    (nats,) = probe(sites, batches, [dict.fromkeys(sites.order, WIDTH)], PROMPT, lambda _: None)
    assert nats == pytest.approx(0, abs=1e-9)


def test_an_exchange_never_worsens_and_keeps_to_the_budget() -> None:
    """With damage that does not add up: pairs of sites hurt each other."""
    a, b, c = (Site("self", layer) for layer in range(3))

    def measure(allocations: list[dict[Site, int]]) -> list[float]:
        return [1 / ranks[a] + 4 / ranks[b] + 9 / ranks[c] + 8 / (ranks[a] * ranks[b]) for ranks in allocations]

    start, prices = {a: 30, b: 30, c: 30}, Prices(1, 1)
    ranks, nats = exchange(start, 64, prices, 90, measure)  # type: ignore[arg-type]
    assert prices.total(ranks) <= 90
    assert nats == measure([ranks])[0] < measure([start])[0]
    assert ranks[a] < ranks[b] < ranks[c]


@given(ranks=st.tuples(*[st.integers(1, WIDTH)] * LAYERS), budget=st.integers(LAYERS, LAYERS * WIDTH))
def test_what_was_exchanged_moves_to_another_budget(ranks: tuple[int, ...], budget: int) -> None:
    """Step by step where a value hurts least, so that less remains only than another step would take."""
    curves = [Curve(Site("self", layer), WIDTH, (6, 24), (2.0**layer, 0.1)) for layer in range(LAYERS)]
    start = {curve.site: rank for curve, rank in zip(curves, ranks, strict=True)}
    prices = Prices(1, 1)
    found = moved_to(start, curves, prices, budget)
    assert found is not None
    assert all(1 <= rank <= WIDTH for rank in found.values())
    assert budget - 1 <= prices.total(found) <= budget or set(found.values()) == {WIDTH}
    if prices.total(start) == budget:
        assert found == start


def test_behind_layers_that_are_whole_nothing_changes() -> None:
    model, batches = make_model(), clips()
    shapes = {"self": LatentShape(0, (None, 12))}
    converted = convert(model, shapes, "balanced", collect_moments(model, batches))  # type: ignore[arg-type]
    before = {name: tensor.clone() for name, tensor in converted.state_dict().items()}
    convert_behind(model, converted, "balanced", batches)
    for name, tensor in converted.state_dict().items():
        assert torch.allclose(tensor, before[name], atol=1e-3)


def test_behind_a_converted_layer_factors_are_for_what_arrives() -> None:
    model, batches = make_model(), clips(8)
    shapes = {"self": LatentShape(0, (4, 20))}
    converted = convert(model, shapes, "balanced", collect_moments(model, batches))  # type: ignore[arg-type]
    first, second = (layer.self_attn.down_proj.weight.clone() for layer in converted.model.decoder.layers)
    convert_behind(model, converted, "balanced", batches)
    after = [layer.self_attn.down_proj.weight for layer in converted.model.decoder.layers]
    assert torch.allclose(after[0], first, atol=1e-4)
    assert not torch.allclose(after[1], second, atol=1e-2)


def test_behind_what_is_not_set_the_same_is_made() -> None:
    """Neither moments nor factors of self-attention need to be made before."""
    model, batches = make_model(), clips()
    shapes = {"self": LatentShape(0, (None, 12)), "cross": LatentShape(0, (5, 9))}
    moments = collect_moments(model, batches, ("self", "cross"))
    whole = convert(model, shapes, "balanced", moments)  # type: ignore[arg-type]
    others = convert(model, shapes, "balanced", {"cross": moments["cross"]}, unset=["self"])  # type: ignore[arg-type]
    for converted in (whole, others):
        convert_behind(model, converted, "balanced", batches)
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, others.state_dict()[name])


def test_an_allocation_is_better_than_even_widths_and_found_from_the_loss_too() -> None:
    model, batches = make_model(), clips(8)
    sites = list_sites(LAYERS, ("self",), share_cross=False)
    allocator = Allocator(model, sites, "balanced", batches, PROMPT, None, unwatched)
    prices = Prices(20, FRAMES)
    found = allocator.for_budget(prices, 20 * 24)
    even = dict.fromkeys(sites, 12)
    _, probed = split(batches)
    (of_even,) = probe(allocator.sites, probed, [even], PROMPT, lambda _: None)
    assert prices.total(dict(found.ranks)) <= 20 * 24
    assert found.nats <= of_even
    by_loss = allocator.for_loss(prices, found.nats * 1.5, 20 * 2 * WIDTH, tolerance=20)
    assert by_loss.nats <= found.nats * 1.5
    assert by_loss.budget <= found.budget + 20
    again = allocator.for_budget(prices, by_loss.budget, near=found)
    assert prices.total(dict(again.ranks)) <= by_loss.budget
    assert again.nats <= by_loss.nats * 1.1, "another beginning, much the same end"
    with pytest.raises(BenchError, match="takes 40"):
        allocator.for_budget(prices, 39)


def test_shapes_of_ranks() -> None:
    own, shared = [Site("self", layer) for layer in range(2)], Site("cross", None)
    assert shapes_of({own[0]: 48, own[1]: 6, shared: 10}, 48) == {
        "self": LatentShape(0, (None, 6)),
        "cross": LatentShape(0, 10, shared=True),
    }
    assert shapes_of({own[0]: 48, own[1]: 48, shared: 48}, 48) == {"self": EXACT, "cross": EXACT}
    assert shapes_of({shared: 48}, 48, "int8") == {"cross": LatentShape(0, 48, shared=True)}
    cross = [Site("cross", layer) for layer in range(2)]
    assert shapes_of({cross[0]: 48, cross[1]: 6}, 48) == {"cross": LatentShape(0, (48, 6))}


def test_clips_measure_or_make_and_one_does_not_do_both() -> None:
    batches = clips(7)
    factors, probed = split(batches)
    assert [len(factors), len(probed)] == [8, 6]
    assert not {id(each) for each in factors} & {id(each) for each in probed}
    with pytest.raises(BenchError, match="raise --clips"):
        split(clips(1))
