"""What decoding takes: in closed form for any Whisper, and measured for the arms of a suite."""
