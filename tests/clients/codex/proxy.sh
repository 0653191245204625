# shellcheck shell=sh
# The managed proxy: Codex keeps sockets open across the launcher, by which the inside hands a
# listener to the outside. A launcher that closes what it does not know breaks exactly this.

use logged

# route_fds: the descriptors that the third call's command is told of.
route_fds() {
	call "$(calls)" | grep -o '"control_fd":[0-9]*' | cut -d: -f2 | sort -u
}

# inherited NAME: the launcher was started with each of them open.
inherited() {
	i_fds=$(route_fds)
	i_missing=
	for i_fd in $i_fds; do
		grep -qx "fd $i_fd" "$S/log" || i_missing="$i_missing $i_fd"
	done
	if [ -n "$i_fds" ] && [ -z "$i_missing" ]; then
		ok "codex/$WHERE: $1: the control sockets were open"
	else
		not_ok "codex/$WHERE: $1: the control sockets were open" \
			"named: $i_fds; not open:$i_missing"
	fi
}

# Through the helper, with a server of ours as the proxy.
mkdir -p "$S/web"
echo "served outside" >"$S/web/page"
serve --files "$S/web"
fetch='import os, sys, urllib.request
open_ = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
print(open_(os.environ["HTTP_PROXY"] + "/page", timeout=10).read().decode().strip())
try:
    open_("http://127.0.0.1:" + sys.argv[1] + "/page", timeout=10)
except OSError as error:
    print("direct:", error)'
network='{"loopbackPorts":['${port:?}'],"allowLocalBinding":false,"allowUnixSockets":[],
"dangerouslyAllowAllUnixSockets":false}'
ADD=HTTP_PROXY=http://127.0.0.1:$port
helper --managed-network "$network" -- /usr/bin/python3 -c "$fetch" "$port"
judge "managed proxy: the proxy can be reached" 0 '^served outside$'
judge "managed proxy: nothing else can" 0 '^direct: .*Connection refused'
inherited "managed proxy"
helper --managed-network "$network" -- /bin/sh -c 'exit 42'
judge "managed proxy: exit status" 42 ''
# shellcheck disable=SC2034 # in_project uses it
ADD=
serve_end

# And as users have it, with Codex's own proxy, which forbids what nobody allowed.
blocked='import urllib.error, urllib.request
try:
    print(urllib.request.urlopen("http://example.invalid/", timeout=10).status)
except urllib.error.HTTPError as error:
    print("proxy says", error.code)'
cx sandbox -c features.network_proxy=true -c "$WW" \
	-c sandbox_workspace_write.network_access=true -- /usr/bin/python3 -c "$blocked"
judge "network_proxy feature: its proxy answers" 0 '^proxy says 403$'
inherited "network_proxy feature"
if call_has 3 '[--unshare-net]'; then
	ok "codex/$WHERE: network_proxy feature: in a network of its own"
else
	not_ok "codex/$WHERE: network_proxy feature: in a network of its own" "$(call 3)"
fi
