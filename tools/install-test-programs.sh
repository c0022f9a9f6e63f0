#!/usr/bin/env bash
# Redis for the tests: Debian's redis-tools carries the server as a multi-call binary and, unlike redis-server, no service that starts.
set -euo pipefail
[ -x /usr/bin/redis-check-rdb ] && exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
  echo "integration tests need Redis: install Debian's redis-tools (apt-get install redis-tools, as root)" >&2
  exit 2
fi
echo "installing redis-tools"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-tools >/dev/null
