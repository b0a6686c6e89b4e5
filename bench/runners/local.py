"""The local engine: this process decodes what is missing and not another run's, all arms of a block together."""

import time
from collections.abc import Sequence

from bench.runners.conditions import Conditions
from bench.runners.decoding import decode_gaps
from bench.runners.job import Job
from bench.runners.recognisers import Recogniser, load_recognisers
from bench.runners.spending import Measured


def decode_here(job: Job) -> tuple[int, float, Measured]:
    """Returns the decodes made and the seconds they took, models loaded and all. Raises BenchError."""
    started = time.monotonic()
    recognisers = load_recognisers(job.work.suite, [arm.source for arm in job.arms])
    for recogniser in recognisers:
        for note in recogniser.notes():
            job.say(note)
    conditions = job.work.conditions
    conditions.prepare({gap.block.condition for gap in job.missing}, job.console)
    with job.begun() as share:
        while not share.is_done:
            for gap in decode_gaps(job.store, recognisers, share.take(), conditions, share.advance):
                share.close(gap)
            share.wait(job.console)
        return share.decoded, time.monotonic() - started, _measured(recognisers, conditions)


def _measured(recognisers: Sequence[Recogniser], conditions: Conditions) -> Measured:
    """Of all of them, and of what went into their audio and their decodes."""
    all_of_them = [recogniser.measured() for recogniser in recognisers]
    for each in all_of_them:
        conditions.spent.add(each.steps)
    searched = {name: count for each in all_of_them for name, count in each.searched.items()}
    again = {name: count for each in all_of_them for name, count in each.again.items()}
    return Measured(conditions.spent.seconds, searched, again)
