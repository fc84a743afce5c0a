"""Language models, which are off unless asked for: only the process of ``slm ask`` imports this, never the daemon."""
