"""Suites that measured the same clips, joined into one: a family of sizes is often measured a suite a size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.comparing.pairing import require_same_clips
from bench.comparing.protocol import Parameters
from bench.comparing.records import Counted, count_suite, manifest_of, read_results, results_from
from bench.comparing.results import Results
from bench.errors import BenchError
from bench.manifest import Manifest
from bench.store import Store
from bench.suite import ConditionSpec, Suite

DECODE_KEYS = ("dtype", "max_new_tokens", "long_clips")
"""What decides a rate; device and batch may differ, for every arm shares them with its control."""
WAY_OUT = "make them agree, or draw each suite by itself"


@dataclass(frozen=True, eq=False)
class Joined:
    """One suite of all arms, the results of its clean cells, and the arms' sizes: as of a suite that had them all."""

    suite: Suite
    results: Results
    parameters: Parameters


@dataclass(frozen=True, eq=False)
class _Member:
    """A suite of which only the clean cells are looked at."""

    suite: Suite
    store: Store
    manifest: Manifest

    @classmethod
    def of(cls, suite: Suite, store: Store) -> _Member:
        scoring = suite.scoring.model_copy(update={"sensitivity": None})
        clean = suite.model_copy(update={"condition_specs": (ConditionSpec(),), "scoring": scoring})
        manifest = manifest_of(suite, store)
        arms = {key: arm.clean() for key, arm in manifest.arms.items()}
        return cls(clean, store, manifest.model_copy(update={"arms": arms}))

    def settings(self) -> dict[str, Any]:
        """What numbers of one curve have in common, by key of the suite file."""
        suite = self.suite
        primary = set(suite.scoring.cer_primary) & set(suite.languages)
        return {
            "seed": suite.seed,
            "languages": " ".join(sorted(suite.languages)),
            "corpus": self.manifest.corpus.name,
            "speakers, or what clips are grouped by,": self.manifest.corpus.clusters,
            "scoring.normalizer": suite.scoring.normalizer,
            "scoring.cer_primary": " ".join(sorted(primary)) or "none",
            **{f"statistics.{key}": value for key, value in suite.statistics.model_dump().items()},
            **{f"decode.{key}": getattr(suite.decode, key) for key in DECODE_KEYS},
        }


def join_suites(suites: Sequence[tuple[Suite, Store]]) -> Joined:
    """The arms of all, an arm that stands in several taken once, with one set of resamples a language.

    They are joined by name, in whatever order they come. Only clean cells, under the first normaliser: what a curve is
    drawn from. Raises BenchError where one is not compared yet, and, naming two suites and what differs, where their
    numbers do not belong on one curve.
    """
    suites = sorted(suites, key=lambda pair: pair[0].name)
    for suite, store in suites:
        read_results(suite, store)  # refuses what is older than the suite or its decodes
    members = [_Member.of(suite, store) for suite, store in suites]
    pairs = [(earlier, later) for i, later in enumerate(members) for earlier in members[:i]]
    for pair in pairs:
        _require_same_settings(*pair)
        _require_same_arms(*pair)
    joint = _join(members)
    for member in members:
        _require_same_pairs(member.suite, joint)
    counted = _count(members)
    for pair in pairs:
        _require_same_decodes(*pair)
    entries = {key: arm for member in members for key, arm in member.manifest.arms.items()}
    arms = {arm.id: entries[arm.id] for arm in joint.arms}
    manifest = members[0].manifest.model_copy(update={"arms": arms})
    return Joined(joint, results_from(joint, manifest, counted), manifest.parameters)


def joint_name(suites: Sequence[Suite]) -> str:
    """No single suite's, whose names have no plus sign; the same in whatever order they are given."""
    return "+".join(sorted(suite.name for suite in suites))


def _require_same_settings(one: _Member, other: _Member) -> None:
    names = one.suite.name, other.suite.name
    if names[0] == names[1]:
        raise BenchError(f"suite {names[0]} is given twice; give every suite once, each under a name of its own")
    theirs = other.settings()
    for key, value in one.settings().items():
        if value != theirs[key]:
            told = f"{key} is {value} in {names[0]} and {theirs[key]} in {names[1]}"
            raise BenchError(f"suites {names[0]} and {names[1]} do not share a curve: {told}; {WAY_OUT}")


def _require_same_arms(one: _Member, other: _Member) -> None:
    theirs = {arm.id: arm for arm in other.suite.arms}
    for arm in one.suite.arms:
        if differing := [key for key, value in arm if value != getattr(theirs.get(arm.id, arm), key)]:
            raise BenchError(
                f"suites {one.suite.name} and {other.suite.name}: two arms are both called {arm.id}, but their "
                f"{differing[0]} differs; rename one"
            )


def _require_same_decodes(one: _Member, other: _Member) -> None:
    """Of the arms that stand in both; clips are known to be the same."""
    mine, theirs = (member.manifest.arms for member in (one, other))
    for arm in sorted({arm.id for arm in one.suite.arms} & {arm.id for arm in other.suite.arms}):
        if (mine[arm].fingerprint, mine[arm].hashes) != (theirs[arm].fingerprint, theirs[arm].hashes):
            raise BenchError(
                f"suites {one.suite.name} and {other.suite.name}: arm {arm} stands in both and was decoded "
                "differently, by another batch or environment; rename one"
            )


def _join(members: Sequence[_Member]) -> Suite:
    suites = [member.suite for member in members]
    arms = {arm.id: arm for suite in suites for arm in suite.arms}
    label = "demo" if any(suite.label == "demo" for suite in suites) else "measured"
    return suites[0].model_copy(update={"name": joint_name(suites), "label": label, "arms": tuple(arms.values())})


def _require_same_pairs(suite: Suite, joint: Suite) -> None:
    """Demands that no arm's control or start becomes another suite's, which may have one of the arm's training seed."""
    for arm in suite.arms:
        pairs = [(suite.control_of(arm), joint.control_of(arm)), (suite.start_of(arm), joint.start_of(arm))]
        for its, joined in pairs:
            if its != joined and its is not None and joined is not None:
                raise BenchError(
                    f"suites {joint.name}: arm {arm.id} belongs to {its.id} in {suite.name}, and another has "
                    f"{joined.id}; rename one of the two"
                )


def _count(members: Sequence[_Member]) -> Counted:
    """Of every member the arms that no earlier one has."""
    counted = Counted({}, {}, {})
    counted_ids: set[str] = set()
    for member in members:
        new = tuple(arm for arm in member.suite.arms if arm.id not in counted_ids)
        counted_ids |= {arm.id for arm in new}
        of_member = count_suite(member.suite.model_copy(update={"arms": new}), member.store, member.manifest)
        for cell, clips in of_member.clips.items():
            if cell in counted.clips:
                names = f"suite {members[0].suite.name}", f"suite {member.suite.name}"
                way_out = "numbers of other clips do not share a curve: draw each suite by itself"
                require_same_clips(counted.clips[cell], clips, names, way_out)
        counted = Counted({**counted.counts, **of_member.counts}, {}, {**of_member.clips, **counted.clips})
    return counted
