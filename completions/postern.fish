# Completion for postern: a command, then its options. The table is made from the command's own.

complete -c postern -f
complete -c postern -n __fish_use_subcommand -a doctor -d 'Say whether sandboxes work on this host, and if not, why and what to do'
complete -c postern -n __fish_use_subcommand -l help -d 'Print the commands and exit'
complete -c postern -n __fish_use_subcommand -l version -d 'Print the version and exit'

# @TABLE@
