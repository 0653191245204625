# shellcheck shell=bash disable=SC2154
# Completion for postern: a command, then its options. The tables are made from the command's own.

# @TABLE@

_postern_reply() {
	case $1 in
		f)
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			;;
		D)
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -d -- "$cur")
			;;
		u) mapfile -t COMPREPLY < <(compgen -u -- "$cur") ;;
		v) mapfile -t COMPREPLY < <(compgen -v -- "$cur") ;;
		d) mapfile -t COMPREPLY < <(compgen -W "$_postern_doctor_dialects" -- "$cur") ;;
		w) mapfile -t COMPREPLY < <(compgen -W 'auto yes no' -- "$cur") ;;
		c) mapfile -t COMPREPLY < <(compgen -W "$_postern_container_files" -- "$cur") ;;
		P) mapfile -t COMPREPLY < <(compgen -W "$_postern_presets" -- "$cur") ;;
		N) mapfile -t COMPREPLY < <(compgen -W "$_postern_networks" -- "$cur") ;;
		B) mapfile -t COMPREPLY < <(compgen -W "$_postern_backends" -- "$cur") ;;
	esac
}

# The command begins at word $1; complete it as if it stood alone.
_postern_command() {
	if declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	elif ((COMP_CWORD == $1)); then
		mapfile -t COMPREPLY < <(compgen -c -- "$cur")
	else
		compopt -o default 2>/dev/null
	fi
}

# The word at which the command of postern run begins, or nothing. At an equals sign the line is taken apart.
_postern_command_at() {
	local i kind
	for ((i = 2; i <= COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
			--)
				((i == COMP_CWORD)) || echo $((i + 1))
				return
				;;
			-*)
				_postern_run_kind "${COMP_WORDS[i]}"
				if [[ ${COMP_WORDS[i + 1]} == = ]]; then
					((i += 2))
				elif [[ $kind ]]; then
					((i += 1))
				fi
				;;
			*)
				echo "$i"
				return
				;;
		esac
	done
}

_postern() {
	local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} kind at
	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W 'container doctor explain run verify --help --version' -- "$cur")
		return
	fi
	case $command in
		container)
			if ((COMP_CWORD == 2)) && [[ $cur != -* ]]; then
				mapfile -t COMPREPLY < <(compgen -W check -- "$cur")
				return
			fi
			;;
		doctor | explain | verify) ;;
		run)
			at=$(_postern_command_at)
			if [[ $at ]]; then
				_postern_command "$at"
				return
			fi
			;;
		*) return 0 ;;
	esac
	# the line is taken apart at an equals sign, which is a word of its own then
	if [[ $cur == = ]]; then
		cur=
	elif [[ $before == = ]]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if [[ $command == doctor ]]; then
		_postern_doctor_kind "$before"
	elif [[ $command == container ]]; then
		_postern_container_kind "$before"
	else
		_postern_run_kind "$before"
		# letters mean the same for all commands but this one
		[[ $kind != d ]] || kind=D
	fi
	if [[ $kind ]]; then
		_postern_reply "$kind"
	else
		at=_postern_${command}_options
		mapfile -t COMPREPLY < <(compgen -W "${!at}" -- "$cur")
	fi
}

complete -F _postern postern
