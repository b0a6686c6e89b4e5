"""Questions asked of what was measured of memory: what it adds up to, what may be said of it, what fits."""
