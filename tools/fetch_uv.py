"""Fetch the pinned uv with the standard library alone, for a Python that has neither venv's pip nor pip.

    python3 tools/fetch_uv.py requirements-uv.txt .venv-tools/bin/uv

A wheel is a zip file; the package index lists each with its hash, and only a listed hash that also
stands in the requirements file is accepted.
"""

from __future__ import annotations

import hashlib
import html.parser
import io
import os
import pathlib
import platform
import re
import sys
import urllib.parse
import urllib.request
import zipfile

INDEX = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"
MACHINE = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())


class Links(html.parser.HTMLParser):
    """The addresses that a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the address of a link."""
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def download(address: str) -> bytes:
    """What the address answers with."""
    with urllib.request.urlopen(address, timeout=60) as answer:
        return bytes(answer.read())


def main(requirements: str, target: str) -> None:
    """Write the uv program named by `requirements` to `target`."""
    text = pathlib.Path(requirements).read_text(encoding="utf-8")
    version = re.search(r"^uv==(\S+)", text, re.MULTILINE)
    hashes = set(re.findall(r"sha256:([0-9a-f]{64})", text))
    page = INDEX.rstrip("/") + "/uv/"
    links = Links()
    links.feed(download(page).decode("utf-8"))
    name = re.compile(rf"/uv-{re.escape(version[1] if version else '')}-py3-none-manylinux[^/]*_{MACHINE}[^/]*\.whl")
    for link in links.found:
        address = urllib.parse.urljoin(page, link)
        if not name.search(address):
            continue
        wheel = download(address)
        if hashlib.sha256(wheel).hexdigest() not in hashes:
            continue
        with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
            program = next(entry for entry in archive.namelist() if entry.endswith("/scripts/uv"))
            pathlib.Path(target).unlink(missing_ok=True)
            pathlib.Path(target).write_bytes(archive.read(program))
        os.chmod(target, 0o755)
        return
    sys.exit(f"在 {INDEX} 没有找到适合 {MACHINE} 的 uv")


if __name__ == "__main__":
    main(*sys.argv[1:])
