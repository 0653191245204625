# shellcheck shell=bash
# Completion for postern-setup.

_postern_setup() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} words
	case $prev in
		--mode) words='auto userns apparmor filecaps filecaps-userns setuid sysctl' ;;
		--apparmor) words='stacking permissive' ;;
		--group)
			mapfile -t COMPREPLY < <(compgen -g -- "$cur")
			return
			;;
		--root)
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -d -- "$cur")
			return
			;;
		*)
			words='check plan apply verify undo status enable disable --mode --allow-privileged --allow-sysctl --group --apparmor
				--until-reboot --as-bwrap --boot --brief --sha256 --yes --json --root --version --help'
			;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _postern_setup postern-setup
