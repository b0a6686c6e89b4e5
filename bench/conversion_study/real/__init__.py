"""The same on real Whispers and real speech, where their folders are named: BENCH_REAL_MODELS, BENCH_TEST_DATA."""
