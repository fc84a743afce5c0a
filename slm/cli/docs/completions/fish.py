"""Completion in fish: one function reads the line, one prints what may stand there with what it means."""

from __future__ import annotations

from slm.cli.docs.completions.source import HEAD, commands, how, options_of, quoted
from slm.cli.docs.tree import Command, Parameter

READER = r"""
# Prints the path of the command on the line, then how many arguments follow it, then the global options as given.
function __slm_line
    set -l path
    set -l n 0
    set -l global
    set -l option
    for word in (commandline -opc)[2..]
        if test -n "$option"
            contains -- $option --profile --scope --config --socket --timeout; and set -a global $option $word
            set option
            continue
        end
        switch $word
            case $__slm_valued
                set option $word
            case '--profile=*' '--scope=*' '--config=*' '--socket=*' '--timeout=*'
                set -a global $word
            case '-*'
            case '*'
                if contains -- "$(string join ' ' -- $path $word)" $__slm_paths
                    set -a path $word
                else
                    set n (math $n + 1)
                end
        end
    end
    printf '%s\n' "$path" $n
    string join \n -- $global
end

function __slm_values
    set -l line (__slm_line)
    command slm $line[3..] candidates $argv[1] 2>/dev/null
end

# PATH [N]: whether the line stands at this command, at its Nth argument.
function __slm_at
    set -l line (__slm_line)
    test "$line[1]" = "$argv[1]"; and begin
        test (count $argv) -eq 1; or test $line[2] -eq $argv[2]
    end
end
"""


def script() -> str:
    """The text of the script."""
    valued = dict.fromkeys(n for c in commands() for o in options_of(c) if o.value for n in o.names)
    paths = [" ".join(command.path) for command in commands() if command.path]
    lines = [
        f"# fish completion for slm. {HEAD}",
        f"set -g __slm_valued {' '.join(valued)}",
        f"set -g __slm_paths {' '.join(map(quoted, paths))}",
        READER.rstrip("\n"),
        "",
        "complete -c slm -f",
        *(_option("", option) for option in options_of(commands()[0])[1:]),
    ]
    for command in commands():
        lines += _lines(command)
    return "\n".join(lines) + "\n"


def _lines(command: Command) -> list[str]:
    path = " ".join(command.path)
    at = f"-n {quoted(f'__slm_at {quoted_inside(path)}')} "
    lines = [
        f"complete -c slm -n {quoted(f'__slm_at {quoted_inside(path)} 0')} -a {each.name} -d {quoted(each.summary)}"
        for each in command.commands
    ]
    lines += [_option(at, option) for option in command.options]
    for n, argument in enumerate(command.arguments):
        if how(argument) != "none":
            place = f"__slm_at {quoted_inside(path)}" + ("" if argument.many else f" {n}")
            lines.append(f"complete -c slm -n {quoted(place)} {_value(argument)}")
    return lines


def quoted_inside(text: str) -> str:
    """A word between double quotes, for a condition that stands between single ones."""
    return f'"{text}"'


def _option(at: str, option: Parameter) -> str:
    names = " ".join(f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in option.names)
    value = f" {_value(option, required=True)}" if option.value else ""
    return f"complete -c slm {at}{names}{value} -d {quoted(option.help)}"


def _value(parameter: Parameter, *, required: bool = False) -> str:
    """How a value is completed; one of an option is ``required``, and no file unless it is one."""
    kind, *words = how(parameter).split()
    if kind in ("files", "folders"):
        return ("-r " if required else "") + ("-F" if kind == "files" else "-a '(__fish_complete_directories)'")
    only = "-x " if required else ""
    if kind == "choices":
        return only + f"-a {quoted(' '.join(words))}"
    return only + (f"-a {quoted(f'(__slm_values {words[0]})')}" if kind == "stored" else "")
