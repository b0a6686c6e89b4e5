"""How fast a suite is decoded, beside the ways that everybody has: measured in one run, clip for clip."""
