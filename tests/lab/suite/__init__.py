"""The end-to-end suite that a cycle runs against the staging service."""
