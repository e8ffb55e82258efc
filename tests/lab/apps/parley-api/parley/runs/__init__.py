"""Assistant runs: from a question to a planting plan."""
