"""Questions asked of comparisons and of records of memory, answered in typed values that reports render."""
