#!/usr/bin/env bash
# Runs a command with a container engine: the one that answers here, or one that is installed and started for this command alone.
#
#   scripts/container-engine.sh scripts/sam-local.sh --built --debug
#
# Installing and starting happens in CI only (`CI=true`), as root, on Debian or Ubuntu: nobody's own machine is changed. Where no
# engine can be had, the command is not run; it says why, and exits with 75.
set -euo pipefail

without() { echo "no container engine: $1"; exit 75; }
answers() { timeout 20 docker info >/dev/null 2>&1; }

if answers; then exec "$@"; fi
[ "${CI:-}" = true ] || without 'none answers, and one is installed and started in CI only (CI=true)'
[ "$(id -u)" = 0 ] || without 'none answers, and only root can start one'

PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d /var/tmp/container-engine.XXXXXX)
daemon=
finish() {
  if [ -n "$daemon" ]; then
    kill "$daemon" 2>/dev/null || true
    # Its containers have ten seconds of it; what has not ended by then hangs.
    (sleep 40; kill -KILL "$daemon") >/dev/null 2>&1 &
    local guard=$!
    wait "$daemon" 2>/dev/null || true
    kill "$guard" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

# What it needs of Debian: the daemon; iptables, without which it does not start; busybox for a stand-in of the Lambda image, and
# openssl for what containers reach over TLS. The client has a package of its own since Debian 13.
missing=()
command -v dockerd >/dev/null || missing+=(docker.io)
command -v iptables >/dev/null || missing+=(iptables)
command -v busybox >/dev/null || missing+=(busybox-static)
command -v openssl >/dev/null || missing+=(openssl)
if [ ${#missing[@]} != 0 ]; then
  command -v apt-get >/dev/null || without "${missing[*]} not installed, and there is no apt-get to install it with"
  echo "installing ${missing[*]}"
  install() { timeout 240 apt-get install --yes --quiet --no-install-recommends "$@" >>"$work/apt" 2>&1; }
  export DEBIAN_FRONTEND=noninteractive
  timeout 120 apt-get update --quiet >"$work/apt" 2>&1 || true
  install "${missing[@]}" || { tail -n 5 "$work/apt"; without 'it cannot be installed'; }
  command -v docker >/dev/null || install docker-cli || without 'its client cannot be installed'
  # Where services start by themselves, it is there now.
  if answers; then
    "$@"
    exit
  fi
fi

# A socket and data of its own, so that another engine is not disturbed. Containers speak with this machine only: the firewall
# stays as it is. The best storage driver that works here is chosen by the daemon itself.
export DOCKER_HOST=unix://$work/socket
dockerd --host "$DOCKER_HOST" --data-root "$work/data" --exec-root "$work/exec" --pidfile "$work/pid" \
  --iptables=false --ip6tables=false >"$work/log" 2>&1 &
daemon=$!
for _ in $(seq 60); do
  answers && break
  kill -0 "$daemon" 2>/dev/null || break
  sleep 1
done
if ! answers; then
  tail -n 2 "$work/log"
  without 'it does not start here'
fi
echo "container engine: $(docker info --format '{{.ServerVersion}}, {{.Driver}}'), started for this command"
"$@"
