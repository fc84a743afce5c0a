"""What is told of the commands outside of them, all made from the command tree: man pages and shell completions."""
