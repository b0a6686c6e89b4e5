"""What faults do to the command: kills at random moments, mutants of every input, one process over and over."""
