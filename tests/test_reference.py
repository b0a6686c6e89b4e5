"""What the documents say of columns, reports and a suite's keys is what the code reads."""

from pathlib import Path

from bench.reporting.reference import main

ROOT = Path(__file__).parents[1]


def test_the_committed_reference_is_the_rendered_one(tmp_path: Path) -> None:
    """`python -m bench.reporting.reference` writes it anew."""
    main(tmp_path, tmp_path, tmp_path)
    for folder, name in (("results", "COLUMNS.md"), ("reports", "README.md"), ("docs", "reference/suite.md")):
        assert (ROOT / folder / name).read_text(encoding="utf-8") == (tmp_path / name).read_text(encoding="utf-8")
