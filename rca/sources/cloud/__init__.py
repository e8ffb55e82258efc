"""Cloud Logging, read live: economical with a scarce quota, and honest about what it did not get."""
