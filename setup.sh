#!/usr/bin/env bash
# Makes .venv/ from the lock files:  ./setup.sh        what running needs
#                                    ./setup.sh --dev  and what checking needs
# A second call finds the stamp of the first and ends at once. Looks for CPython 3.10 in $PYTHON, on the
# path, in pyenv; else lets uv download one. Set PIP_INDEX_URL or UV_DEFAULT_INDEX to use a mirror.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

TOOLS=.venv-tools
LOCKS=(requirements.lock)
[ "${1:-}" = --dev ] && LOCKS+=(requirements-dev.lock)
UV_VERSION=$(sed -n 's/^uv==\([^ ]*\).*/\1/p' requirements-uv.txt)

say() { printf '%s\n' "$*" >&2; }
die() { say "设置失败:$*"; exit 1; }

# What .venv was made from. A move of the folder changes it, because scripts in .venv/bin name the folder.
stamp_of() { { pwd; cat setup.sh pyproject.toml "$@"; } | cksum; }
is_current() {
    [ -x .venv/bin/wence ] || return 1
    local made; made=$(cat .venv/stamp 2>/dev/null) || return 1
    # An environment for checking serves for running as well.
    [ "$made" = "$(stamp_of requirements.lock requirements-dev.lock)" ] || [ "$made" = "$(stamp_of "${LOCKS[@]}")" ]
}

# step <title> <command...>: run quietly, show the seconds, and the end of the log if it fails.
step() {
    local title=$1 started=$SECONDS pid log=$TOOLS/setup.log
    shift
    set -m  # a process group of its own, so that Ctrl-C can end all of it
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    set +m
    trap 'kill -- "-$pid" 2>/dev/null; exit 130' INT TERM HUP
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.2
        if [ -t 2 ]; then printf '\r%s……%d 秒 ' "$title" $((SECONDS - started)) >&2
        elif (( SECONDS - started >= ${shown:-0} + 5 )); then shown=$((SECONDS - started)); say "$title……$shown 秒"; fi
    done
    trap - INT TERM HUP
    shown=0
    if wait "$pid"; then
        if [ -t 2 ]; then printf '\r' >&2; fi
        say "$title:完成,用时 $((SECONDS - started)) 秒"
    else
        if [ -t 2 ]; then printf '\n' >&2; fi
        tail -n 15 "$log" >&2
        die "$title 没有成功,完整记录见 $log"
    fi
}

is_310() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' >/dev/null 2>&1; }
# Candidates are run, not only looked up: a pyenv shim named python3.10 may exist and fail.
find_310() {
    local candidate
    for candidate in "${PYTHON:-}" python3.10 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python python3; do
        if [ -n "$candidate" ] && is_310 "$candidate"; then command -v "$candidate"; return; fi
    done
    return 1
}

# The pinned uv, through whatever this machine's Pythons can do: venv, virtualenv, pip, or the standard library.
has_uv() { [ "$("$TOOLS/bin/uv" --version 2>/dev/null | cut -d' ' -f2)" = "$UV_VERSION" ]; }
get_uv() {
    local python pip_install=(-m pip install --quiet --require-hashes --only-binary :all: -r requirements-uv.txt)
    for python in python3 "$(find_310 || true)" /usr/bin/python3 python; do
        [ -n "$python" ] && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' || continue
        rm -rf "$TOOLS/env"
        if { "$python" -m venv "$TOOLS/env" || "$python" -m virtualenv "$TOOLS/env"; } \
            && "$TOOLS/env/bin/python" "${pip_install[@]}"; then
            ln -sf ../env/bin/uv "$TOOLS/bin/uv"
        elif "$python" "${pip_install[@]}" --target "$TOOLS/env"; then
            ln -sf ../env/bin/uv "$TOOLS/bin/uv"
        else
            "$python" tools/fetch_uv.py requirements-uv.txt "$TOOLS/bin/uv" || continue
        fi
        has_uv && return
    done
    echo "没有能用的 Python:请先安装 python3-venv(apt-get install python3-venv)"
    return 1
}

install_packages() {
    "$TOOLS/bin/uv" pip sync --quiet --python .venv/bin/python --require-hashes --compile-bytecode "${LOCKS[@]}"
}
install_project() {
    "$TOOLS/bin/uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --offline --editable .
}
download_310() {
    "$TOOLS/bin/uv" python install --no-bin 3.10 && return
    echo "本机没有 Python 3.10,也下载不到:请先安装(例如 pyenv install 3.10),或用 PYTHON=… 指出它在哪里"
    return 1
}

is_current && exit 0
mkdir -p "$TOOLS/bin"
if command -v flock >/dev/null; then
    exec 9>"$TOOLS/lock"
    flock -n 9 || { say "另一个设置正在进行,等它结束……"; flock 9; }
    is_current && exit 0
fi
[ -n "${PIP_INDEX_URL:-}" ] && export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$PIP_INDEX_URL}"
if [ -n "${PYTHON:-}" ] && ! is_310 "$PYTHON"; then say "PYTHON=$PYTHON 不是能运行的 Python 3.10,改用别处的。"; fi

has_uv || step "获取安装工具 uv $UV_VERSION" get_uv
if ! is_310 .venv/bin/python; then
    if ! python=$(find_310); then
        step "下载 Python 3.10" download_310
        python=$("$TOOLS/bin/uv" python find --managed-python 3.10)
    fi
    "$TOOLS/bin/uv" venv --quiet --clear --no-project --python "$python" --prompt wence .venv
fi
rm -f .venv/stamp
step "安装依赖包(约 1.8 GB,一两分钟)" install_packages
step "安装本项目" install_project
stamp_of "${LOCKS[@]}" >.venv/stamp
