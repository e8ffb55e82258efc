"""rca: why did this test cycle fail? From Cloud Run logs to a cited five-whys report."""

__version__ = "0.1.0"
