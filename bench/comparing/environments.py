"""Arms that were decoded in different environments: which, and in what these differ."""

from __future__ import annotations

from bench.manifest import DecodeSettings, Manifest

RUNTIME = {
    **{"torch": "torch", "transformers": "transformers"},
    **{"faster_whisper": "faster-whisper", "ctranslate2": "ctranslate2", "program": ""},
}
"""What decoded an arm, by the word that is printed before its value."""
ENVIRONMENT = RUNTIME | {"audio": "", "resampler": "", "gpu": ""}
"""Settings of an arm that are not the suite's."""
PROGRAM = "a program of its own"


def environment_of(settings: DecodeSettings) -> dict[str, str]:
    """Names what an environment consists of, by setting: "transformers 4.46.3"."""
    program = PROGRAM if settings.runner == "command" else None
    named = {name: program if name == "program" else getattr(settings, name) for name in ENVIRONMENT}
    return {name: f"{ENVIRONMENT[name]} {value}".strip() for name, value in named.items() if value is not None}


def runtime_of(settings: DecodeSettings) -> list[str]:
    """Names what decoded an arm: ["torch 2.13.0", "transformers 5.23.0"]."""
    named = environment_of(settings)
    return [named[name] for name in RUNTIME if name in named]


def environment_note(arm: DecodeSettings, control: DecodeSettings) -> str:
    """Says in what the environments of two arms' settings differ, the arm's first; empty where they are the same.

    A program of the user's is what is compared, not what it is compared in.
    """
    mine, its = environment_of(arm), environment_of(control)
    if "command" in (arm.runner, control.runner):
        mine = {key: mine[key] for key in mine if key not in RUNTIME}
    elif arm.runner != control.runner:
        mine = {"runtime": ", ".join(runtime_of(arm))} | {key: mine[key] for key in mine if key not in RUNTIME}
        its["runtime"] = ", ".join(runtime_of(control))
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
