# shellcheck shell=sh
# Custom permission profiles: every kind of mount that Codex can ask for beyond its own modes. For
# each, first the arguments that the launcher got, then what they are for.

profile() {
	printf 'default_permissions = "p"\n' >"$H/.codex/config.toml"
	cat >>"$H/.codex/config.toml"
}

# under_profile NAME RC REGEX CMD...
under_profile() {
	p_name=$1 p_rc=$2 p_regex=$3
	shift 3
	cx sandbox -P p -- "$@"
	judge "$p_name" "$p_rc" "$p_regex"
}

# asked NAME TEXT: the third call's arguments; else what follows would test something else.
asked() {
	if call_has 3 "$2"; then
		ok "codex/$WHERE: $1: the launcher was asked for it"
	else
		not_ok "codex/$WHERE: $1: the launcher was asked for it" "no $2 in:" "$(call 3)"
	fi
}

listing() {
	(cd "$PROJ" && find . -path ./.git -prune -o -print | sort)
}

deny_entries() {
	mkdir -p "$H/secret" "$PROJ/sub/open" "$PROJ/docs"
	echo s3cret | tee "$H/secret/key" "$H/key" "$PROJ/sub/key" "$PROJ/a.env" "$PROJ/docs/b.env" \
		>"$PROJ/docs/read"
	profile <<'END'
[permissions.p.filesystem]
":root" = "read"
"~/secret" = "deny"
"~/key" = "deny"
glob_scan_max_depth = 3
[permissions.p.filesystem.":workspace_roots"]
"." = "write"
"sub" = "deny"
"sub/open" = "write"
"docs" = "read"
"missing/deep" = "deny"
"**/*.env" = "deny"
[permissions.p.network]
enabled = false
END
	before=$(listing)

	under_profile "denied directory" 2 'Permission denied' /bin/sh -c "ls $H/secret"
	asked "denied directory" "[--perms] [000] [--tmpfs] [$H/secret] [--remount-ro] [$H/secret]"
	under_profile "file in a denied directory" 1 'Permission denied' /bin/cat "$H/secret/key"
	under_profile "denied directory with a writable child: cannot be listed" 2 'Permission denied' \
		/bin/ls sub
	asked "denied directory with a writable child" \
		"[--perms] [111] [--tmpfs] [$PROJ/sub] [--dir] [$PROJ/sub/open] [--remount-ro] [$PROJ/sub]"
	asked "the child" "[--bind] [$PROJ/sub/open] [$PROJ/sub/open]"
	under_profile "denied directory with a writable child: its file is gone" 1 'No such file' \
		/bin/cat sub/key
	under_profile "denied directory with a writable child: the child is writable" 0 '^hi$' \
		/bin/sh -c 'echo hi >sub/open/f; cat sub/open/f'
	if [ "$(cat "$PROJ/sub/open/f" 2>/dev/null)" = hi ]; then
		ok "codex/$WHERE: the child's file is there outside too"
	else
		not_ok "codex/$WHERE: the child's file is there outside too"
	fi
	rm -f "$PROJ/sub/open/f"
	under_profile "denied file" 1 'Permission denied' /bin/cat "$H/key"
	case $(call 3) in
		*'[--perms] [000] [--ro-bind-data] ['[0-9]*"] [$H/key]"*)
			ok "codex/$WHERE: denied file: the launcher was asked for it"
			;;
		*) not_ok "codex/$WHERE: denied file: the launcher was asked for it" "$(call 3)" ;;
	esac
	under_profile "glob: first match" 1 'Permission denied' /bin/cat a.env
	under_profile "glob: second match, from a descriptor of its own" 1 'Permission denied' \
		/bin/cat docs/b.env
	if [ "$(call 3 | grep -o '\[--ro-bind-data\] \[[0-9]*\]' | sort -u | wc -l)" -ge 4 ]; then
		ok "codex/$WHERE: each masked file had its own descriptor"
	else
		not_ok "codex/$WHERE: each masked file had its own descriptor" "$(call 3)"
	fi
	under_profile "missing path: cannot be made" 1 'mkdir: ' /bin/mkdir -p missing/deep
	case $(call 3) in
		*'[--ro-bind-data] ['[0-9]*"] [$PROJ/missing]"*)
			ok "codex/$WHERE: missing path: the launcher was asked for it"
			;;
		*) not_ok "codex/$WHERE: missing path: the launcher was asked for it" "$(call 3)" ;;
	esac
	under_profile "read-only part: can be read" 0 '^s3cret$' /bin/cat docs/read
	asked "read-only part" "[--ro-bind] [$PROJ/docs] [$PROJ/docs]"
	under_profile "read-only part: cannot be written" 2 'Read-only file system' \
		/bin/sh -c 'echo x >docs/read'
	under_profile "the rest can be written" 0 '^hi$' /bin/sh -c 'echo hi >g; cat g; rm g'
	after=$(listing)
	if [ "$before" = "$after" ] && [ -n "$before" ]; then
		ok "codex/$WHERE: the project is as it was before"
	else
		not_ok "codex/$WHERE: the project is as it was before" "$before" "now:" "$after"
	fi

	# The same files without a profile: else everything above could be denied for another
	# reason.
	expect "control: readable without the profile" 0 '^s3cret$' "$RO" \
		/bin/cat "$H/secret/key" "$H/key" sub/key a.env docs/b.env
}

# A writable root directory makes Codex protect /.git and the like, where a user can make nothing.
# That refusal is bubblewrap's and must be ours, in its words. Under such a policy Codex passes over
# a launcher that the user could replace, so it has to stand in a directory of root's.
root_writable() {
	if [ -z "${INSTALLED:-}" ]; then
		skip "codex: writable root with a denied entry" "only root can install a launcher"
		return
	fi
	profile <<'END'
[permissions.p.filesystem]
":root" = "write"
"~/secret" = "deny"
[permissions.p.network]
enabled = false
END
	use logged "$INSTALLED"
	cx sandbox -P p -- /bin/true
	asked "writable root" '[--bind] [/] [/] [--dev] [/dev] [--bind-try] [/dev/shm] [/dev/shm]'
	if [ "$RC" = 1 ] && [ -z "$OUT" ] && printf '%s\n' "$ERR" | sed -n 1p |
		grep -Eqx "bwrap: Can't mkdir /\.(git|codex|agents|aws): Permission denied"; then
		ok "codex/$WHERE: writable root with a denied entry: refused for a user, as by bubblewrap"
	else
		not_ok "codex/$WHERE: writable root with a denied entry: refused for a user, as by bubblewrap" \
			"exit $RC: $ERR"
	fi
	use logged
	cx sandbox -P p -- /bin/true
	if [ "$(calls)" = 0 ]; then
		ok "codex/$WHERE: writable root: Codex passes over a launcher that the user could replace"
	else
		not_ok "codex/$WHERE: writable root: Codex passes over a launcher that the user could replace" \
			"$(call 3)"
	fi
}

# Only the platform's directories are visible. Codex's own must be one of them: it is what is
# executed.
minimal() {
	profile <<END
[permissions.p.filesystem]
":minimal" = "read"
"${CODEX%/bin/codex}" = "read"
[permissions.p.filesystem.":workspace_roots"]
"." = "read"
[permissions.p.network]
enabled = false
END
	under_profile "minimal: the system is there" 0 '^root:x' /bin/sh -c 'grep ^root: /etc/passwd'
	asked "minimal" '[--as-pid-1] [--new-session] [--die-with-parent] [--tmpfs] [/] [--dev] [/dev]'
	under_profile "minimal: the rest is not" 2 'No such file' /bin/ls /var/lib
	under_profile "minimal: the project is there" 0 '^s3cret$' /bin/cat docs/read
	under_profile "minimal: a home's other files are not" 1 'No such file' /bin/cat "$H/key"
}

# Codex says --chdir only for a directory that is named by a path with a symlink in it.
chdir_link() {
	ln -sfn proj "$S/link"
	DIR=$S/link
	helper --command-cwd "$S/link" -- /bin/sh -c 'pwd -P; echo hi >from-link'
	# shellcheck disable=SC2034 # in_project uses it
	DIR=$PROJ
	judge "symlinked directory: the command is in the real one" 0 "^$PROJ\$"
	asked "symlinked directory" "[--chdir] [$PROJ]"
	if [ "$(cat "$PROJ/from-link" 2>/dev/null)" = hi ]; then
		ok "codex/$WHERE: symlinked directory: it can be written"
	else
		not_ok "codex/$WHERE: symlinked directory: it can be written"
	fi
	rm -f "$PROJ/from-link"
}

use logged
deny_entries
root_writable
minimal
rm -f "$H/.codex/config.toml"
chdir_link
