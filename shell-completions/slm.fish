# fish completion for slm. Made by slm completions; don't edit.
set -g __slm_valued --profile --scope --config --socket --timeout --tag --kind --speaker --session --at --valid-from --valid-until --source --importance --supersedes --batch -n --limit --budget --since --until --as-of --now --min-confidence --before --actor --phase --for --head --from --reason --mentions -o --output --format --glob --name
set -g __slm_paths 'remember' 'recall' 'used' 'ask' 'show' 'list' 'why' 'log' 'correct' 'tag' 'pin' 'unpin' 'forget' 'undo' 'import' 'export' 'status' 'stats' 'doctor' 'man' 'connect' 'bench' 'watch' 'watch add' 'watch list' 'watch remove' 'backup' 'backup create' 'backup verify' 'backup restore' 'hook' 'hook session-start' 'hook user-prompt' 'hook stop' 'profile' 'profile list' 'profile create' 'profile delete' 'scope' 'scope list' 'scope rename' 'config' 'config show' 'config get' 'config set' 'config path' 'config check' 'config example' 'daemon' 'daemon start' 'daemon stop' 'daemon restart' 'daemon run' 'daemon logs' 'completions' 'completions install' 'completions bash' 'completions zsh' 'completions fish'

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

complete -c slm -f
complete -c slm -l json -d 'Print JSON, one document; list and log print a line each. Errors are JSON too.'
complete -c slm -l quiet -d 'Print data and errors only.'
complete -c slm -l no-color -d 'Print no colours; so does the environment variable NO_COLOR.'
complete -c slm -l profile -x -a '(__slm_values profiles)' -d 'Use another store.'
complete -c slm -l scope -x -a '(__slm_values scopes)' -d 'Use one scope, whatever folder this is.'
complete -c slm -l config -r -F -d 'Read another configuration file.'
complete -c slm -l socket -r -F -d 'Talk to the daemon at another socket.'
complete -c slm -l timeout -x  -d 'Wait so long for the daemon'\''s answer.'
complete -c slm -l help -d 'Show the options.'
complete -c slm -n '__slm_at "" 0' -a remember -d 'Remember something'
complete -c slm -n '__slm_at "" 0' -a recall -d 'Find what was remembered'
complete -c slm -n '__slm_at "" 0' -a used -d 'Say which memories helped, so that they come up more readily'
complete -c slm -n '__slm_at "" 0' -a ask -d 'Let a language model of yours answer from what is remembered; it stays off until llm.base_url is set'
complete -c slm -n '__slm_at "" 0' -a show -d 'Show memories with all that is known about them'
complete -c slm -n '__slm_at "" 0' -a list -d 'List memories, the newest first'
complete -c slm -n '__slm_at "" 0' -a why -d 'Say what a memory is and what last showed it; with --for why a question finds it or not'
complete -c slm -n '__slm_at "" 0' -a log -d 'Show what was changed, the newest first, by whom'
complete -c slm -n '__slm_at "" 0' -a correct -d 'Say what is right instead: it was never true, or with --from true until then'
complete -c slm -n '__slm_at "" 0' -a tag -d 'Add and remove tags'
complete -c slm -n '__slm_at "" 0' -a pin -d 'Keep memories from ever fading'
complete -c slm -n '__slm_at "" 0' -a unpin -d 'Let pinned memories fade again'
complete -c slm -n '__slm_at "" 0' -a forget -d 'Hide memories'
complete -c slm -n '__slm_at "" 0' -a undo -d 'Take back your last change, or one that slm log shows'
complete -c slm -n '__slm_at "" 0' -a import -d 'Take in memories from files'
complete -c slm -n '__slm_at "" 0' -a export -d 'Write all memories: as JSON Lines with what was corrected or forgotten, or as Markdown to read'
complete -c slm -n '__slm_at "" 0' -a status -d 'Say how many memories there are and how the daemon does'
complete -c slm -n '__slm_at "" 0' -a stats -d 'Count memories by every property; or show how far they have faded, or the weights of a score'
complete -c slm -n '__slm_at "" 0' -a doctor -d 'Check the installation, the folders, the daemon and the store'
complete -c slm -n '__slm_at "" 0' -a man -d 'Show the manual page of a command; with --output write all pages as files'
complete -c slm -n '__slm_at "" 0' -a connect -d 'Connect an agent: slm'\''s server is added to the agent'\''s own configuration, which is backed up before'
complete -c slm -n '__slm_at "" 0' -a bench -d 'Measure slm'
complete -c slm -n '__slm_at "" 0' -a watch -d 'Folders of notes that are followed: add, list, remove'
complete -c slm -n '__slm_at "" 0' -a backup -d 'A whole profile in one file: create, verify, restore'
complete -c slm -n '__slm_at "" 0' -a hook -d 'For agents: JSON on stdin, a block on stdout, always 0 in 300 ms'
complete -c slm -n '__slm_at "" 0' -a profile -d 'Separate stores: list, create, delete'
complete -c slm -n '__slm_at "" 0' -a scope -d 'Projects: list, rename'
complete -c slm -n '__slm_at "" 0' -a config -d 'The configuration: show, get, set, path, check, example'
complete -c slm -n '__slm_at "" 0' -a daemon -d 'The process behind it all: start, stop, restart, run, logs'
complete -c slm -n '__slm_at "" 0' -a completions -d 'Completion at the prompt: install, or print a script'
complete -c slm -n '__slm_at ""' -l version -d 'Print the version and end.'
complete -c slm -n '__slm_at "remember"' -l tag -x -a '(__slm_values tags)' -d 'A tag; may be repeated.'
complete -c slm -n '__slm_at "remember"' -l kind -x -a 'note fact preference decision event turn' -d 'What sort of memory it is.'
complete -c slm -n '__slm_at "remember"' -l speaker -x  -d 'Who said it.'
complete -c slm -n '__slm_at "remember"' -l session -x  -d 'The conversation that it belongs to.'
complete -c slm -n '__slm_at "remember"' -l at -x  -d 'When it was said or seen.'
complete -c slm -n '__slm_at "remember"' -l valid-from -x  -d 'From when it is true.'
complete -c slm -n '__slm_at "remember"' -l valid-until -x  -d 'Until when it is true.'
complete -c slm -n '__slm_at "remember"' -l source -x  -d 'Where it comes from: a file, a page.'
complete -c slm -n '__slm_at "remember"' -l importance -x  -d 'From 0 to 1.'
complete -c slm -n '__slm_at "remember"' -l pin -d 'Never let it fade.'
complete -c slm -n '__slm_at "remember"' -l private -d 'Never show it to agents.'
complete -c slm -n '__slm_at "remember"' -l supersedes -x -a '(__slm_values ids)' -d 'What was true until now.'
complete -c slm -n '__slm_at "remember"' -l batch -r -F -d 'A record a line, as JSON; - for stdin.'
complete -c slm -n '__slm_at "remember"' -l no-redact -d 'Store secrets as they stand.'
complete -c slm -n '__slm_at "remember"' -l force -d 'Even if it was corrected or forgotten.'
complete -c slm -n '__slm_at "recall"' -s n -l limit -x  -d 'Memories shown at most.'
complete -c slm -n '__slm_at "recall"' -l budget -x  -d 'Tokens that the texts may take.'
complete -c slm -n '__slm_at "recall"' -l since -x  -d 'Only what was said since then.'
complete -c slm -n '__slm_at "recall"' -l until -x  -d 'Only what was said until then.'
complete -c slm -n '__slm_at "recall"' -l as-of -x  -d 'What was true then, as known today.'
complete -c slm -n '__slm_at "recall"' -l now -x  -d 'Ask as if it were then.'
complete -c slm -n '__slm_at "recall"' -l tag -x -a '(__slm_values tags)' -d 'Only with this tag; repeatable.'
complete -c slm -n '__slm_at "recall"' -l all-scopes -d 'Look into every project.'
complete -c slm -n '__slm_at "recall"' -l archived -d 'Archived memories as well, which otherwise come only where others fail.'
complete -c slm -n '__slm_at "recall"' -l min-confidence -x  -d 'Probability to answer at all; 0 always does.'
complete -c slm -n '__slm_at "recall"' -l answer -d 'Quote the answer, with the memories it rests on.'
complete -c slm -n '__slm_at "recall"' -l why -d 'Show the terms of each score and the rank in each channel.'
complete -c slm -n '__slm_at "used"' -a '(__slm_values ids)'
complete -c slm -n '__slm_at "ask"' -s n -l limit -x  -d 'Memories given to the model at most.'
complete -c slm -n '__slm_at "ask"' -l budget -x  -d 'Tokens that their texts may take.'
complete -c slm -n '__slm_at "ask"' -l since -x  -d 'Only what was said since then.'
complete -c slm -n '__slm_at "ask"' -l until -x  -d 'Only what was said until then.'
complete -c slm -n '__slm_at "ask"' -l as-of -x  -d 'What was true then, as known today.'
complete -c slm -n '__slm_at "ask"' -l now -x  -d 'Ask as if it were then.'
complete -c slm -n '__slm_at "ask"' -l tag -x -a '(__slm_values tags)' -d 'Only with this tag; repeatable.'
complete -c slm -n '__slm_at "ask"' -l all-scopes -d 'Look into every project.'
complete -c slm -n '__slm_at "ask"' -l min-confidence -x  -d 'Probability to answer at all; 0 always does.'
complete -c slm -n '__slm_at "show"' -l history -d 'Show what it was before.'
complete -c slm -n '__slm_at "show"' -a '(__slm_values ids)'
complete -c slm -n '__slm_at "list"' -l unused -d 'Only memories that were never used.'
complete -c slm -n '__slm_at "list"' -l before -x  -d 'Only what was remembered before then.'
complete -c slm -n '__slm_at "list"' -l actor -x  -d 'Only what this actor wrote: cli, import:markdown.'
complete -c slm -n '__slm_at "list"' -l source -x  -d 'Only what comes from this source.'
complete -c slm -n '__slm_at "list"' -l tag -x -a '(__slm_values tags)' -d 'Only with this tag; repeatable.'
complete -c slm -n '__slm_at "list"' -l kind -x -a 'note fact preference decision event turn' -d 'Only memories of this kind.'
complete -c slm -n '__slm_at "list"' -l phase -x -a 'active warm cold archived' -d 'Only memories in this phase.'
complete -c slm -n '__slm_at "list"' -l now -x  -d 'Ask as if it were then.'
complete -c slm -n '__slm_at "list"' -l all-scopes -d 'Look into every project.'
complete -c slm -n '__slm_at "list"' -l ids -d 'Print whole ids and nothing else.'
complete -c slm -n '__slm_at "list"' -s n -l limit -x  -d 'Memories listed at most; 0 lists all.'
complete -c slm -n '__slm_at "why"' -l for -x  -d 'Why this question finds it or not; a lone - reads stdin.'
complete -c slm -n '__slm_at "why"' -l last -d 'Explain your last recall instead.'
complete -c slm -n '__slm_at "why"' -s n -l limit -x  -d 'Memories shown at most.'
complete -c slm -n '__slm_at "why"' -l budget -x  -d 'Tokens that the texts may take.'
complete -c slm -n '__slm_at "why"' -l since -x  -d 'Only what was said since then.'
complete -c slm -n '__slm_at "why"' -l until -x  -d 'Only what was said until then.'
complete -c slm -n '__slm_at "why"' -l as-of -x  -d 'What was true then, as known today.'
complete -c slm -n '__slm_at "why"' -l now -x  -d 'Ask as if it were then.'
complete -c slm -n '__slm_at "why"' -l tag -x -a '(__slm_values tags)' -d 'Only with this tag; repeatable.'
complete -c slm -n '__slm_at "why"' -l all-scopes -d 'Look into every project.'
complete -c slm -n '__slm_at "why"' -l archived -d 'Archived memories as well, which otherwise come only where others fail.'
complete -c slm -n '__slm_at "why"' -l min-confidence -x  -d 'Probability to answer at all; 0 always does.'
complete -c slm -n '__slm_at "why"' -a '(__slm_values ids)'
complete -c slm -n '__slm_at "log"' -l verify -d 'Check the whole chain of entries.'
complete -c slm -n '__slm_at "log"' -l head -x  -d 'A head kept elsewhere to compare with.'
complete -c slm -n '__slm_at "log"' -s n -l limit -x  -d 'Entries at most; 0 for all.'
complete -c slm -n '__slm_at "correct"' -l from -x  -d 'It was true until then.'
complete -c slm -n '__slm_at "correct"' -l reason -x  -d 'Why, for show --history.'
complete -c slm -n '__slm_at "correct" 0' -a '(__slm_values ids)'
complete -c slm -n '__slm_at "tag" 0' -a '(__slm_values ids)'
complete -c slm -n '__slm_at "tag"' -a '(__slm_values changes)'
complete -c slm -n '__slm_at "pin"' -a '(__slm_values ids)'
complete -c slm -n '__slm_at "unpin"' -a '(__slm_values ids)'
complete -c slm -n '__slm_at "forget"' -l tag -x -a '(__slm_values tags)' -d 'All with this tag, in every scope.'
complete -c slm -n '__slm_at "forget"' -l source -x  -d 'All from this source.'
complete -c slm -n '__slm_at "forget"' -l mentions -x  -d 'All that name this, in every scope.'
complete -c slm -n '__slm_at "forget"' -l reason -x  -d 'Why, for show.'
complete -c slm -n '__slm_at "forget"' -l dry-run -d 'Show what would happen and change nothing.'
complete -c slm -n '__slm_at "forget"' -l yes -d 'Don'\''t ask.'
complete -c slm -n '__slm_at "forget"' -a '(__slm_values ids)'
complete -c slm -n '__slm_at "undo"' -l dry-run -d 'Show what would happen and change nothing.'
complete -c slm -n '__slm_at "undo"' -l yes -d 'Don'\''t ask.'
complete -c slm -n '__slm_at "import"' -l from -x -a 'jsonl markdown chatgpt claude mem0 mcp-memory locomo' -d 'jsonl: JSON lines: what slm export writes, or one record a line; markdown: a Markdown file, or a folder of them: one memory a section; chatgpt: ChatGPT'\''s data export: ZIP, folder or conversations.json; claude: Claude'\''s data export: ZIP, folder, or one of its JSON files; mem0: JSON that mem0'\''s get_all() returns; mcp-memory: memory.jsonl of the MCP memory server; locomo: conversations in the JSON of LoCoMo'
complete -c slm -n '__slm_at "import"' -l dry-run -d 'Show what would happen and change nothing.'
complete -c slm -n '__slm_at "import" 0' -F
complete -c slm -n '__slm_at "export"' -s o -l output -r -F -d 'Write here, at once whole.'
complete -c slm -n '__slm_at "export"' -l format -x -a 'jsonl markdown' -d 'jsonl: everything, for slm import; markdown: what stands, for people.'
complete -c slm -n '__slm_at "stats"' -l reset -d 'Of weights: back to the defaults.'
complete -c slm -n '__slm_at "stats" 0' -a 'memories weights phases'
complete -c slm -n '__slm_at "man"' -l output -r -a '(__fish_complete_directories)' -d 'Write the files into this folder.'
complete -c slm -n '__slm_at "connect"' -l hooks -d 'Tell the agent what is known, unasked; count uses.'
complete -c slm -n '__slm_at "connect"' -l remove -d 'Take slm out of the agent'\''s files again.'
complete -c slm -n '__slm_at "connect"' -l dry-run -d 'Show what would happen and change nothing.'
complete -c slm -n '__slm_at "connect" 0' -a 'claude-code codex cursor gemini vscode'
complete -c slm -n '__slm_at "watch" 0' -a add -d 'Remember the notes of a folder, now and whenever they change: a memory for each section'
complete -c slm -n '__slm_at "watch" 0' -a list -d 'List the watched folders: how each does, and which files can'\''t be taken in'
complete -c slm -n '__slm_at "watch" 0' -a remove -d 'Watch a folder no more'
complete -c slm -n '__slm_at "watch add"' -l glob -x  -d 'Which files: *.md, *.markdown; repeatable.'
complete -c slm -n '__slm_at "watch add"' -l name -x  -d 'What log calls it; the folder'\''s name.'
complete -c slm -n '__slm_at "watch add" 0' -a '(__fish_complete_directories)'
complete -c slm -n '__slm_at "watch remove"' -l forget -d 'Forget what came from it, too.'
complete -c slm -n '__slm_at "backup" 0' -a create -d 'Write a backup of the profile; it may be in use meanwhile'
complete -c slm -n '__slm_at "backup" 0' -a verify -d 'Read a backup from end to end and check every value of it'
complete -c slm -n '__slm_at "backup" 0' -a restore -d 'Make a profile of a backup: the default one or --profile NAME, which must be empty'
complete -c slm -n '__slm_at "backup create" 0' -F
complete -c slm -n '__slm_at "backup verify" 0' -F
complete -c slm -n '__slm_at "backup restore" 0' -F
complete -c slm -n '__slm_at "hook" 0' -a session-start -d 'Print what an agent should know when a session begins'
complete -c slm -n '__slm_at "hook" 0' -a user-prompt -d 'Print what is known about the prompt that the user has just sent'
complete -c slm -n '__slm_at "hook" 0' -a stop -d 'Count the memories that the agent'\''s answer cites as [slm:ID] as used'
complete -c slm -n '__slm_at "hook session-start"' -l budget -x  -d 'Tokens that the block may take, 100 to 4000.'
complete -c slm -n '__slm_at "hook user-prompt"' -l budget -x  -d 'Tokens that the block may take, 100 to 4000.'
complete -c slm -n '__slm_at "hook stop"' -l budget -x  -d 'Tokens that the block may take, 100 to 4000.'
complete -c slm -n '__slm_at "profile" 0' -a list -d 'List the profiles'
complete -c slm -n '__slm_at "profile" 0' -a create -d 'Make an empty profile; one is also made by its first use'
complete -c slm -n '__slm_at "profile" 0' -a delete -d 'Delete a profile with all its memories'
complete -c slm -n '__slm_at "profile delete"' -l yes -d 'Don'\''t ask.'
complete -c slm -n '__slm_at "profile delete" 0' -a '(__slm_values profiles)'
complete -c slm -n '__slm_at "scope" 0' -a list -d 'List the scopes with their memories; * marks the one of this folder'
complete -c slm -n '__slm_at "scope" 0' -a rename -d 'Move the memories of one scope to another name'
complete -c slm -n '__slm_at "scope rename" 0' -a '(__slm_values scopes)'
complete -c slm -n '__slm_at "scope rename" 1' -a '(__slm_values scopes)'
complete -c slm -n '__slm_at "config" 0' -a show -d 'Show every key with its value; * marks what differs from the default'
complete -c slm -n '__slm_at "config" 0' -a get -d 'Print the value of one key'
complete -c slm -n '__slm_at "config" 0' -a set -d 'Change one key in the file; everything else in it stays as it is'
complete -c slm -n '__slm_at "config" 0' -a path -d 'Print where the configuration file lies'
complete -c slm -n '__slm_at "config" 0' -a check -d 'Check the configuration file'
complete -c slm -n '__slm_at "config" 0' -a example -d 'Print a file with every key, its default and what it does'
complete -c slm -n '__slm_at "config get" 0' -a 'profile embed.model embed.threads embed.query_cache recall.limit recall.metric recall.learn recall.min_confidence remember.redact remember.redact_patterns store.map_gib daemon.idle_exit_minutes daemon.request_timeout_s trust.cli trust.agent trust.watch trust.import lifecycle.enabled llm.base_url llm.model llm.timeout_s llm.allow_remote'
complete -c slm -n '__slm_at "config set" 0' -a 'profile embed.model embed.threads embed.query_cache recall.limit recall.metric recall.learn recall.min_confidence remember.redact remember.redact_patterns store.map_gib daemon.idle_exit_minutes daemon.request_timeout_s trust.cli trust.agent trust.watch trust.import lifecycle.enabled llm.base_url llm.model llm.timeout_s llm.allow_remote'
complete -c slm -n '__slm_at "daemon" 0' -a start -d 'Start the daemon if none runs'
complete -c slm -n '__slm_at "daemon" 0' -a stop -d 'Let the daemon finish what it does, and end it'
complete -c slm -n '__slm_at "daemon" 0' -a restart -d 'End the daemon and start a new one'
complete -c slm -n '__slm_at "daemon" 0' -a run -d 'Be the daemon in this terminal, until interrupted'
complete -c slm -n '__slm_at "daemon" 0' -a logs -d 'Show the end of the daemon'\''s log'
complete -c slm -n '__slm_at "daemon logs"' -s n -l limit -x  -d 'Lines shown at most.'
complete -c slm -n '__slm_at "completions" 0' -a install -d 'Write the script to where the shell looks for it; with --output those of all shells into a folder'
complete -c slm -n '__slm_at "completions" 0' -a bash -d 'Print the script for bash'
complete -c slm -n '__slm_at "completions" 0' -a zsh -d 'Print the script for zsh'
complete -c slm -n '__slm_at "completions" 0' -a fish -d 'Print the script for fish'
complete -c slm -n '__slm_at "completions install"' -l output -r -a '(__fish_complete_directories)' -d 'Write the files into this folder.'
complete -c slm -n '__slm_at "completions install" 0' -a 'bash zsh fish'
