# Sourced by the scripts beside this folder: Debian forky's Asterisk in a temporary folder, on loopback, without root.
# The package archive is the one of this machine's own apt settings. FINDINGS_CACHE may name a folder that keeps the
# unpacked packages for the next script.
version=${FINDINGS_ASTERISK:-1:22.10.1+dfsg+~cs6.17.60671434-1}
folder=$(mktemp -d)
etc=$folder/etc log=$folder/log
trap finish EXIT

finish() {
    jobs -p | xargs -r kill 2>/dev/null || true
    wait
    rm -rf "$folder"
}

# Downloads the package with all it depends on, by an apt with folders and settings of its own, and unpacks it.
bring_asterisk() {
    root=${FINDINGS_CACHE:-$folder}/asterisk-${version#*:}
    [ -d "$root" ] || download_asterisk
    program=("$root"/usr/lib*/ld-linux-*.so.*)
    modules=("$root"/usr/lib/*-linux-gnu/asterisk/modules)
    program+=(--library-path "${modules[0]%/asterisk/modules}" "$root/usr/sbin/asterisk")
    echo "$("${program[@]}" -V), Debian package $version"
}

download_asterisk() {
    local apt=$folder/apt site deb keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Label: Debian' | sort -u | sed -n 1p)
    [ -n "$site" ] || { echo "apt's settings name no archive of Debian" >&2; return 1; }
    mkdir -p "$apt"/{state/lists/partial,cache/archives/partial,root}
    : >"$apt/state/status"
    echo "deb $([ ! -e $keyring ] || echo "[signed-by=$keyring]") $site forky main" >"$apt/sources.list"
    { apt-config dump | grep '^Acquire::' || true; cat; } >"$apt/apt.conf" <<-END
	Dir::State "$apt/state";
	Dir::State::status "$apt/state/status";
	Dir::Cache "$apt/cache";
	Dir::Etc::sourcelist "$apt/sources.list";
	Dir::Etc::sourceparts "/dev/null";
	Dir::Etc::preferences "/dev/null";
	Dir::Etc::preferencesparts "/dev/null";
	Dir::Etc::main "/dev/null";
	Dir::Etc::parts "/dev/null";
	APT::Install-Recommends "false";
	APT::Sandbox::User "";
	Acquire::Languages "none";
	END
    APT_CONFIG=$apt/apt.conf apt-get -qq -o APT::Update::Error-Mode=any update
    APT_CONFIG=$apt/apt.conf apt-get -qq -y --download-only install "asterisk=$version" >/dev/null
    for deb in "$apt"/cache/archives/*.deb; do dpkg -x "$deb" "$apt/root"; done
    mkdir -p "${root%/*}"
    mv "$apt/root" "$root"
}

# A configuration with nothing but these modules; the script adds the files they read.
configure() {
    local part
    mkdir -p "$etc" "$folder"/{var,spool,run}
    cat >"$etc/asterisk.conf" <<-END
	[directories]
	astetcdir => $etc
	astmoddir => ${modules[0]}
	astdatadir => $root/usr/share/asterisk
	astvarlibdir => $folder/var
	astdbdir => $folder/var
	astkeydir => $folder/var
	astagidir => $folder/var
	astspooldir => $folder/spool
	astrundir => $folder/run
	astlogdir => $log
	astcachedir => $folder/var
	END
    printf '[logfiles]\nmessages => notice,warning,error\n' >"$etc/logger.conf"
    for part in acl ccss cdr cel features indications udptl; do : >"$etc/$part.conf"; done
    { printf '[modules]\nautoload = no\n'; printf 'load = %s.so\n' "$@"; } >"$etc/modules.conf"
}

# In the background; returns when it has loaded everything.
start_asterisk() {
    local wait
    "${program[@]}" -C "$etc/asterisk.conf" -f >"$folder/output" 2>&1 &
    asterisk=$!
    for wait in {1..240}; do
        if [ -S "$folder/run/asterisk.ctl" ] && cli core waitfullybooted >/dev/null 2>&1; then return; fi
        kill -0 "$asterisk" || break
        sleep 0.25
    done
    echo "Asterisk did not start:" >&2
    tail -n 5 "$folder/output" "$log/messages" >&2 || true
    return 1
}

stop_asterisk() {
    kill "$asterisk"
    wait "$asterisk" || true
}

cli() { env -u NOTIFY_SOCKET "${program[@]}" -C "$etc/asterisk.conf" -rx "$*"; }

# A port of loopback that nobody has now: `free_port DGRAM` or `free_port STREAM`.
free_port() {
    python3 -c 'import socket, sys
with socket.socket(type=getattr(socket, "SOCK_" + sys.argv[1])) as s:
    s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' "$1"
}
