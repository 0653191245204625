# Completion for postern: a command, then its options. The table is made from the command's own.

complete -c postern -f
complete -c postern -n __fish_use_subcommand -a container -d 'Print or try the run arguments with which sandboxes work in a container'
complete -c postern -n '__fish_seen_subcommand_from container; and not __fish_seen_subcommand_from check' -a check -d 'Start an image with these arguments, and a sandbox in it'
complete -c postern -n __fish_use_subcommand -a doctor -d 'Say whether sandboxes work on this host, and if not, why and what to do'
complete -c postern -n __fish_use_subcommand -a run -d 'Run a command in a sandbox'
complete -c postern -n __fish_use_subcommand -a explain -d 'Say what a policy allows, and why; run nothing'
complete -c postern -n __fish_use_subcommand -a verify -d 'Try whether a policy holds'
complete -c postern -n __fish_use_subcommand -l help -d 'Print the commands and exit'
complete -c postern -n __fish_use_subcommand -l version -d 'Print the version and exit'

# @TABLE@

# Where the last word of the line stands: "o" for an option, a kind, or "command N" if the command begins at word N.
function __postern_run_place
    set -l words $argv
    set -l i 3
    while test $i -lt (count $words)
        switch $words[$i]
            case --
                echo command (math $i + 1)
                return
            case '-*=*'
                set i (math $i + 1)
            case '-*'
                set -l kind (__postern_run_kind $words[$i])
                if test -n "$kind"; and test (math $i + 1) -ge (count $words)
                    echo $kind
                    return
                end
                set i (math $i + 1 + (count $kind))
            case '*'
                echo command $i
                return
        end
    end
    if string match -q -- '-*' $words[-1]
        echo o
    else
        echo command (count $words)
    end
end

function __postern_run_complete
    set -l current (commandline -ct)
    set -l words (commandline -opc) $current
    # an empty last word is no element above
    test -n "$current"; or set -a words ''
    set -l place (string split ' ' -- (__postern_run_place $words))
    switch $place[1]
        case o
            set -l table __postern_$words[2]_options
            printf '%s\n' $$table
        case f
            __fish_complete_path $current
        case d
            __fish_complete_directories $current
        case P
            printf '%s\n' $__postern_presets
        case N
            printf '%s\n' $__postern_networks
        case B
            printf '%s\n' $__postern_backends
        case v
            set -nx
        case command
            test $words[2] = run; or return
            complete -C (string join ' ' -- (string escape -- $words[$place[2]..-2]) $current)
    end
end

complete -c postern -n '__fish_seen_subcommand_from run explain verify' -f -a '(__postern_run_complete)'
