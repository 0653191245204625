# shellcheck shell=sh disable=SC2034
# For the scripts beside this one, which DSM runs as the package's own account: they can say what is to be done, and can do
# nothing of it. Functions only.

POSTERN_TARGET=/var/packages/postern/target
POSTERN_SETUP=/var/packages/postern/scripts/postern-setup
# what an administrator's `enable` makes, and only root can remove
POSTERN_COPY=/usr/local/libexec/postern/postern-priv
# this is root's own program, which needs no proof
POSTERN_ENABLE='sudo /usr/local/libexec/postern/postern-setup enable'
POSTERN_DISABLE='sudo /usr/local/libexec/postern/postern-setup disable'

# tell ENGLISH GERMAN: in the window that DSM shows when it is done; the log has it in any case
tell() {
	case ${SYNOPKG_DSM_LANGUAGE:-} in
		ger) told=$2 ;;
		*) told=$1 ;;
	esac
	printf '%s\n' "$told" >&2 || :
	[ -z "${SYNOPKG_TEMP_LOGFILE:-}" ] || printf '%s\n' "$told" >>"$SYNOPKG_TEMP_LOGFILE" || :
}

# tell_task: the way without SSH, which has one line for the step and for each boot
tell_task() {
	tell "Without SSH: Control Panel, Task Scheduler, Create, Triggered Task, User-defined script; user root, event Boot-up; then run it once. With SSH: sudo -i, and the same line. The script is one line: $POSTERN_TASK" \
		"Ohne SSH: Systemsteuerung, Aufgabenplaner, Erstellen, Ausgelöste Aufgabe, Benutzerdefiniertes Skript; Benutzer root, Ereignis Hochfahren; danach einmal ausführen. Mit SSH: sudo -i, und dieselbe Zeile. Das Skript ist eine Zeile: $POSTERN_TASK"
}

# docs/synology.md has the same line. What it starts of the package is only what nobody but root can have written.
# shellcheck disable=SC2016 # for the task's shell
POSTERN_TASK='PATH=/usr/sbin:/usr/bin:/sbin:/bin; s=/usr/local/libexec/postern/postern-setup; d="/usr /usr/local /usr/local/libexec /usr/local/libexec/postern"; p=/var/packages/postern; [ -x $s ] || { s=$p/scripts/postern-setup; d="/var /var/packages $p $p/scripts"; [ -x $s ] || exit 0; }; [ $(find / $d $s -prune -user 0 ! -perm -2 ! -perm -20 | grep -c .) = 6 ] || s=/not-only-roots; $s enable --boot'

# tell_state: what works here, and what is the next step if it does not
tell_state() {
	state_code=0
	state_line=$("$POSTERN_SETUP" status --brief 2>/dev/null) || state_code=$?
	case $state_code in
		0) tell "Sandboxes work on this NAS. Nothing more is to be done." \
			"Sandboxen funktionieren auf diesem NAS. Es ist nichts weiter zu tun." ;;
		5)
			tell "postern is installed. Sandboxes need one more step here, by an administrator, because this kernel has no user namespaces. The line below does it; it runs nothing of this package that others than root could have changed." \
				"postern ist installiert. Sandboxen brauchen hier noch einen Schritt eines Administrators, weil dieser Kernel keine User-Namespaces hat. Die Zeile unten erledigt ihn; sie führt nichts von diesem Paket aus, das andere als root geändert haben könnten."
			tell_task
			;;
		6)
			tell "The privileged copy that an administrator made is of another version of postern, so it refuses to work. Make it anew: $POSTERN_ENABLE. A boot-up task for postern does that at the next start of the NAS, or now if you run it." \
				"Die privilegierte Kopie, die ein Administrator angelegt hat, gehört zu einer anderen Version von postern und verweigert deshalb die Arbeit. So wird sie neu angelegt: $POSTERN_ENABLE. Eine Aufgabe für postern beim Hochfahren erledigt das beim nächsten Start des NAS, oder jetzt, wenn Sie sie ausführen."
			;;
		7) tell "The kernel of this NAS is older than 3.10: sandboxes cannot work on it." \
			"Der Kernel dieses NAS ist älter als 3.10: Sandboxen können darauf nicht funktionieren." ;;
		*) tell "postern is installed. What works on this NAS says: $POSTERN_TARGET/bin/postern doctor" \
			"postern ist installiert. Was auf diesem NAS funktioniert, sagt: $POSTERN_TARGET/bin/postern doctor" ;;
	esac
	[ -z "$state_line" ] || printf '%s\n' "$state_line" >&2 || :
}
