"""How fast a suite is decoded, as text: ratios, for seconds are a machine's."""

from bench.reporting.text.markdown import markdown_table
from bench.speed.growth import Growth
from bench.speed.record import FASTER, SpeedRecord

LEGEND = (
    "times as long: as `bench run` of the same arms and clips, all ways taking turns batch by batch: medians, "
    "of processor time, or on a GPU of the time that passed. share: what the arm adds to `bench run`, of what the way "
    "takes for it alone. The pipeline makes no 8-bit cache: such an arm counts there as the first. batches again: two "
    "logits were too close, so that `generate` decided."
)

GROWTH = (
    "seconds: of processor time, or on a GPU of the time that passed; log-mel and encoder among them. peak MiB: the "
    "most memory that the program had held until then."
)


def render_speed(record: SpeedRecord) -> str:
    """Ways, then arms, then where `bench run` spends its time."""
    seconds = sum(portion.audio_seconds for portion in record.portions)
    title = (
        f"{record.suite}: {len(record.arms)} arms, {record.clips} clips ({seconds:.0f} s of speech) in "
        f"{len(record.portions)} batches of {record.batch}, {record.device}, threads: {record.threads}"
    )
    ways = markdown_table(["way", "times as long"], [[way, f"{record.ratio(way):.2f}"] for way in record.ways])
    arms = markdown_table(
        [
            "arm",
            *(f"share of {way}" for way in record.ways),
            *(f"texts as {way}" for way in record.ways),
            "batches again",
        ],
        [[arm, *_arm(record, arm), f"{record.again[arm]} of {record.searched[arm]}"] for arm in record.arms],
    )
    steps = markdown_table(
        ["step of bench run", "share"], [[step, f"{100 * record.share(step):.1f} %"] for step in record.steps]
    )
    beside = [_beside_faster_whisper(record)] if record.has_foreign else []
    return "\n\n".join([title, ways, arms, *beside, steps, LEGEND]) + "\n"


def _beside_faster_whisper(record: SpeedRecord) -> str:
    first = record.arms[0]
    return (
        f"{FASTER} takes {record.first_alone(FASTER):.2f} times as long for {first} as `bench run` without the other "
        f"arms; {record.equal[FASTER][first]} of {record.clips} texts are the same."
    )


def render_growth(growth: Growth) -> str:
    """By clips, then by arms."""
    clips = [
        [f"{cost.clips:,}", str(cost.arms), f"{growth.of_linear(cost):.3f}", f"{cost.peak_mib:,.0f}"]
        for cost in growth.clips
    ]
    arms = [
        [f"{cost.clips:,}", str(cost.arms), f"{growth.of_one(cost):.2f}", f"{cost.peak_mib:,.0f}"]
        for cost in growth.arms
    ]
    title = f"{growth.suite}: the same batch of {growth.clips[0].clips} clips, again and again"
    tables = [
        markdown_table(["clips", "arms", "seconds, of as many times the first's", "peak MiB"], clips),
        markdown_table(["clips", "arms", "seconds, of one arm's", "peak MiB"], arms),
    ]
    return "\n\n".join([title, *tables, GROWTH]) + "\n"


def _arm(record: SpeedRecord, arm: str) -> list[str]:
    shares = [f"{100 * record.further(arm, way):.1f} %" for way in record.ways]
    texts = [record.equal[way].get(arm) for way in record.ways]
    return [*shares, *("—" if equal is None else f"{equal} of {record.clips}" for equal in texts)]
