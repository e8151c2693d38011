from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from wence.channels.session_tokens import SessionTokens
from wence.state.database import SECONDS_A_DAY
from wence.state.keys import ROTATION_DAYS, SENDER_KEY_FILE, SESSION_KEYS_FILE, KeyFileError, KeyRing, sender_key

DAY = SECONDS_A_DAY
VALID = 30 * DAY
NOW = 1_700_000_000.0


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "secrets"


def tokens(folder: Path, clock: Clock) -> SessionTokens:
    return SessionTokens(KeyRing(folder, VALID, clock), VALID, clock)


def test_the_key_of_pseudonyms_stays_the_same(folder: Path) -> None:
    assert sender_key(folder) == sender_key(folder)
    assert len(sender_key(folder)) == 32


def test_nobody_else_can_read_the_keys(folder: Path, clock: Clock) -> None:
    sender_key(folder)
    KeyRing(folder, VALID, clock)
    for name in (SENDER_KEY_FILE, SESSION_KEYS_FILE):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_file_that_others_can_read_is_closed_to_them(folder: Path) -> None:
    sender_key(folder)
    (folder / SENDER_KEY_FILE).chmod(0o644)
    sender_key(folder)
    assert stat.S_IMODE((folder / SENDER_KEY_FILE).stat().st_mode) == 0o600


def test_a_restart_finds_the_same_key(folder: Path, clock: Clock) -> None:
    assert KeyRing(folder, VALID, clock).newest() == KeyRing(folder, VALID, clock).newest()


def test_an_old_key_signs_no_more_but_verifies(folder: Path, clock: Clock) -> None:
    ring = KeyRing(folder, VALID, clock)
    old = ring.newest()
    clock.now += ROTATION_DAYS * DAY
    assert ring.newest() != old
    assert ring.find(old.id) == old


def test_a_key_that_verifies_nothing_any_more_is_forgotten(folder: Path, clock: Clock) -> None:
    ring = KeyRing(folder, VALID, clock)
    old = ring.newest()
    clock.now += ROTATION_DAYS * DAY + VALID
    ring.newest()
    assert ring.find(old.id) is None


def test_a_key_that_another_process_has_made_is_found(folder: Path, clock: Clock) -> None:
    one, other = KeyRing(folder, VALID, clock), KeyRing(folder, VALID, clock)
    clock.now += ROTATION_DAYS * DAY
    made = one.newest()
    assert other.find(made.id) == made
    assert other.newest() == made


def test_keys_that_cannot_be_changed_go_on_signing(
    folder: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    ring = KeyRing(folder, VALID, clock)
    old = ring.newest()
    (folder / SESSION_KEYS_FILE).write_text("broken", encoding="utf-8")
    clock.now += ROTATION_DAYS * DAY
    assert ring.newest() == old
    assert "未能更换" in caplog.text


@pytest.mark.parametrize(
    "content", ["broken", "{}", '{"keys": []}', '{"keys": [{"id": "a", "made": 1, "secret": "00"}]}']
)
def test_a_spoilt_file_stops_the_start_and_is_named(folder: Path, clock: Clock, content: str) -> None:
    folder.mkdir()
    (folder / SESSION_KEYS_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(KeyFileError, match=r"sessions\.json 无法使用"):
        KeyRing(folder, VALID, clock)


def test_a_folder_that_cannot_be_made_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeyFileError, match="无法使用"):
        sender_key(tmp_path / "file" / "secrets")


class TestSessionToken:
    def test_a_token_names_its_session_until_it_expires(self, folder: Path, clock: Clock) -> None:
        issued = tokens(folder, clock).issue()
        session = tokens(folder, clock).session_of(issued.text)
        assert session
        clock.now = issued.expires - 1
        assert tokens(folder, clock).session_of(issued.text) == session
        clock.now = issued.expires
        assert tokens(folder, clock).session_of(issued.text) is None

    def test_every_new_session_is_another_one(self, folder: Path, clock: Clock) -> None:
        ours = tokens(folder, clock)
        assert len({ours.session_of(ours.issue().text) for _ in range(100)}) == 100

    def test_a_renewed_token_is_of_the_same_session(self, folder: Path, clock: Clock) -> None:
        ours = tokens(folder, clock)
        first = ours.issue()
        session = ours.session_of(first.text)
        clock.now += 10 * DAY
        second = ours.issue(session or "")
        assert second.expires == first.expires + 10 * DAY
        assert ours.session_of(second.text) == session == ours.session_of(first.text)

    def test_a_token_survives_the_change_of_keys(self, folder: Path, clock: Clock) -> None:
        ours = tokens(folder, clock)
        clock.now += ROTATION_DAYS * DAY - 1
        issued = ours.issue()
        session = ours.session_of(issued.text)
        clock.now += 29 * DAY
        assert ours.issue().text.split(".")[0] != issued.text.split(".")[0]
        assert ours.session_of(issued.text) == session

    def test_no_part_of_a_token_can_be_changed(self, folder: Path, clock: Clock) -> None:
        ours = tokens(folder, clock)
        token = ours.issue().text
        for place, character in enumerate(token):
            for other in "0aA-_9.":
                if other != character:
                    assert ours.session_of(token[:place] + other + token[place + 1 :]) is None

    @pytest.mark.parametrize("token", ["", "x", "a.b.c.d", "." * 3, "é" * 80, "0" * 100_000])
    def test_what_is_no_token_names_no_session(self, folder: Path, clock: Clock, token: str) -> None:
        assert tokens(folder, clock).session_of(token) is None

    def test_a_token_of_another_installation_names_no_session(self, folder: Path, tmp_path: Path, clock: Clock) -> None:
        foreign = tokens(tmp_path / "other", clock).issue().text
        ours = tokens(folder, clock)
        name = json.loads((folder / SESSION_KEYS_FILE).read_text())["keys"][0]["id"]
        assert ours.session_of(foreign) is None
        assert ours.session_of(name + foreign[8:]) is None
