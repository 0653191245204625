# shellcheck shell=sh
# A whole session: Codex asks its model (ours) what to do, runs that in sandboxes, and edits a file.
# What the command reports goes to a file in the project, so that it is read here and not from
# Codex's account.

use logged

# Each line is a question about the inside, answered in one word.
cat >"$PROJ/probe" <<'END'
#!/bin/sh
try() { if "$@" >/dev/null 2>&1; then echo "$name yes"; else echo "$name no"; fi; }
name=cwd; try touch written
name=git; touch .git/probe 2>&1 | sed "s,.*: ,$name ,"
name=etc; touch /etc/postern-probe 2>&1 | sed "s,.*: ,$name ,"
name=locked; try grep -q 'NoNewPrivs:.1' /proc/self/status
name=network; try python3 -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])))' "$1"
echo "ns $(readlink /proc/self/ns/mnt)"
END
chmod 755 "$PROJ/probe"
patch="apply_patch <<'END'
*** Begin Patch
*** Add File: patched.txt
+made by a patch
*** End Patch
END"

# The server's port is part of a command and so cannot be known before: the command reads it.
serve --log "$S/requests" "./probe \$(cat '$S/port') >report 2>&1" "$patch"
provider="{name=\"mock\",base_url=\"http://127.0.0.1:${port:?}/v1\",wire_api=\"responses\","
provider=$provider"supports_websockets=false,request_max_retries=0,stream_max_retries=0}"
cx exec --json --skip-git-repo-check -s workspace-write -m mock-model \
	-c model_provider=mock -c "model_providers.mock=$provider" \
	"do as you are told"
outside=$(python3 -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1]))); print("yes")' "$port")
serve_end

report=$(cat "$PROJ/report" 2>/dev/null)
# answered NAME LINE: the report has LINE.
answered() {
	if printf '%s\n' "$report" | grep -qx "$2"; then
		ok "codex/$WHERE: agent: $1"
	else
		not_ok "codex/$WHERE: agent: $1" "no line '$2' in:" "$report"
	fi
}

if [ "$RC" = 0 ] && printf '%s\n' "$OUT" | grep -q 'all commands are done'; then
	ok "codex/$WHERE: agent: the session came to its end"
else
	not_ok "codex/$WHERE: agent: the session came to its end" "exit $RC" "$OUT" "$ERR"
fi
answered "the project can be written" "cwd yes"
answered ".git cannot" "git Read-only file system"
answered "/etc cannot" "etc Read-only file system"
answered "no privileges can be gained" "locked yes"
answered "no network" "network no"
if [ "$outside" = yes ]; then
	ok "codex: control: the same connection works outside"
else
	not_ok "codex: control: the same connection works outside"
fi
ns=$(printf '%s\n' "$report" | sed -n 's/^ns //p')
if [ -n "$ns" ] && [ "$ns" != "$(readlink /proc/self/ns/mnt)" ]; then
	ok "codex/$WHERE: agent: the command ran in a mount namespace of its own"
else
	not_ok "codex/$WHERE: agent: the command ran in a mount namespace of its own" "$ns"
fi
if [ "$(cat "$PROJ/patched.txt" 2>/dev/null)" = "made by a patch" ] &&
	printf '%s\n' "$OUT" | grep -q '"type":"file_change"'; then
	ok "codex/$WHERE: agent: apply_patch changed a file"
else
	not_ok "codex/$WHERE: agent: apply_patch changed a file" "$OUT" "$(tail -n 1 "$S/requests")"
fi
if grep -q -e '\[--codex-run-as-fs-helper\]' "$S/log"; then
	ok "codex/$WHERE: agent: the editing was done through the launcher"
else
	not_ok "codex/$WHERE: agent: the editing was done through the launcher" "$(calls) calls"
fi
if [ "$(grep -c '^call nnp=0 ' "$S/log")" = "$(calls)" ] && [ "$(calls)" -ge 3 ]; then
	ok "codex/$WHERE: agent: no call with no_new_privs"
else
	not_ok "codex/$WHERE: agent: no call with no_new_privs" "$(grep '^call' "$S/log")"
fi
