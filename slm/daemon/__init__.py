"""The one process that opens the store, and the thin clients that speak with it through a Unix socket."""
