"""Arms that were decoded in different environments: which, and in what these differ."""

from __future__ import annotations

from bench.manifest import DecodeSettings, Manifest

ENVIRONMENT = {"torch": "torch", "transformers": "transformers", "audio": "", "resampler": "", "gpu": ""}
"""Settings of an arm that are not the suite's, by the word that is printed before their value."""


def environment_of(settings: DecodeSettings) -> dict[str, str]:
    """Names what an environment consists of, by setting: "transformers 4.46.3"."""
    named = {name: getattr(settings, name) for name in ENVIRONMENT}
    return {name: f"{ENVIRONMENT[name]} {value}".strip() for name, value in named.items() if value is not None}


def environment_note(arm: DecodeSettings, control: DecodeSettings) -> str:
    """Says in what the environments of two arms' settings differ, the arm's first; empty where they are the same."""
    mine, its = environment_of(arm), environment_of(control)
    differing = [name for name in mine if mine[name] != its.get(name)]
    return "; ".join(f"{mine[name]} against {its.get(name, 'none')}" for name in differing)


def describe_environments(manifest: Manifest) -> str | None:
    """Names each environment with its arms, for a signature; None where all arms share one."""
    arms: dict[str, list[str]] = {}
    for arm_id, arm in manifest.arms.items():
        arms.setdefault("+".join(environment_of(arm.settings).values()).replace(" ", "-"), []).append(arm_id)
    if len(arms) == 1:
        return None
    return ",".join(f"{environment}({'+'.join(sorted(names))})" for environment, names in sorted(arms.items()))
