"""The one exception a user is meant to cause: printed as a single line, exit code 2."""


class BenchError(Exception):
    """Something the user can mend. The message names the file, row or key and the way out."""
