# shellcheck shell=bash disable=SC2154
# Completion for postern-bwrap and bwrap: options, their arguments, then the command. The table is
# made from the launcher's own. Kinds are letters, one for each argument: file, capability, variable,
# nothing.

# @TABLE@

# The command begins at word $1; complete it as if it stood alone.
_postern_bwrap_command() {
	if declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	elif ((COMP_CWORD == $1)); then
		mapfile -t COMPREPLY < <(compgen -c -- "$cur")
	else
		compopt -o default 2>/dev/null
	fi
}

_postern_bwrap_reply() {
	case $1 in
		f)
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			;;
		c) mapfile -t COMPREPLY < <(compgen -W "$_postern_bwrap_caps" -- "$cur") ;;
		v) mapfile -t COMPREPLY < <(compgen -v -- "$cur") ;;
		o) mapfile -t COMPREPLY < <(compgen -W "$_postern_bwrap_options" -- "$cur") ;;
	esac
	if declare -F __ltrim_colon_completions >/dev/null; then
		__ltrim_colon_completions "$cur"
	fi
}

_postern_bwrap() {
	local cur words cword i=1 kinds
	COMPREPLY=()
	if declare -F _get_comp_words_by_ref >/dev/null; then
		_get_comp_words_by_ref -n =: cur words cword
	else
		cur=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
	fi
	while ((i < cword)); do
		case ${words[i]} in
			--)
				_postern_bwrap_command $((i + 1))
				return
				;;
			-*) _postern_bwrap_kinds "${words[i]}" ;;
			*)
				_postern_bwrap_command "$i"
				return
				;;
		esac
		if ((i + ${#kinds} >= cword)); then
			_postern_bwrap_reply "${kinds:cword-i-1:1}"
			return
		fi
		((i += 1 + ${#kinds}))
	done
	case $cur in
		-*) _postern_bwrap_reply o ;;
		*) _postern_bwrap_command "$cword" ;;
	esac
}

complete -F _postern_bwrap postern-bwrap bwrap
