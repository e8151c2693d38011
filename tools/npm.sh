#!/usr/bin/env bash
# npm, the machine's own or the one that tools/browser.sh has put into .venv-tools/node/.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
PATH="$PWD/.venv-tools/node/bin:$PATH" exec npm "$@"
