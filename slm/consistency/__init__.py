"""Claims and the sheaf that tells which of them can't all be true. Pure: no store, no clock, no model."""
