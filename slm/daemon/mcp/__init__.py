"""The Model Context Protocol, spoken by the daemon itself over newline-delimited JSON-RPC."""
