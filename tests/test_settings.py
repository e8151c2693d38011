from __future__ import annotations

import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wence import settings
from wence.settings import HIGHEST_PORT, PROJECT, SettingsError


def test_nothing_needs_to_be_set():
    loaded = settings.load({})

    assert (loaded.host, loaded.port, loaded.action_port) == ("127.0.0.1", 5005, 5055)
    assert loaded.state == PROJECT / "var"
    assert loaded.models == PROJECT / "var" / "models"


def test_one_port_moves_all():
    loaded = settings.load({"PORT": "5905"})

    assert loaded.url == "http://127.0.0.1:5905"
    assert loaded.action_url == "http://127.0.0.1:5955"


def test_an_empty_setting_is_no_setting():
    assert settings.load({"PORT": "", "HOST": " ", "WENCE_STATE": ""}) == settings.load({})


def test_the_action_server_stays_local_when_the_assistant_is_public():
    loaded = settings.load({"HOST": "0.0.0.0"})

    assert loaded.ports == (("0.0.0.0", 5005), ("127.0.0.1", 5055), ("127.0.0.1", 5006))
    assert loaded.url == "http://127.0.0.1:5005"


def test_a_relative_folder_is_relative_to_the_project():
    assert settings.load({"WENCE_STATE": "elsewhere"}).state == PROJECT / "elsewhere"


def test_two_runs_on_two_ports_do_not_share_their_files():
    first, second = settings.load({"PORT": "5905"}), settings.load({"PORT": "5906"})

    assert first.endpoints_file != second.endpoints_file


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: pathlib.Path):
    file = tmp_path / "state"
    file.touch()

    with pytest.raises(SettingsError, match="WENCE_STATE"):
        settings.load({"WENCE_STATE": str(file)})


def test_an_unknown_log_level_is_refused():
    with pytest.raises(SettingsError, match="LOG_LEVEL=LOUD"):
        settings.load({"LOG_LEVEL": "LOUD"})


def test_a_log_level_may_be_written_small():
    assert settings.load({"LOG_LEVEL": "info"}).log_level == "INFO"


@given(st.integers(min_value=1, max_value=HIGHEST_PORT))
def test_every_port_with_room_for_the_action_server_is_accepted(port: int):
    assert settings.load({"PORT": str(port)}).port == port


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_whatever_else_stands_for_a_port_is_refused_by_name(text: str):
    value = text.strip()
    if value.isascii() and value.isdigit() and 1 <= int(value) <= HIGHEST_PORT:
        return
    with pytest.raises(SettingsError, match="PORT"):
        settings.load({"PORT": text})


def test_what_is_loaded_loads_again_as_the_same_in_a_child():
    loaded = settings.load({"PORT": "5905", "WENCE_STATE": "elsewhere"})

    assert settings.load(loaded.child_environment()) == loaded


def test_origins_are_listed_with_commas_and_compared_in_one_form():
    loaded = settings.load({"WENCE_WEB_ORIGINS": " https://WWW.smx.gov.cn/, http://127.0.0.1:8080 ,"})

    assert loaded.web_origins == ("https://www.smx.gov.cn", "http://127.0.0.1:8080")


@pytest.mark.parametrize(
    "origin", ["*", "www.smx.gov.cn", "https://", "https://a/b", "https://*.gov.cn", "null", "ftp://a", "https://a b"]
)
def test_what_is_no_origin_is_refused(origin: str):
    with pytest.raises(SettingsError, match=r"WENCE_WEB_ORIGINS=.*https://主机名"):
        settings.load({"WENCE_WEB_ORIGINS": f"https://www.smx.gov.cn,{origin}"})


def test_proxies_are_addresses_or_networks():
    assert settings.load({"WENCE_PROXY": "10.0.0.1, 10.1.0.0/16,::1"}).proxies == ("10.0.0.1", "10.1.0.0/16", "::1")


@pytest.mark.parametrize("proxy", ["nginx", "10.0.0.1/8", "10.0.0", "*"])
def test_what_is_no_proxy_is_refused(proxy: str):
    with pytest.raises(SettingsError, match="WENCE_PROXY"):
        settings.load({"WENCE_PROXY": proxy})


def test_the_rest_channel_can_be_switched_off():
    assert settings.load({}).rest
    assert not settings.load({"WENCE_REST": "OFF"}).rest


def test_what_is_no_switch_is_refused():
    with pytest.raises(SettingsError, match="WENCE_REST=no"):
        settings.load({"WENCE_REST": "no"})


def test_settings_survive_the_way_to_a_process():
    loaded = settings.load(
        {"WENCE_WEB_ORIGINS": "https://a.cn,https://b.cn", "WENCE_PROXY": "::1", "WENCE_REST": "off"}
    )

    assert settings.load(loaded.environment()) == loaded


@pytest.mark.parametrize("value", ["0", "3651", "x", "-1", "１", "9" * 50])
def test_what_is_no_number_of_days_is_refused(value: str):
    with pytest.raises(SettingsError, match="WENCE_KEEP_DAYS"):
        settings.load({"WENCE_KEEP_DAYS": value})


def test_a_database_that_is_no_url_is_refused_without_repeating_it():
    with pytest.raises(SettingsError, match="WENCE_DATABASE") as caught:
        settings.load({"WENCE_DATABASE": "user:secret@host"})
    assert "secret" not in str(caught.value)
