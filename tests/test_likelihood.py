"""Reference likelihoods: the model's own teacher-forced loss, clip by clip, whatever the batch."""

from pathlib import Path

import pytest
import torch

from bench.arms import find_arm, load_arm
from bench.runners.likelihood import score_references
from bench.suite import ArmSpec, DecodeSpec

TEXTS = ["one two three", "eins", "one one two three eins zwei drei"]


@pytest.mark.parametrize("name", ["control", "converted"])
def test_nll_is_the_models_own_loss(name: str, model_folders: dict[str, Path]) -> None:
    source = find_arm(ArmSpec(name="a", model=str(model_folders[name])))
    arm = load_arm(source, DecodeSpec(max_new_tokens=12), ["en"])
    torch.manual_seed(3)
    features = torch.randn(3, 80, arm.extractor.nb_max_frames)
    with torch.no_grad():
        states = arm.model.get_encoder()(features).last_hidden_state
    together = score_references(arm, states, TEXTS, "en", None)
    arm.tokenizer.set_prefix_tokens(language="en", task="transcribe", predict_timestamps=False)
    for i, text in enumerate(TEXTS):
        labels = torch.tensor([arm.tokenizer(text).input_ids])
        with torch.no_grad():
            logits = arm.model(input_features=features[i : i + 1], decoder_input_ids=labels[:, :-1]).logits
        losses = torch.nn.functional.cross_entropy(logits[0], labels[0, 1:], reduction="none")[3:]
        assert together[i].tokens == len(losses)
        assert together[i].nll == pytest.approx(float(losses.sum()), rel=1e-4)
        (alone,) = score_references(arm, states[i : i + 1], [text], "en", None)
        assert alone.nll == pytest.approx(together[i].nll, rel=1e-5)


def test_references_longer_than_the_decoder_are_cut(model_folders: dict[str, Path]) -> None:
    arm = load_arm(
        find_arm(ArmSpec(name="a", model=str(model_folders["control"]))), DecodeSpec(max_new_tokens=12), ["en"]
    )
    states = torch.zeros(1, arm.model.config.max_source_positions, arm.model.config.d_model)
    (score,) = score_references(arm, states, ["one two three " * 50], "en", None)
    assert score.tokens == arm.model.config.max_target_positions - 4
