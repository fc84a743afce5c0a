"""Completion in bash, which needs nothing of the bash-completion package."""

from __future__ import annotations

from slm.cli.docs.completions.source import HEAD, commands, how, options_of, quoted
from slm.cli.docs.tree import GLOBAL_OPTIONS, Command

DRIVER = r"""
# Adds to COMPREPLY the lines of standard input, each "value<TAB>what it is", that the word begins.
_slm_add() {
    local value
    while IFS=$'\t' read -r value _; do
        [[ -n $value && $value == "$cur"* ]] && COMPREPLY+=("$(printf %q "$value")")
    done
}

_slm_complete() { # HOW [WORD...]
    case $1 in
        choices) _slm_add < <(printf '%s\n' "${@:2}") ;;
        stored) _slm_add < <(command slm "${global[@]}" candidates "$2" 2>/dev/null) ;;
        files) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
        folders) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    esac
}

_slm() {
    local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} path="" word how i n=0
    local -a global=()
    COMPREPLY=()
    if [[ $cur == = ]]; then # readline takes --option=value apart
        cur=""
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        [[ $word == -- ]] && return
        how=$(_slm_value "$path" "$word")
        if [[ -n $how ]]; then
            [[ ${COMP_WORDS[i+1]} == = ]] && ((i++))
            ((++i < COMP_CWORD)) && case $word in
                --profile | --scope | --config | --socket | --timeout) global+=("$word" "${COMP_WORDS[i]}") ;;
            esac
        elif [[ $word != -* ]]; then
            if _slm_below "$path" "$word"; then path=${path:+$path }$word; else ((n++)); fi
        fi
    done
    how=$(_slm_value "$path" "$before")
    if [[ -n $how ]]; then
        # shellcheck disable=SC2086
        _slm_complete $how
    elif [[ $cur == -* ]]; then
        # shellcheck disable=SC2046
        _slm_complete choices $(_slm_options "$path")
        # shellcheck disable=SC2046
        [[ $(_slm_argument "$path" "$n") == "stored changes" ]] && _slm_complete stored changes
    else
        # shellcheck disable=SC2046
        _slm_complete $(_slm_argument "$path" "$n")
    fi
}

complete -F _slm slm
"""

INDENT = " " * 8


def script() -> str:
    """The text of the script."""
    below = [f"{INDENT}{quoted(' '.join(command.path))}) ;;" for command in commands() if command.path]
    options = [_case(" ".join(command.path), " ".join(_names(command))) for command in commands()]
    values = [
        _case(" ".join((*command.path, name)), how(option))
        for command in commands()
        for option in command.options
        for name in option.names
        if option.value
    ]
    valued = [option for option in GLOBAL_OPTIONS if option.value]
    everywhere = "".join(f" {option.names[0]}) echo {quoted(how(option))} ;;" for option in valued)
    parts = [
        f"# bash completion for slm. {HEAD}",
        "",
        *_function("_slm_below", "PATH WORD: whether the word is a command there", below, "false"),
        *_function("_slm_options", "PATH: the options there", options),
        *_function("_slm_value", "PATH OPTION: how its value is completed", values, f"case $2 in{everywhere} esac"),
        *_function("_slm_argument", "PATH N: how the Nth argument is completed", _arguments()),
    ]
    return "\n".join(parts) + DRIVER


def _names(command: Command) -> list[str]:
    return [name for option in options_of(command) for name in option.names]


def _arguments() -> list[str]:
    lines = []
    for command in commands():
        path = " ".join(command.path)
        if command.commands:
            lines.append(_case(f"{path} 0".strip(), " ".join(["choices", *(each.name for each in command.commands)])))
        for n, argument in enumerate(command.arguments):
            if how(argument) != "none":
                lines.append(
                    _case(path + " ", how(argument), "*") if argument.many else _case(f"{path} {n}", how(argument))
                )
    return lines


def _case(pattern: str, said: str, more: str = "") -> str:
    """A branch that says something for a pattern, with ``more`` of the shell's own signs at its end."""
    return f"{INDENT}{quoted(pattern)}{more}) echo {quoted(said)} ;;"


def _function(name: str, comment: str, cases: list[str], otherwise: str = ":") -> list[str]:
    word = '"${1:+$1${2+ }}${2-}"'
    last = [f"{INDENT}*) {otherwise} ;;", "    esac", "}", ""]
    return [f"# {comment}", f"{name}() {{", f"    case {word} in", *cases, *last]
