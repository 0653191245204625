# shellcheck shell=bash disable=SC2154
# Completion for postern: a command, then its options. The tables are made from the command's own.

# @TABLE@

_postern_reply() {
	case $1 in
		f)
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			;;
		u) mapfile -t COMPREPLY < <(compgen -u -- "$cur") ;;
		d) mapfile -t COMPREPLY < <(compgen -W "$_postern_doctor_dialects" -- "$cur") ;;
	esac
}

_postern() {
	local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} kind
	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W 'doctor --help --version' -- "$cur")
		return
	fi
	[[ ${COMP_WORDS[1]} == doctor ]] || return 0
	# the line is taken apart at an equals sign, which is a word of its own then
	if [[ $cur == = ]]; then
		cur=
	elif [[ $before == = ]]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	_postern_doctor_kind "$before"
	if [[ $kind ]]; then
		_postern_reply "$kind"
	else
		mapfile -t COMPREPLY < <(compgen -W "$_postern_doctor_options" -- "$cur")
	fi
}

complete -F _postern postern
