"""How the demo's corpus and models were made; only `bench.demo.make` runs it."""
