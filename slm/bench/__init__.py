"""``slm bench``: every figure of the README, printed beside its baseline from one run."""
