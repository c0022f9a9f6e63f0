#!/usr/bin/env bash
# Installs the programs that tests need: Redis, openssl for certificates, and Chromium for pages. Debian's package
# redis-tools contains the Redis server and, unlike redis-server, starts no service.
set -euo pipefail
missing=()
[ -x /usr/bin/redis-check-rdb ] || command -v redis-server >/dev/null || missing+=(redis-tools)
command -v openssl >/dev/null || missing+=(openssl)
[ -x /usr/bin/chromium ] || missing+=(chromium)
[ ${#missing[@]} = 0 ] && exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
  echo "tests need ${missing[*]}: install them (apt-get install ${missing[*]}, as root), or have redis-server and openssl in PATH, and /usr/bin/chromium" >&2
  exit 2
fi
retries=(-o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o DPkg::Lock::Timeout=120)
export DEBIAN_FRONTEND=noninteractive
for attempt in 1 2 3; do
  echo "installing ${missing[*]} (5 s; chromium half a minute)"
  # Update the package lists first, because old lists may name files that the mirror no longer has. If the mirror does
  # not answer, continue with the old lists.
  apt-get "${retries[@]}" update -qq || true
  apt-get "${retries[@]}" install -y -qq --no-install-recommends "${missing[@]}" >/dev/null && exit 0
  echo "the installation failed (attempt $attempt of 3)" >&2
  [ "$attempt" = 3 ] || sleep $((attempt * 5))
done
exit 1
