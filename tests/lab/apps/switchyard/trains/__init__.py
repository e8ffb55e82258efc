"""The app that handles trains."""
