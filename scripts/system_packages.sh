#!/usr/bin/env bash
# Checks the programs that the tests and the demo call, and installs what is missing by apt where we may.
# Asterisk is not among them: see `make asterisk`. Arguments of the form program:package ask for more than these.
# Exit status: 0 all there, 2 something is missing (one message).
set -euo pipefail
export PATH="$PATH:/usr/sbin:/usr/local/sbin:/sbin" LC_ALL=C

# program:Debian package
wanted=(sipp:sip-tester faketime:faketime baresip:baresip-core espeak-ng:espeak-ng sox:sox mosquitto:mosquitto promtool:prometheus dot:graphviz systemd-analyze:systemd openssl:openssl ss:iproute2 gcc:gcc "$@")

missing_packages() {
    local pair
    for pair in "${wanted[@]}"; do
        command -v "${pair%%:*}" >/dev/null || echo "${pair##*:}"
    done
    # Debian keeps the server's programs off PATH.
    command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || echo postgresql
    # What compiles (`make compiled`) needs Python's headers; an interpreter that is not Debian's brings its own.
    [ -f "$("${PYTHON:-python3}" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ] || echo python3-dev
    command -v uv >/dev/null || "${PYTHON:-python3}" -c 'import ensurepip' 2>/dev/null || echo python3-venv
}

# The tests start private servers of their own; ones that apt brought for us must not run on the host beside them.
stop_services() {
    [ -d /run/systemd/system ] || return 0
    local package
    for package in "$@"; do
        case "$package" in mosquitto | prometheus | postgresql)
            "${as_root[@]}" systemctl disable --now "$package" >/dev/null 2>&1 || true ;;
        esac
    done
}

mapfile -t missing < <(missing_packages)
[ ${#missing[@]} -gt 0 ] || exit 0

refuse() {
    echo "packages: $1; install them with:" >&2
    echo "    sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 2
}

command -v apt-get >/dev/null || refuse "these Debian packages, or what your system calls them, are missing"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || refuse "some are missing and this user may not install them"
    as_root=(sudo -n)
fi

echo "packages: installing ${missing[*]}"
install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends "${missing[@]}")
# The lists of a fresh machine are empty or old: one update, then a second try.
"${install[@]}" >/dev/null 2>&1 || { "${as_root[@]}" apt-get -q update >/dev/null && "${install[@]}" >/dev/null; } ||
    refuse "apt could not install them"
stop_services "${missing[@]}"

mapfile -t missing < <(missing_packages)
[ ${#missing[@]} -eq 0 ] || refuse "apt installed them, yet some programs are not found"
