"""The only place where storage, embedding, text and ranking meet."""
