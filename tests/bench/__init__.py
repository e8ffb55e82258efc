"""What `rca` costs: a day of logs of any size with a fault in it, and `rca` and other tools measured on it."""
