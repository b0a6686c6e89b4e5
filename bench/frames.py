"""Tables as rows."""

from typing import Any

import pandas as pd


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries."""
    return [{str(column): value for column, value in row.items()} for row in rows.to_dict("records")]
