#!/bin/sh
# Prints the path of a Collector made from builder.yaml, and builds it first if that has not been done yet.
# It lives in the user's cache folder under the checksum of the manifest, so that a changed manifest is a new build.
set -eu

BUILDER=go.opentelemetry.io/collector/cmd/builder@v0.162.0

manifest="$(cd "$(dirname "$0")" && pwd)/builder.yaml"
checksum=$({ cat "$manifest"; echo "$BUILDER"; } | cksum | tr ' ' '-')
cache="${XDG_CACHE_HOME:-$HOME/.cache}/firsttoken-testbed"
collector="$cache/otelcol-$checksum"

if [ ! -x "$collector" ]; then
    if ! command -v go >/dev/null; then
        echo "build.sh: the Go toolchain is not on PATH: install Go to build the test Collector" >&2
        exit 1
    fi
    mkdir -p "$cache"
    # A private folder and one rename at the end: an interrupted build leaves nothing that looks finished,
    # and two builds at once do not meet.
    work=$(mktemp -d "$cache/build.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
    echo "build.sh: building the test Collector, which takes some minutes the first time" >&2
    GOBIN="$work" go install "$BUILDER" >&2
    (cd "$work" && CGO_ENABLED=0 ./builder --config "$manifest" --ldflags "-s -w" >&2)
    mv "$work/otelcol/otelcol" "$collector"
fi
echo "$collector"
