"""Static completion scripts, one module a shell: at a TAB no Python starts, but for values that the store holds."""

from slm.cli.docs.completions import bash, fish, zsh

SCRIPTS = {"bash": ("slm.bash", bash.script), "zsh": ("_slm", zsh.script), "fish": ("slm.fish", fish.script)}
"""Of each shell: the name of the file, and what makes its text."""
