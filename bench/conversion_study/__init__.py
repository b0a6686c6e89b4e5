"""What each way of converting does before any training, on the demo; and what each kind of cache costs in time."""
