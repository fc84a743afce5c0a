"""Published question collections as records to remember and questions with their answers: one format a file."""
