"""slm: a personal memory for local agents."""

__version__ = "0.1.0"
