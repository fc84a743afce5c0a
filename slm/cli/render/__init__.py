"""From an operation's result to lines of text. Pure functions: nothing here asks, writes or reads a clock."""
