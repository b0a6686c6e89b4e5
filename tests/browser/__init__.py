"""The explorer in a real browser: `nox -s tests-browser`."""
