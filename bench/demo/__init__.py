"""The embedded demo: a small synthetic corpus and micro models, so that the whole harness runs without a download."""
