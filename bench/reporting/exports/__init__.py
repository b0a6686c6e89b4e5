"""A suite's results as other programs read them."""
