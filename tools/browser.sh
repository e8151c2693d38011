#!/usr/bin/env bash
# What the widget's build and its tests need beyond setup.sh --dev: Chromium and a Chinese font from Debian, Node,
# and the packages of widget/package-lock.json. What is here already is left alone. What cannot be had is said in
# a line; the tests that need it are left out then, but with CI=true it is an error.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

NODE=.venv-tools/node
LOG=.venv-tools/browser.log
mkdir -p .venv-tools

say() { printf '%s\n' "$*" >&2; }
missing() {
    say "$1"
    if [ "${CI:-}" = true ]; then tail -n 15 "$LOG" >&2; exit 1; fi
}

has_font() { fc-list :lang=zh-cn 2>/dev/null | grep -q .; }
has_debian() { command -v chromium >/dev/null && has_font; }
install_debian() {
    local root=()
    if [ "$(id -u)" != 0 ]; then root=(sudo -n); fi
    "${root[@]}" apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq chromium fonts-noto-cjk fontconfig
}

# Vite needs Node 20.19 or newer.
has_node() {
    PATH="$PWD/$NODE/bin:$PATH" node -e 'const [a, b] = process.versions.node.split("."); process.exit(+(a < 20 || (a == 20 && b < 19)))' 2>/dev/null &&
        tools/npm.sh --version >/dev/null 2>&1
}
install_node() {
    .venv-tools/bin/uv venv --quiet --clear --no-project --python .venv/bin/python "$NODE" &&
        .venv-tools/bin/uv pip sync --quiet --python "$NODE/bin/python" --require-hashes requirements-node.lock
}

packages_stamp() { cksum widget/package-lock.json; }
has_packages() { [ "$(cat widget/node_modules/.stamp 2>/dev/null)" = "$(packages_stamp)" ]; }
install_packages() {
    tools/npm.sh --prefix widget ci --ignore-scripts --no-audit --no-fund && packages_stamp >widget/node_modules/.stamp
}

has_debian || { say "安装 Chromium 和中文字体……"; install_debian >"$LOG" 2>&1; } ||
    missing "装不上 Chromium 或中文字体（需要 apt-get 和 root），浏览器测试做不了。"
has_node || { say "安装 Node……"; install_node >"$LOG" 2>&1; } ||
    missing "装不上 Node，网页组件不能生成，也不能检查。"
has_packages || { say "安装网页组件的构建工具……"; install_packages >"$LOG" 2>&1; } ||
    missing "装不上网页组件的构建工具（npm ci），网页组件不能生成，也不能检查。"
