# Completion for postern-bwrap and bwrap: options, their arguments, then the command. The table is
# made from the launcher's own. Kinds are letters, one for each argument: file, capability, variable,
# nothing.

# @TABLE@

# Where the last word of the line stands: an option ("o"), a kind, or "command N" if the command
# begins at word N.
function __postern_bwrap_place
    set -l words $argv
    set -l i 2
    while test $i -lt (count $words)
        switch $words[$i]
            case --
                echo command (math $i + 1)
                return
            case '-*'
                set -l kinds (string split '' -- (__postern_bwrap_kinds $words[$i]))
                if test (math $i + (count $kinds)) -ge (count $words)
                    echo $kinds[(math (count $words) - $i)]
                    return
                end
                set i (math $i + 1 + (count $kinds))
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

function __postern_bwrap_complete
    set -l current (commandline -ct)
    set -l words (commandline -opc) $current
    # an empty last word is no element above
    test -n "$current"; or set -a words ''
    set -l place (string split ' ' -- (__postern_bwrap_place $words))
    switch $place[1]
        case o
            printf '%s\n' $__postern_bwrap_options
        case f
            __fish_complete_path $current
        case c
            printf '%s\n' $__postern_bwrap_caps
        case v
            set -nx
        case command
            complete -C (string join ' ' -- (string escape -- $words[$place[2]..-2]) $current)
    end
end

complete -c postern-bwrap -f -a '(__postern_bwrap_complete)'
complete -c bwrap -f -a '(__postern_bwrap_complete)'
