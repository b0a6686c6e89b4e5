"""The `bench` command, also as `python -m bench`."""

from bench.signals import end_on_signals


def main() -> None:
    """Signals are handled before anything else is loaded, which takes a while."""
    end_on_signals()
    from bench.cli import main as command

    command()


if __name__ == "__main__":
    main()
