#!/usr/bin/env bash
# Installs programs that are not Python's, where they are missing and this user may install them: those named, or those
# that the system tests drive.
set -euo pipefail

is_here() {
  case $1 in
    chromium) command -v chromium || command -v google-chrome ;;
    prometheus) command -v promtool ;;
    *) command -v "$1" ;;
  esac >/dev/null
}

[ $# -gt 0 ] || set -- chromium prometheus
missing=()
for package in "$@"; do
  is_here "$package" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
  echo "Programs are needed that are not here: ${missing[*]}. Install them and run again." >&2
  exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
