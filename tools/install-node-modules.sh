#!/usr/bin/env bash
# Installs the packages of package-lock.json, one of which is Node 24. Needs npm and any Node >= 20 on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
# Run npm with this machine's Node, because the Node in node_modules may be incomplete.
PATH=${PATH#"$PWD"/node_modules/.bin:}
major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if [ "$major" -lt 20 ] || ! command -v npm >/dev/null; then
  echo "Node >= 20 with npm is needed to install the packages (found: ${major/#0/none}). On Debian: apt-get install nodejs npm, or use nodejs.org." >&2
  exit 2
fi
echo "installing npm packages (about 45 s on a cold cache)"
for attempt in 1 2 3; do
  # With --prefer-offline, npm does not download packages that are in its cache.
  npm ci --prefer-offline --no-progress --loglevel=error --fetch-retries=4 --fetch-timeout=60000 && exit 0
  echo "npm ci failed (attempt $attempt of 3)" >&2
  [ "$attempt" = 3 ] || sleep $((attempt * 5))
done
exit 1
