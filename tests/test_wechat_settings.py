from __future__ import annotations

import re

import pytest

from tests.wechat_platform import AES_KEY, AGENTID, APPID, CORPID, SECRET, TOKEN
from wence.channels.wechat import settings
from wence.channels.wechat.settings import Mode, load_account, load_address, load_corporation
from wence.settings import PROJECT, SettingsError

ACCOUNT = {"WECHAT_TOKEN": TOKEN, "WECHAT_AES_KEY": AES_KEY, "WECHAT_APPID": APPID, "WECHAT_APPSECRET": SECRET}
CORPORATION = {
    "WECOM_TOKEN": TOKEN,
    "WECOM_AES_KEY": AES_KEY,
    "WECOM_CORPID": CORPID,
    "WECOM_AGENTID": AGENTID,
    "WECOM_SECRET": "s" * 43,
}


def test_without_settings_there_is_no_account() -> None:
    assert load_account({"WECHAT_TOKEN": " ", "PORT": "1"}) is None
    assert load_corporation({}) is None


def test_an_account_with_a_key_is_in_safe_mode_unless_told_otherwise() -> None:
    modes = [{}, {"WECHAT_MODE": "compatible"}, {"WECHAT_MODE": "plain"}]
    loaded = [load_account({**ACCOUNT, **mode}) for mode in modes]
    assert [account and account.mode for account in loaded] == [Mode.SAFE, Mode.COMPATIBLE, Mode.PLAIN]


def test_a_token_and_an_appid_are_enough_for_plain_mode() -> None:
    account = load_account({"WECHAT_TOKEN": TOKEN, "WECHAT_APPID": APPID})
    assert account is not None
    assert (account.mode, account.may_send, account.crypto()) == (Mode.PLAIN, False, None)


def test_a_corporation_is_in_safe_mode_and_has_an_agent() -> None:
    corporation = load_corporation(CORPORATION)
    assert corporation is not None
    assert (corporation.mode, corporation.agent, corporation.may_send) == (Mode.SAFE, AGENTID, True)


def test_no_secret_is_in_the_repr_of_an_account() -> None:
    for account in (load_account(ACCOUNT), load_corporation(CORPORATION)):
        assert not re.search(f"{TOKEN}|{AES_KEY}|{SECRET}|sss", repr(account))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WECHAT_TOKEN", "ab"),
        ("WECHAT_TOKEN", "a" * 33),
        ("WECHAT_TOKEN", "有中文"),
        ("WECHAT_TOKEN", "with space"),
        ("WECHAT_TOKEN", "ｆｕｌｌ１２３"),
        ("WECHAT_TOKEN", ""),
        ("WECHAT_APPID", "gh_10f6c3c3ac5a"),
        ("WECHAT_APPID", "wx123"),
        ("WECHAT_APPID", ""),
        ("WECHAT_AES_KEY", AES_KEY[:-1]),
        ("WECHAT_AES_KEY", f"{AES_KEY}="),
        ("WECHAT_AES_KEY", "-" * 43),
        ("WECHAT_APPSECRET", SECRET.upper()),
        ("WECHAT_APPSECRET", "***"),
        ("WECHAT_MODE", "安全"),
        ("WECHAT_LINKS", "yes"),
        ("WECHAT_API", "http://api.weixin.qq.com"),
        ("WECHAT_API", "api.weixin.qq.com"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_what_to_do(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as error:
        load_account({**ACCOUNT, name: value})
    assert not re.search(f"{TOKEN}|{AES_KEY}|{SECRET}|{SECRET.upper()}", str(error.value))


def test_safe_mode_needs_a_key() -> None:
    with pytest.raises(SettingsError, match="WECHAT_AES_KEY"):
        load_account({"WECHAT_TOKEN": TOKEN, "WECHAT_APPID": APPID, "WECHAT_MODE": "safe"})


@pytest.mark.parametrize("name", [name for name in CORPORATION if name != "WECOM_SECRET"])
def test_a_corporation_needs_all_of_its_settings(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_corporation({**CORPORATION, name: ""})


def test_what_is_copied_with_spaces_around_it_is_accepted() -> None:
    account = load_account({name: f" {value}\n" for name, value in ACCOUNT.items()})
    assert account == load_account(ACCOUNT)


@pytest.mark.parametrize("address", ["wence.example.cn", "https://wence.example.cn/webhooks", "ftp://x"])
def test_the_outside_address_is_that_of_a_site(address: str) -> None:
    with pytest.raises(SettingsError, match="WENCE_URL"):
        load_address({"WENCE_URL": address})
    assert load_address({"WENCE_URL": "https://wence.example.cn/"}) == "https://wence.example.cn"


@pytest.mark.parametrize("name", re.findall(r"^    ([A-Z_]+) {2,}\S", settings.__doc__ or "", re.MULTILINE))
def test_every_setting_of_wechat_stands_in_the_guide(name: str) -> None:
    assert f"`{name}`" in (PROJECT / "docs" / "wechat.md").read_text(encoding="utf-8")
