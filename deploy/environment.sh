# shellcheck shell=bash disable=SC2034
# Sourced by the commands beside it: where things are, and what they need.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
command_name=${0##*/}
port=${PORT:-8080}
data_dir=$(realpath -m -- "${DATA_DIR:-$root/.data}")
url=http://127.0.0.1:$port

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

say() { printf '%s: %s\n' "$command_name" "$*" >&2; }

die() {
  say "$@"
  exit 1
}

has_sdk() { [[ -x $1 ]] && "$1" --list-sdks 2>/dev/null | grep -q '^10\.'; }

# Puts a dotnet with the .NET 10 SDK first on PATH.
require_dotnet() {
  local candidate
  for candidate in "$(type -P dotnet)" "${DOTNET_ROOT:-}/dotnet" ~/.dotnet/dotnet /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet; do
    if has_sdk "$candidate"; then
      PATH=$(dirname -- "$candidate"):$PATH
      return
    fi
  done
  die "the .NET 10 SDK was not found on PATH, in DOTNET_ROOT or in ~/.dotnet." \
    "Install it from https://dotnet.microsoft.com/download/dotnet/10.0"
}

require_valid_port() {
  [[ $port =~ ^[1-9][0-9]{0,4}$ ]] && ((port <= 65535)) && return
  die "PORT must be a number from 1 to 65535, not '$port'"
}

is_port_taken() { (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }

# The status of a GET without a body to read; nothing where nobody answers.
http_status() {
  (
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$1" >&3
    read -r -t 5 _ status _ <&3
    printf '%s\n' "$status"
  ) 2>/dev/null || true
}

# Below the range Linux takes ports for outgoing connections from.
free_port() {
  local port
  for port in $(shuf -i 20000-31999 -n 50); do
    if ! is_port_taken; then
      printf '%s\n' "$port"
      return
    fi
  done
  die "no free port was found"
}
