#!/usr/bin/env bash
# `make test`: every part in turn, quickest first, each named. A part this machine cannot run is counted as skipped
# with what would enable it; under CI a skip is a failure. The Kubernetes binaries build in the background meanwhile.
set -uo pipefail
cd "$(dirname "$0")/.."

passed=0 failed=0 skipped=0
failures=()

part() { # part NAME COMMAND...
  local name=$1 started=$SECONDS
  shift
  printf '\n=== %s\n' "$name"
  if "$@"; then
    passed=$((passed + 1))
    printf '=== %s: passed in %d s\n' "$name" $((SECONDS - started))
  else
    failed=$((failed + 1))
    failures+=("$name")
    printf '=== %s: FAILED after %d s\n' "$name" $((SECONDS - started))
  fi
}

skip() { # skip NAME HOW_TO_ENABLE
  if [ "${CI:-}" = true ]; then
    printf '\n=== %s: FAILED, under CI nothing may be skipped: %s\n' "$1" "$2"
    failed=$((failed + 1))
    failures+=("$1")
  else
    printf '\n=== %s: skipped: %s\n' "$1" "$2"
    skipped=$((skipped + 1))
  fi
}

have_control_plane() { [ -n "${KUBEBUILDER_ASSETS:-}" ] || command -v go >/dev/null || [ -x /usr/local/go/bin/go ]; }
have_node() { [ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ]; }

make node_modules || exit 2

part "lint and types" make lint
part "generated files" make verify
part "unit and golden" make test-unit

if have_control_plane; then
  part "cluster binaries" make lab
  part "integration" make test-integration
else
  skip "integration" "needs Go >= 1.26 to build kube-apiserver and etcd, or KUBEBUILDER_ASSETS with both"
fi
part "abuse" make test-abuse
if have_control_plane && have_node; then
  part "end to end" make test-e2e
else
  skip "end to end" "needs Linux, root and Go >= 1.26 for the lab's kubelet and containers"
fi

printf '\n'
for name in "${failures[@]:-}"; do [ -n "$name" ] && printf 'failed: %s\n' "$name"; done
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
