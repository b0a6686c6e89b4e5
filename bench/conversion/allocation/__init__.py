"""Where a latent's width is needed: single-layer damage over widths, the best split of a budget, and its exchange."""
