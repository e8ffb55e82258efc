"""The incidents: a module a family, each with its SCENARIOS."""
