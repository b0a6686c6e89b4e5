"""Cost is multiplication, and is shown with its factors."""

import csv
from pathlib import Path

from bench.cost import Cost, Speed
from bench.reporting.tables.cost import render_cost, size, time


def test_cost_is_clips_by_conditions_by_arms() -> None:
    cost = Cost(1_100, 11, 3, 6, 400.0, Speed(19_800, 99.0))
    assert (cost.decodes, cost.seconds, cost.bytes) == (19_800, 99.0, 7_920_000.0)
    scaled = cost.at_scale()
    assert scaled.decodes == 24_000_000 * 8 * 6
    text = " ".join(render_cost(cost).split())
    assert "| this suite | 1,100 | 11 | 3 | 6 | 19,800 | 99 s | 12 s | 2 s | 7.9 MB |" in text
    assert "| at scale | 24,000,000 | 24 | 8 | 6 | 1,152,000,000 | 66.7 days | 8.3 days | 25.0 h | 460.8 GB |" in text
    assert "time = decodes x 5 ms / workers (the last run: 19,800 decodes in 99 s" in text


def test_time_is_not_known_before_a_first_run() -> None:
    text = " ".join(render_cost(Cost(10, 1, 1, 2, 400.0, None)).split())
    assert "| 20 | n/a | n/a | n/a |" in text
    assert "time not known before a first run" in text


def test_units_are_the_largest_that_fit() -> None:
    assert [time(seconds) for seconds in (119, 120, 7_200, 200_000, 1e8)] == [
        "119 s",
        "2.0 min",
        "2.0 h",
        "2.3 days",
        "3.2 years",
    ]
    assert [size(count) for count in (1e5, 2e9, 3e12)] == ["0.1 MB", "2.0 GB", "3.0 TB"]


def test_the_record_of_scale_is_shown_as_it_is() -> None:
    """No part rewritten, no row doubled, none missing, the driver's memory flat within 5 % while decodes come."""
    folder = Path(__file__).parents[1] / "results" / "scale"
    text = (folder / "README.md").read_text(encoding="utf-8")
    with (folder / "scale.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8
    for row in rows:
        assert int(row["decodes"]) == 2 * int(row["clips"])
        assert {row[name] for name in ("parts_rewritten", "rows_doubled", "rows_missing")} == {"0"}
        assert float(row["driver_mb_last"]) < 1.05 * float(row["driver_mb_first"])
        assert f"| {' | '.join(value for name, value in row.items() if name != 'seconds')} |" in text
