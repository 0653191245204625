# zsh -f candidates.zsh FOLDER FILE LINE: appends to FILE what a person would be offered who types LINE
# and then TAB, with the completion functions of FOLDER. zsh completes only at a terminal: this is one.
zmodload zsh/zpty
export HITS=$2
: >$HITS
zpty shell zsh -f -i
zpty -w shell "stty -echo; PS1=; fpath=(${(q)1} \$fpath); autoload -Uz compinit && compinit -D -u"
# every candidate goes through compadd; calls that only fill arrays offer nothing
zpty -w shell 'compadd() {
	builtin compadd "$@"
	(( ${@[(I)-O|-A|-D]} )) && return
	local -a hits
	builtin compadd -O hits "$@"
	print -rl -- "HIT:"$^hits >>$HITS
}'
zpty -w shell 'finish() { zle complete-word; print DONE >>$HITS }; zle -N finish; bindkey "^I" finish'
zpty -w shell 'print READY >>$HITS'
wait_for() {
	repeat 200; do
		grep -qx "$1" $HITS && return
		sleep 0.05
	done
}
wait_for READY
zpty -w -n shell "$3"$'\t'
wait_for DONE
zpty -d shell
