"""The truth on disk: memories, chunks and the journal in LMDB, and the scan files derived from them."""
