"""What clients reach."""
