"""Ranking: one file a channel, each a `screen` over all rows and exact terms for a pool."""
