#!/usr/bin/env bash
# Installs the locked packages, Node 24 among them. Needs any Node >= 20 with npm.
set -euo pipefail
cd "$(dirname "$0")/.."
major=$(PATH=${PATH#*node_modules/.bin:} node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if [ "$major" -lt 20 ]; then
  echo "Node >= 20 with npm is needed to install the packages (found: ${major/#0/none}). On Debian: apt-get install nodejs npm, or use nodejs.org." >&2
  exit 2
fi
echo "installing npm packages (about 45 s on a cold cache)"
npm ci --no-progress --loglevel=error
