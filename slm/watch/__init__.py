"""Watched folders: notes that are remembered as they are written, on the daemon's side of the engine."""
