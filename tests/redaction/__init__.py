"""What masking is measured on: planted secrets and look-alikes, all made up as the tests run."""
