"""slm: a personal memory for local agents."""

__version__ = "0.1.0"
__released__ = "2026-11-24"
"""The day that the manual pages carry."""
