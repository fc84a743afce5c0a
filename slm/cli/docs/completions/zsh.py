"""Completion in zsh: a function a command, each a call of _arguments."""

from __future__ import annotations

from slm.cli.docs.completions.source import HEAD, how, options_of, quoted
from slm.cli.docs.tree import Command, Parameter, tree

VALUES = r"""
# KIND: values that the store holds, for the profile and scope that the line names.
_slm_values() {
    local -a found global
    local line name
    for name in --profile --scope --config --socket; do
        [[ -n ${slm_before[$name]-}${opt_args[$name]-} ]] && global+=($name ${opt_args[$name]-${slm_before[$name]}})
    done
    for line in ${(f)"$(command slm $global candidates $1 2>/dev/null)"}; do
        found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    _describe -t $1 $1 found
}
"""

START = """\
if [[ $funcstack[1] == _slm ]]; then
    _slm "$@"
else
    compdef _slm slm
fi"""
"""Called where zsh has loaded the file for the first completion, made known where it is sourced."""


def script() -> str:
    """The text of the script."""
    functions = [line for command in tree().walk() for line in _function(command)]
    return "\n".join(["#compdef slm", f"# {HEAD}", VALUES.rstrip("\n"), "", *functions, START]) + "\n"


def _name(command: Command) -> str:
    return "_".join(("_slm", *command.path))


def _function(command: Command) -> list[str]:
    specs = [_option(option) for option in options_of(command)]
    if command.commands:
        specs += [quoted("1: :->command"), quoted("*:: :->rest")]
    else:
        specs += [_argument(argument) for argument in command.arguments if how(argument) != "none"]
    call = ["    _arguments -s -S \\" if not command.commands else "    _arguments -C -s -S \\"]
    body = [] if command.commands else ["    local -A opt_args"]
    body += call + [f"        {spec} \\" for spec in specs[:-1]] + [f"        {specs[-1]}"]
    if command.commands:
        described = [quoted(f"{each.name}:{each.summary}") for each in command.commands]
        body = [
            "    local context state line",
            "    local -A opt_args",
            f"    local -a commands=({' '.join(described)})",
            *body,
            *(["    local -A slm_before=(${(kv)opt_args})"] if not command.path else []),
            "    case $state in",
            "        command) _describe -t commands command commands ;;",
            "        rest)",
            "            case $words[1] in",
            *(f"                {each.name}) {_name(each)} ;;" for each in command.commands),
            "            esac ;;",
            "    esac",
        ]
    return [f"{_name(command)}() {{", *body, "}", ""]


def _option(option: Parameter) -> str:
    """Every name of an option; one that may be repeated, or stands for others, doesn't go away once given."""
    value = f":{option.value}:{_action(option)}" if option.value else ""
    help_ = "[" + option.help.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:") + "]"
    star = "*" if option.many else ""
    return " ".join(quoted(f"{star}{name}{help_}{value}") for name in option.names)


def _argument(argument: Parameter) -> str:
    """An argument that can be completed: beside free text, zsh would show options and insert none."""
    message = (argument.value or "").replace(":", "\\:")
    return quoted(f"{'*' if argument.many else ''}:{message}:{_action(argument)}")


def _action(parameter: Parameter) -> str:
    kind, *words = how(parameter).split()
    return {
        "choices": f"({' '.join(words)})", "stored": f" _slm_values {' '.join(words)}", "files": "_files",
        "folders": "_files -/", "none": " ",
    }[kind]  # fmt: skip
