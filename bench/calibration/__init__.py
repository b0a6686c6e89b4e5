"""Do the tests hold their level? Simulated corpora whose true cost is known, and every method run on them."""
