"""What comes in: chunks, redaction, one importer a format."""
