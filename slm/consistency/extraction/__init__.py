"""Claims out of free text, without a language model: tables and patterns first, then prototypes, then templates."""
