#!/usr/bin/env bash
# The program of `make test`. It runs all kinds of tests, the cheap ones first, and builds the Kubernetes programs in
# the background. A part that cannot run on this machine is skipped with a hint; in CI it fails. If at most three test
# files with real processes fail, they run once more, one at a time. The summary names the files that passed only then.
set -uo pipefail
cd "$(dirname "$0")/.."

began=$SECONDS
passed=0 failed=0 skipped=0
results=()
unsteady=()
most_to_repeat=3
test_log=$(mktemp)

result() { # result OUTCOME NAME DETAIL
  results+=("$(printf '%-8s %-18s %s' "$1" "$2" "$3")")
  case $1 in
    passed) passed=$((passed + 1)) ;;
    skipped) skipped=$((skipped + 1)) ;;
    *) failed=$((failed + 1)) ;;
  esac
  printf '=== %s: %s, %s\n' "$2" "$1" "$3"
}

part() { # part NAME COMMAND...
  local name=$1 started=$SECONDS status
  shift
  printf '\n=== %s\n' "$name"
  "$@"
  status=$?
  result "$([ $status = 0 ] && echo passed || echo FAILED)" "$name" "$((SECONDS - started)) s"
  return $status
}

tests() { # tests TARGET. Repeats failed files only if they are few: many failures are not caused by chance.
  local files
  make "$1" 2>&1 | tee "$test_log" && return
  mapfile -t files < <(sed -n 's/^FAIL [a-z0-9-]* \([^ ]*\).*/\1/p' "$test_log" | sort -u)
  [ ${#files[@]} -gt 0 ] && [ ${#files[@]} -le $most_to_repeat ] || return 1
  printf '\n=== once more: %s\n' "${files[*]}"
  JEST_WORKERS=1 make "$1" FILES="${files[*]}" || return
  unsteady+=("${files[@]}")
}

skip() { # skip NAME HOW_TO_ENABLE
  if [ "${CI:-}" = true ]; then result FAILED "$1" "under CI nothing may be skipped: $2"; else result skipped "$1" "$2"; fi
}

lab_pid=''
lab_log=$(mktemp)
had_cluster=''

start_lab() { # uses a process group of its own, so that all its processes can be ended together
  set -m
  nice -n 19 make lab LAB_GROUP="$1" >"$lab_log" 2>&1 &
  lab_pid=$!
  set +m
}

wait_for_lab() {
  local status
  tail -n +1 -f --pid="$lab_pid" "$lab_log" &
  wait "$lab_pid"
  status=$?
  wait
  lab_pid=''
  return $status
}

end_to_end() {
  tests test-e2e && return
  make diagnose
  return 1
}

take_down() { # keeps the cluster if it ran before this script
  [ "$had_cluster" != no ] || make down
  had_cluster=''
}

clean_up() {
  [ -z "$lab_pid" ] || kill -- "-$lab_pid" 2>/dev/null
  rm -f "$lab_log" "$test_log"
  take_down
}

make node_modules || exit 2
export PATH=$PWD/node_modules/.bin:$PATH
trap clean_up EXIT
trap 'exit 130' INT TERM

no_go=$(node tools/up/main.ts check go 2>&1 >/dev/null)
no_cluster=$(node tools/up/main.ts check 2>&1 >/dev/null)
root=$([ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ] && echo yes)
[ -n "$no_go" ] || start_lab "$([ -n "$root" ] || echo control-plane)"

part "lint and types" make lint
part "generated files" make verify
part "unit and golden" make test-unit
part "test programs" make deps
part "abuse" tests test-abuse

binaries=built
if [ -n "$lab_pid" ]; then part "cluster binaries" wait_for_lab || binaries=missing; fi

if [ $binaries = missing ]; then
  result FAILED "integration" "not run: its cluster was not built"
elif [ -n "$no_go" ] && [ -z "${KUBEBUILDER_ASSETS:-}" ]; then
  skip "integration" "$no_go; or set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver, kube-controller-manager and kubectl"
else
  part "integration" tests test-integration
  [ -n "$root" ] || skip "lab node" "needs Linux and root"
fi

if [ $binaries = missing ]; then
  result FAILED "end to end" "not run: its cluster was not built"
elif [ -n "$no_cluster" ]; then
  skip "end to end" "$no_cluster"
else
  had_cluster=$(make status >/dev/null 2>&1 && echo yes || echo no)
  part "end to end" end_to_end
  take_down
fi

printf '\n'
printf '%s\n' "${results[@]}"
[ ${#unsteady[@]} = 0 ] || printf 'passed at the second attempt only: %s\n' "${unsteady[@]}"
printf '%d passed, %d failed, %d skipped, in %d s\n' "$passed" "$failed" "$skipped" $((SECONDS - began))
[ "$failed" = 0 ]
