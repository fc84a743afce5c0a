# bash completion for slm. Made by slm completions; don't edit.

# PATH WORD: whether the word is a command there
_slm_below() {
    case "${1:+$1${2+ }}${2-}" in
        'remember') ;;
        'recall') ;;
        'used') ;;
        'ask') ;;
        'context') ;;
        'show') ;;
        'list') ;;
        'why') ;;
        'log') ;;
        'correct') ;;
        'tag') ;;
        'pin') ;;
        'unpin') ;;
        'forget') ;;
        'undo') ;;
        'import') ;;
        'export') ;;
        'status') ;;
        'stats') ;;
        'doctor') ;;
        'man') ;;
        'connect') ;;
        'mcp') ;;
        'reembed') ;;
        'bench') ;;
        'audit') ;;
        'audit resolve') ;;
        'claims') ;;
        'claims list') ;;
        'claims add') ;;
        'claims drop') ;;
        'watch') ;;
        'watch add') ;;
        'watch list') ;;
        'watch remove') ;;
        'backup') ;;
        'backup create') ;;
        'backup verify') ;;
        'backup restore') ;;
        'hook') ;;
        'hook session-start') ;;
        'hook user-prompt') ;;
        'hook stop') ;;
        'profile') ;;
        'profile list') ;;
        'profile create') ;;
        'profile delete') ;;
        'scope') ;;
        'scope list') ;;
        'scope rename') ;;
        'config') ;;
        'config show') ;;
        'config get') ;;
        'config set') ;;
        'config path') ;;
        'config check') ;;
        'config example') ;;
        'daemon') ;;
        'daemon start') ;;
        'daemon stop') ;;
        'daemon restart') ;;
        'daemon run') ;;
        'daemon logs') ;;
        'daemon install') ;;
        'daemon uninstall') ;;
        'completions') ;;
        'completions install') ;;
        'completions bash') ;;
        'completions zsh') ;;
        'completions fish') ;;
        *) false ;;
    esac
}

# PATH: the options there
_slm_options() {
    case "${1:+$1${2+ }}${2-}" in
        '') echo '--version --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'remember') echo '--tag --kind --claim --speaker --session --at --valid-from --valid-until --source --importance --pin --private --supersedes --batch --no-redact --force --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'recall') echo '-n --limit --budget --since --until --as-of --now --tag --all-scopes --archived --min-confidence --answer --format --why --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'used') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'ask') echo '-n --limit --budget --since --until --as-of --now --tag --all-scopes --min-confidence --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'context') echo '--budget --now --why --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'show') echo '--history --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'list') echo '--unused --before --actor --source --tag --kind --phase --now --all-scopes --similar --ids -n --limit --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'why') echo '--for --last -n --limit --budget --since --until --as-of --now --tag --all-scopes --archived --min-confidence --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'log') echo '--verify --head -n --limit --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'correct') echo '--from --reason --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'tag') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'pin') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'unpin') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'forget') echo '--tag --source --mentions --reason --erase --dry-run --yes --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'undo') echo '--actor --since --dry-run --yes --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'import') echo '--from --dry-run --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'export') echo '-o --output --format --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'status') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'stats') echo '--reset --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'doctor') echo '--fix --privacy --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'man') echo '--output --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'connect') echo '--hooks --remove --dry-run --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'mcp') echo '--tools --read-only --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'reembed') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'bench') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'audit') echo '--as-of --explain --accepted --tag --kind --source --actor --all-scopes -n --limit --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'audit resolve') echo '--drop --ends --accept --dry-run --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'claims') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'claims list') echo '-n --limit --all-scopes --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'claims add') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'claims drop') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'watch') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'watch add') echo '--glob --name --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'watch list') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'watch remove') echo '--forget --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'backup') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'backup create') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'backup verify') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'backup restore') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'hook') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'hook session-start') echo '--budget --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'hook user-prompt') echo '--budget --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'hook stop') echo '--budget --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'profile') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'profile list') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'profile create') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'profile delete') echo '--yes --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'scope') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'scope list') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'scope rename') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'config') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'config show') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'config get') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'config set') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'config path') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'config check') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'config example') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'daemon') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'daemon start') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'daemon stop') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'daemon restart') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'daemon run') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'daemon logs') echo '-n --limit --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'daemon install') echo '--dry-run --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'daemon uninstall') echo '--dry-run --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'completions') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'completions install') echo '--output --json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'completions bash') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'completions zsh') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        'completions fish') echo '--json --quiet --no-color --profile --scope --config --socket --timeout --help' ;;
        *) : ;;
    esac
}

# PATH OPTION: how its value is completed
_slm_value() {
    case "${1:+$1${2+ }}${2-}" in
        'remember --tag') echo 'stored tags' ;;
        'remember --kind') echo 'choices note fact preference decision event turn' ;;
        'remember --claim') echo 'none' ;;
        'remember --speaker') echo 'none' ;;
        'remember --session') echo 'none' ;;
        'remember --at') echo 'none' ;;
        'remember --valid-from') echo 'none' ;;
        'remember --valid-until') echo 'none' ;;
        'remember --source') echo 'none' ;;
        'remember --importance') echo 'none' ;;
        'remember --supersedes') echo 'stored ids' ;;
        'remember --batch') echo 'files' ;;
        'recall -n') echo 'none' ;;
        'recall --limit') echo 'none' ;;
        'recall --budget') echo 'none' ;;
        'recall --since') echo 'none' ;;
        'recall --until') echo 'none' ;;
        'recall --as-of') echo 'none' ;;
        'recall --now') echo 'none' ;;
        'recall --tag') echo 'stored tags' ;;
        'recall --min-confidence') echo 'none' ;;
        'recall --format') echo 'choices text context' ;;
        'ask -n') echo 'none' ;;
        'ask --limit') echo 'none' ;;
        'ask --budget') echo 'none' ;;
        'ask --since') echo 'none' ;;
        'ask --until') echo 'none' ;;
        'ask --as-of') echo 'none' ;;
        'ask --now') echo 'none' ;;
        'ask --tag') echo 'stored tags' ;;
        'ask --min-confidence') echo 'none' ;;
        'context --budget') echo 'none' ;;
        'context --now') echo 'none' ;;
        'list --before') echo 'none' ;;
        'list --actor') echo 'none' ;;
        'list --source') echo 'none' ;;
        'list --tag') echo 'stored tags' ;;
        'list --kind') echo 'choices note fact preference decision event turn' ;;
        'list --phase') echo 'choices active warm cold archived' ;;
        'list --now') echo 'none' ;;
        'list -n') echo 'none' ;;
        'list --limit') echo 'none' ;;
        'why --for') echo 'none' ;;
        'why -n') echo 'none' ;;
        'why --limit') echo 'none' ;;
        'why --budget') echo 'none' ;;
        'why --since') echo 'none' ;;
        'why --until') echo 'none' ;;
        'why --as-of') echo 'none' ;;
        'why --now') echo 'none' ;;
        'why --tag') echo 'stored tags' ;;
        'why --min-confidence') echo 'none' ;;
        'log --head') echo 'none' ;;
        'log -n') echo 'none' ;;
        'log --limit') echo 'none' ;;
        'correct --from') echo 'none' ;;
        'correct --reason') echo 'none' ;;
        'forget --tag') echo 'stored tags' ;;
        'forget --source') echo 'none' ;;
        'forget --mentions') echo 'none' ;;
        'forget --reason') echo 'none' ;;
        'undo --actor') echo 'none' ;;
        'undo --since') echo 'none' ;;
        'import --from') echo 'choices jsonl markdown chatgpt claude mem0 mcp-memory locomo' ;;
        'export -o') echo 'files' ;;
        'export --output') echo 'files' ;;
        'export --format') echo 'choices jsonl markdown' ;;
        'man --output') echo 'folders' ;;
        'mcp --tools') echo 'choices core full' ;;
        'audit --as-of') echo 'none' ;;
        'audit --tag') echo 'stored tags' ;;
        'audit --kind') echo 'choices note fact preference decision event turn' ;;
        'audit --source') echo 'none' ;;
        'audit --actor') echo 'none' ;;
        'audit -n') echo 'none' ;;
        'audit --limit') echo 'none' ;;
        'audit resolve --drop') echo 'stored ids' ;;
        'audit resolve --ends') echo 'none' ;;
        'claims list -n') echo 'none' ;;
        'claims list --limit') echo 'none' ;;
        'watch add --glob') echo 'none' ;;
        'watch add --name') echo 'none' ;;
        'hook session-start --budget') echo 'none' ;;
        'hook user-prompt --budget') echo 'none' ;;
        'hook stop --budget') echo 'none' ;;
        'daemon logs -n') echo 'none' ;;
        'daemon logs --limit') echo 'none' ;;
        'completions install --output') echo 'folders' ;;
        *) case $2 in --profile) echo 'stored profiles' ;; --scope) echo 'stored scopes' ;; --config) echo 'files' ;; --socket) echo 'files' ;; --timeout) echo 'none' ;; esac ;;
    esac
}

# PATH N: how the Nth argument is completed
_slm_argument() {
    case "${1:+$1${2+ }}${2-}" in
        '0') echo 'choices remember recall used ask context show list why log correct tag pin unpin forget undo import export status stats doctor man connect mcp reembed bench audit claims watch backup hook profile scope config daemon completions' ;;
        'used '*) echo 'stored ids' ;;
        'show '*) echo 'stored ids' ;;
        'why '*) echo 'stored ids' ;;
        'correct 0') echo 'stored ids' ;;
        'tag 0') echo 'stored ids' ;;
        'tag '*) echo 'stored changes' ;;
        'pin '*) echo 'stored ids' ;;
        'unpin '*) echo 'stored ids' ;;
        'forget '*) echo 'stored ids' ;;
        'import 0') echo 'files' ;;
        'stats 0') echo 'choices memories weights phases' ;;
        'connect 0') echo 'choices claude-code codex cursor gemini vscode' ;;
        'audit 0') echo 'choices resolve' ;;
        'claims 0') echo 'choices list add drop' ;;
        'claims list '*) echo 'stored ids' ;;
        'claims add 0') echo 'stored ids' ;;
        'claims drop '*) echo 'stored ids' ;;
        'watch 0') echo 'choices add list remove' ;;
        'watch add 0') echo 'folders' ;;
        'backup 0') echo 'choices create verify restore' ;;
        'backup create 0') echo 'files' ;;
        'backup verify 0') echo 'files' ;;
        'backup restore 0') echo 'files' ;;
        'hook 0') echo 'choices session-start user-prompt stop' ;;
        'profile 0') echo 'choices list create delete' ;;
        'profile delete 0') echo 'stored profiles' ;;
        'scope 0') echo 'choices list rename' ;;
        'scope rename 0') echo 'stored scopes' ;;
        'scope rename 1') echo 'stored scopes' ;;
        'config 0') echo 'choices show get set path check example' ;;
        'config get 0') echo 'choices profile embed.model embed.threads embed.query_cache recall.limit recall.metric recall.learn recall.min_confidence remember.redact remember.redact_patterns claims.extract claims.functional claims.multi claims.persistence_days claims.opposites store.map_gib daemon.idle_exit_minutes daemon.request_timeout_s trust.cli trust.agent trust.watch trust.import lifecycle.enabled llm.base_url llm.model llm.timeout_s llm.allow_remote' ;;
        'config set 0') echo 'choices profile embed.model embed.threads embed.query_cache recall.limit recall.metric recall.learn recall.min_confidence remember.redact remember.redact_patterns claims.extract claims.functional claims.multi claims.persistence_days claims.opposites store.map_gib daemon.idle_exit_minutes daemon.request_timeout_s trust.cli trust.agent trust.watch trust.import lifecycle.enabled llm.base_url llm.model llm.timeout_s llm.allow_remote' ;;
        'daemon 0') echo 'choices start stop restart run logs install uninstall' ;;
        'completions 0') echo 'choices install bash zsh fish' ;;
        'completions install 0') echo 'choices bash zsh fish' ;;
        *) : ;;
    esac
}

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
