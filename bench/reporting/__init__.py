"""What is rendered from records, and nothing else: a report formats numbers, it never computes one."""
