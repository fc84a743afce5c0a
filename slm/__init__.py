"""slm: a personal memory for local agents."""
