"""The factorisation and what it is weighed by."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.errors import BenchError
from bench.mla.convert import convert
from bench.mla.factorise import root, shared_svd, weighted_svd
from bench.mla.moments import collect_moments
from bench.mla.shapes import ATTENTION, EXACT, LatentShape, Module, read_shapes, shape_of_cut, shapes_of_config
from tests.two_runtimes.models import HEADS, WIDTH, calibration, make_model


def test_svd_is_the_best_of_its_rank() -> None:
    torch.manual_seed(0)
    matrix = torch.randn(10, 7, dtype=torch.float64)
    up, down = weighted_svd(matrix, 3)
    singular = torch.linalg.svdvals(matrix)
    assert torch.linalg.norm(matrix - up @ down) == pytest.approx(float(singular[3:].square().sum().sqrt()))


def test_a_weighted_svd_is_the_best_under_its_weights() -> None:
    """Its error is the tail of the weighed singular values, and no plain SVD's is smaller."""
    torch.manual_seed(0)
    matrix, left, right = (torch.randn(*size, dtype=torch.float64) for size in ((10, 7), (10, 10), (7, 7)))
    errors = []
    for up, down in (weighted_svd(matrix, 3, left, right), weighted_svd(matrix, 3)):
        errors.append(float(torch.linalg.norm(left @ (matrix - up @ down) @ right)))
    tail = torch.linalg.svdvals(left @ matrix @ right)[3:].square().sum().sqrt()
    assert errors[0] == pytest.approx(float(tail))
    assert errors[0] < errors[1]


def test_a_shared_svd_is_the_best_of_the_stack() -> None:
    torch.manual_seed(0)
    matrices, lefts = ([torch.randn(*size, dtype=torch.float64) for _ in range(3)] for size in ((10, 7), (10, 10)))
    right = root(torch.randn(7, 7).double() @ torch.eye(7).double() + 9 * torch.eye(7).double())
    ups, down = shared_svd(matrices, 3, lefts, right)
    errors = [left @ (matrix - up @ down) @ right for matrix, up, left in zip(matrices, ups, lefts, strict=True)]
    stack = torch.cat([left @ matrix @ right for matrix, left in zip(matrices, lefts, strict=True)])
    tail = torch.linalg.svdvals(stack)[3:].square().sum().sqrt()
    assert float(torch.linalg.norm(torch.cat(errors))) == pytest.approx(float(tail))
    latent = down @ right  # of inputs whose second moment is right squared
    assert torch.allclose(latent @ latent.T, torch.eye(3).double())


def test_roots_are_roots_and_can_be_inverted() -> None:
    torch.manual_seed(0)
    thin = torch.randn(20, 6, dtype=torch.float64)
    moment = thin.T @ thin
    assert torch.allclose(root(moment) @ root(moment), moment)
    flat = moment.clone()
    flat[0], flat[:, 0] = 0, 0
    assert torch.linalg.matrix_rank(root(flat)) == 6


@pytest.mark.parametrize("module", list(ATTENTION))
def test_moments_are_means_over_positions(module: Module) -> None:
    """Of the decoder's states, or the encoder's; queries are the decoder's in both."""
    model, asked, seen = make_model(), [], []
    attention = getattr(model.model.decoder.layers[1], ATTENTION[module])
    hooks = [
        attention.q_proj.register_forward_hook(lambda module, args, output: asked.append(output)),
        attention.k_proj.register_forward_hook(lambda module, args, output: seen.append(args[0])),
    ]
    moments = collect_moments(model, calibration(), (module,))[module][1]
    for hook in hooks:
        hook.remove()
    x = torch.cat([states.flatten(0, 1) for states in seen]).double()
    assert torch.allclose(moments.inputs, x.T @ x / len(x))
    of_model = [output for output in asked if output.ndim == 3]  # the model's own calls, not those of the moments
    q = torch.cat([output.flatten(0, 1) for output in of_model]).double() * (WIDTH // HEADS) ** -0.5
    first = q[:, : WIDTH // HEADS]
    assert torch.allclose(moments.queries[0], first.T @ first / len(q))


@settings(max_examples=10, deadline=None)
@given(times=st.fixed_dictionaries({"en": st.integers(1, 3), "th": st.integers(1, 3)}))
def test_every_language_weighs_the_same(times: dict[str, int]) -> None:
    """However often all of its clips are repeated: moments are the mean of what each language has alone."""
    clips = {"en": calibration()[:1], "th": tuple(replace(taught, language="th") for taught in calibration()[1:])}
    alone = [collect_moments(make_model(), of_language)["self"][1] for of_language in clips.values()]
    repeated = [taught for language, count in times.items() for taught in clips[language] * count]
    found = collect_moments(make_model(), repeated)["self"][1]
    assert torch.allclose(found.inputs, (alone[0].inputs + alone[1].inputs) / 2)
    assert torch.allclose(found.queries, (alone[0].queries + alone[1].queries) / 2)


def test_batches_of_a_language_follow_one_another() -> None:
    en, th, again = calibration()[0], replace(calibration()[1], language="th"), calibration()[2]
    with pytest.raises(ValueError, match="batches of en must follow one another"):
        collect_moments(make_model(), [en, th, again])


def test_moments_need_a_batch() -> None:
    with pytest.raises(ValueError, match="no calibration batch"):
        collect_moments(make_model(), [])


def test_inits_say_what_they_need() -> None:
    model, moments = make_model(), collect_moments(make_model(), calibration())
    latent: dict[Module, LatentShape] = {"self": LatentShape(0, 8)}
    with pytest.raises(ValueError, match="moments are needed"):
        convert(model, latent, "balanced")
    with pytest.raises(ValueError, match="for nothing else"):
        convert(model, latent, "svd", moments)
    with pytest.raises(ValueError, match="exact goes with"):
        convert(model, latent, "exact")
    with pytest.raises(ValueError, match="exact goes with"):
        convert(model, {"self": EXACT}, "svd")


@pytest.mark.parametrize(
    ("cut", "keeps", "shape"),
    [(0.625, True, LatentShape(192, 96)), (0.625, False, LatentShape(0, 288)), (0.9375, True, LatentShape(30, 18))],
)
def test_a_cut_is_a_shape(cut: float, keeps: bool, shape: LatentShape) -> None:
    """The first is the published whisper-tiny's, as its card's number of parameters gives it away."""
    assert shape_of_cut(cut, 384, 6, keeps) == shape


@pytest.mark.parametrize(
    ("cut", "keeps", "message"),
    [
        (0.4, False, "wider than the model"),
        (1.0, False, "between 0 and 1"),
        (0.0, False, "between 0 and 1"),
        (0.9999, False, "leave a value"),
        (0.99, True, "too few to keep"),
    ],
)
def test_impossible_cuts_are_refused(cut: float, keeps: bool, message: str) -> None:
    with pytest.raises(BenchError, match=message):
        shape_of_cut(cut, 384, 6, keeps)


@pytest.mark.parametrize("keeps", [True, False])
def test_every_cut_is_possible_or_refused(keeps: bool) -> None:
    for thousandths in range(1, 1000):
        try:
            shape = shape_of_cut(thousandths / 1000, 48, 4, keeps)
        except BenchError:
            continue
        shape.require_possible(48, 4, 2)
        assert shape.kept + sum(rank or 0 for rank in shape.ranks(1)) == round(96 * (1 - thousandths / 1000))


def test_shapes_are_read_from_tensors() -> None:
    layer = {"k_up_proj.weight": (24, 12), "down_proj.weight": (12, 48), "kept_proj.weight": (24, 48)}
    names = {f"model.decoder.layers.{i}.self_attn.{name}": shape for i in range(2) for name, shape in layer.items()}
    exact = {"model.decoder.layers.0.encoder_attn.k_up_proj.weight": (48, 48)}
    assert read_shapes(names) == {"self": {"kept": 24, "rank": 12}}
    assert read_shapes(names | exact)["cross"] == {"kept": 0, "rank": None}
    assert read_shapes({"model.decoder.layers.0.self_attn.k_proj.weight": (48, 48)}) == {}
    names["model.decoder.layers.1.self_attn.down_proj.weight"] = (13, 48)
    assert read_shapes(names) == {"self": {"kept": 24, "rank": [12, 13]}}
    names["model.decoder.layers.1.self_attn.kept_proj.weight"] = (12, 48)
    with pytest.raises(BenchError, match="different key dimensions"):
        read_shapes(names)


@pytest.mark.parametrize(
    "mla", [[], {"self": 12}, {"self": {"kept": "8", "rank": 6}}, {"self": {"kept": 0, "rank": [6, "x"]}}, {"own": {}}]
)
def test_claims_in_other_words_are_refused(mla: object) -> None:
    config = make_model().config
    config.mla = mla
    with pytest.raises(BenchError, match=r"config\.json"):
        shapes_of_config(config)


def test_layers_are_read_in_their_order_and_a_shared_latent_is_known() -> None:
    ranks = [3 + i for i in range(12)]
    names = {f"model.decoder.layers.{i}.self_attn.k_up_proj.weight": (48, rank) for i, rank in enumerate(ranks)}
    names |= {f"model.decoder.layers.{i}.self_attn.down_proj.weight": (rank, 48) for i, rank in enumerate(ranks)}
    del names["model.decoder.layers.4.self_attn.down_proj.weight"]
    names |= {f"model.decoder.layers.{i}.encoder_attn.k_up_proj.weight": (48, 5) for i in range(12)}
    names["model.decoder.cross_down_proj.weight"] = (5, 48)
    in_disorder = dict(sorted(names.items()))
    assert read_shapes(in_disorder) == {
        "self": {"kept": 0, "rank": [*ranks[:4], None, *ranks[5:]]},
        "cross": {"kept": 0, "rank": 5, "shared": True},
    }
