"""What staff enter to connect an account, checked once: environment variables beside those of wence.settings.

    account = load_account()            a 公众号; None when none of its variables is set
    corporation = load_corporation()    an application of 企业微信; likewise

They are apart from the other settings because of the secrets among them: those reach the channels through
the environment alone, and stand in no file, no log and no `repr`.

    WECHAT_TOKEN       Token of the 公众号, 3 to 32 letters and digits
    WECHAT_APPID       its AppID
    WECHAT_MODE        plain, compatible or safe, as in its console; safe where there is a key, else plain
    WECHAT_AES_KEY     EncodingAESKey, 43 letters and digits; needed unless the mode is plain
    WECHAT_APPSECRET   AppSecret; with it late answers and the menu are sent
    WECHAT_LINKS       on: options can be tapped
    WECHAT_API         where the platform is called, https://api.weixin.qq.com
    WECOM_TOKEN        Token of the application of 企业微信
    WECOM_AES_KEY      its EncodingAESKey
    WECOM_CORPID       the CorpID
    WECOM_AGENTID      the AgentID, a number
    WECOM_SECRET       the Secret of the application; with it late answers and the menu are sent
    WECOM_API          where 企业微信 is called, https://qyapi.weixin.qq.com
    WENCE_URL          the address under which the assistant is reached from outside, for `wence wechat check`
"""

from __future__ import annotations

import dataclasses
import enum
import os
import re
import urllib.parse
from collections.abc import Mapping

from wence.channels.wechat.crypto import MessageCrypto, Refused
from wence.settings import SettingsError

WECHAT_API = "https://api.weixin.qq.com"
WECOM_API = "https://qyapi.weixin.qq.com"

TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")
AES_KEY = re.compile(r"[A-Za-z0-9]{43}")
APPID = re.compile(r"wx[0-9a-f]{16}")
APPSECRET = re.compile(r"[0-9a-f]{32}")
CORPID = re.compile(r"(ww|wx)[0-9a-z]{16}")
AGENTID = re.compile(r"[0-9]{1,12}")
WECOM_SECRET = re.compile(r"[A-Za-z0-9_-]{20,64}")
OWN_MACHINE = ("127.0.0.1", "localhost", "::1")


class Mode(str, enum.Enum):
    """How the platform sends messages, as chosen in its console: 明文, 兼容 or 安全模式."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"
    SAFE = "safe"


@dataclasses.dataclass(frozen=True)
class Account:
    """One connected account: a 公众号, or an application of 企业微信 where there is an `agent`."""

    receiver: str
    mode: Mode
    api: str
    token: str = dataclasses.field(repr=False)
    aes_key: str = dataclasses.field(repr=False)
    secret: str = dataclasses.field(repr=False)
    agent: str = ""
    links: bool = False

    @property
    def may_send(self) -> bool:
        """Whether messages of its own accord may be tried: there is a secret to ask for an access token."""
        return bool(self.secret)

    def crypto(self) -> MessageCrypto | None:
        """What opens its messages; None when they are not encrypted."""
        return MessageCrypto(self.token, self.aes_key, self.receiver) if self.aes_key else None


class Secret(SettingsError):
    """A setting that cannot be used, and whose value must not be shown."""

    def __init__(self, name: str, value: str, advice: str) -> None:
        strange = next((place for place, sign in enumerate(value, 1) if not (sign.isascii() and sign.isalnum())), 0)
        where = f"，第 {strange} 个不是英文字母或数字" if strange else ""
        super().__init__(name, f"（{len(value)} 个字符{where}，内容不显示）", advice)


def load_account(environment: Mapping[str, str] = os.environ) -> Account | None:
    """Read the settings of a 公众号; SettingsError when they cannot be used."""
    given = _given(environment, "WECHAT_")
    if not given:
        return None
    token = _required(given, "WECHAT_TOKEN", TOKEN, "要与后台的 Token 一字不差：3 到 32 个英文字母或数字")
    receiver = _required(given, "WECHAT_APPID", APPID, "AppID 是 wx 加 16 个数字或小写字母，请从后台复制")
    mode = _mode(given)
    aes_key = given.get("WECHAT_AES_KEY", "")
    if aes_key or mode is not Mode.PLAIN:
        aes_key = _aes_key(given, "WECHAT_AES_KEY")
    secret = given.get("WECHAT_APPSECRET", "")
    if secret and not APPSECRET.fullmatch(secret):
        raise Secret("WECHAT_APPSECRET", secret, "AppSecret 是 32 个数字或小写字母；没有可以不写")
    links = given.get("WECHAT_LINKS", "off")
    if links not in ("on", "off"):
        raise SettingsError("WECHAT_LINKS", links, "要写 on 或 off")
    api = _api(given, "WECHAT_API", WECHAT_API)
    return Account(receiver, mode, api, token, aes_key, secret, links=links == "on")


def load_corporation(environment: Mapping[str, str] = os.environ) -> Account | None:
    """Read the settings of an application of 企业微信; SettingsError when they cannot be used."""
    given = _given(environment, "WECOM_")
    if not given:
        return None
    token = _required(given, "WECOM_TOKEN", TOKEN, "要与后台的 Token 一字不差：3 到 32 个英文字母或数字")
    aes_key = _aes_key(given, "WECOM_AES_KEY")
    receiver = _required(given, "WECOM_CORPID", CORPID, "企业 ID 是 ww 加 16 个数字或小写字母，请从后台复制")
    agent = _required(given, "WECOM_AGENTID", AGENTID, "AgentId 是一个数字，请从应用的页面复制")
    secret = given.get("WECOM_SECRET", "")
    if secret and not WECOM_SECRET.fullmatch(secret):
        raise Secret("WECOM_SECRET", secret, "Secret 是后台给出的一串字母、数字、“-”和“_”；没有可以不写")
    api = _api(given, "WECOM_API", WECOM_API)
    return Account(receiver, Mode.SAFE, api, token, aes_key, secret, agent)


def load_address(environment: Mapping[str, str] = os.environ) -> str:
    """Read the address under which the assistant is reached from outside; empty when it is not set."""
    address = environment.get("WENCE_URL", "").strip().rstrip("/")
    parts = urllib.parse.urlsplit(address)
    if address and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query):
        raise SettingsError(
            "WENCE_URL", address, "要写从外面访问问策的网址，只到域名，例如 https://wence.example.gov.cn"
        )
    return address


def _given(environment: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name: value.strip() for name, value in environment.items() if name.startswith(prefix) and value.strip()}


def _required(given: Mapping[str, str], name: str, form: re.Pattern[str], advice: str) -> str:
    value = given.get(name, "")
    if not form.fullmatch(value):
        # A token is a secret; of the others, which are none, the wrong value is shown.
        raise (Secret if name.endswith("TOKEN") else SettingsError)(name, value, advice)
    return value


def _aes_key(given: Mapping[str, str], name: str) -> str:
    value = given.get(name, "")
    advice = "EncodingAESKey 是 43 个英文字母或数字，请从后台复制"
    if not AES_KEY.fullmatch(value):
        raise Secret(name, value, advice)
    try:
        MessageCrypto("token", value, "receiver")
    except Refused:
        raise Secret(name, value, advice) from None
    return value


def _mode(given: Mapping[str, str]) -> Mode:
    value = given.get("WECHAT_MODE", "safe" if "WECHAT_AES_KEY" in given else "plain")
    try:
        return Mode(value)
    except ValueError:
        advice = "要写 plain（明文模式）、compatible（兼容模式）或 safe（安全模式），与后台选的相同"
        raise SettingsError("WECHAT_MODE", value, advice) from None


def _api(given: Mapping[str, str], name: str, default: str) -> str:
    value = given.get(name, default).rstrip("/")
    parts = urllib.parse.urlsplit(value)
    # The secret goes there: never over a line that others can read.
    if not parts.hostname or not (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in OWN_MACHINE)
    ):
        raise SettingsError(name, value, "要写平台接口的网址，以 https:// 开头；一般不用设")
    return value
