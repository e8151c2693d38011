"""What is wrong with the connection of an account: `findings(settings)`, each one sentence in plain Chinese.

Looked at are, in the order in which they have to be right: the settings, the service on this machine, the
address under which the platform calls it, and the platform itself. Every request is one that the platform would
make or that we make of it; nothing is changed.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import secrets
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Generator, Iterator, Mapping
from email.utils import parsedate_to_datetime

from wence.channels.wechat import crypto
from wence.channels.wechat.platform import PlatformError, platform_of
from wence.channels.wechat.settings import Account, Mode, load_account, load_address, load_corporation
from wence.settings import Settings, SettingsError

SECONDS = 6.0
SLOW_SECONDS = 2.0
CLOCK_SECONDS = 60.0
PLATFORM_PORTS = (80, 443)

WHY = {
    40001: "AppSecret（或 Secret）不对，或已被重置：请到后台重置后重新填写",
    40013: "AppID（或企业 ID）不对：请从后台复制",
    40125: "AppSecret 不对：请到后台重置后重新填写",
    40164: "这台机器的公网 IP 不在后台的“IP 白名单”里：请把下面括号里的 IP 加进去",
    40243: "AppSecret 已被冻结：请到后台解冻",
    41002: "缺少 AppID",
    45009: "今天调用接口的次数已用完，明天恢复；也可以在后台清零一次",
    48001: "这个账号没有调用这个接口的权限：未认证的订阅号都没有，请去掉 AppSecret",
    50004: "后台禁用了这个账号的接口",
    60020: "这台机器的公网 IP 不在企业微信的“企业可信 IP”里：请加进去",
}


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that was looked at: right, or wrong, or of note."""

    is_right: bool | None
    words: str

    def __str__(self) -> str:
        return f"{ {True: '通过', False: '不对', None: '注意'}[self.is_right] }  {self.words}"


def findings(settings: Settings, environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Yield what was found out, as soon as it is."""
    accounts: list[Account] = []
    outside, is_usable = "", True
    for load in (load_account, load_corporation):
        try:
            account = load(environment)
        except SettingsError as error:
            is_usable = False
            yield Finding(False, str(error))
        else:
            accounts += [account] if account else []
    try:
        outside = load_address(environment)
    except SettingsError as error:
        yield Finding(False, str(error))
    if is_usable and not accounts:
        yield Finding(False, "没有设置公众号或企业微信：至少要设 WECHAT_TOKEN 和 WECHAT_APPID，见 docs/wechat.md")
    for account in accounts:
        yield from _of_settings(account)
        is_running = yield from _of_address(account, settings.url, "本机")
        if is_running and outside:
            yield from _of_outside(account, outside)
        elif is_running:
            path = path_of(account)
            yield Finding(None, f"没有设 WENCE_URL，所以没有从外面试。后台要填的网址是 https://您的域名{path}")
        yield from _of_platform(account)


def path_of(account: Account) -> str:
    """Return the path that is entered in the console."""
    return f"/webhooks/{'wecom' if account.agent else 'wechat'}/webhook"


def _of_settings(account: Account) -> Iterator[Finding]:
    title = "企业微信" if account.agent else "公众号"
    yield Finding(True, f"{title}的设置都在，长短和字符都对（{account.receiver}，{account.mode.value}）")
    if account.mode is not Mode.SAFE:
        yield Finding(None, "不是安全模式：消息在路上不加密。建议后台选“安全模式”，并设 WECHAT_AES_KEY")
    if not account.may_send:
        secret = "WECOM_SECRET" if account.agent else "WECHAT_APPSECRET"
        yield Finding(None, f"没有设 {secret}：回答超过五秒时，请市民回复 1 来取；也不能推送菜单")


def _of_address(account: Account, address: str, where: str) -> Generator[Finding, None, bool]:
    """Find out whether the console would accept an address; return whether it would."""
    url = f"{address}{path_of(account)}"
    query, expected = _verification(account)
    began = time.monotonic()
    try:
        status, body, date = _get(f"{url}?{urllib.parse.urlencode(query)}", local=where == "本机")
    except OSError as error:
        yield Finding(False, f"{where}访问 {url} 不通：{_why_not(error)}")
        return False
    seconds = time.monotonic() - began
    if body == expected:
        yield Finding(True, f"{where}访问 {url}，验证通过，用时 {seconds:.1f} 秒")
        if seconds > SLOW_SECONDS:
            yield Finding(None, f"用时太长：平台只等 5 秒，{where}的网络或反向代理应当更快")
        return True
    yield Finding(False, f"{where}访问 {url} 得到的不是验证的回答：{_why_wrong(status, body, date)}")
    return False


def _of_outside(account: Account, address: str) -> Iterator[Finding]:
    parts = urllib.parse.urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if not account.agent and port not in PLATFORM_PORTS:
        yield Finding(False, f"WENCE_URL 的端口是 {port}，公众号只能访问 80 和 443")
    if parts.scheme != "https":
        yield Finding(None, "WENCE_URL 不是 https：公众号的安全模式下内容仍是加密的，但建议用 https")
    yield from _of_address(account, address, "从外面")


def _of_platform(account: Account) -> Iterator[Finding]:
    if not account.may_send:
        return
    try:
        addresses = asyncio.run(_callback_addresses(account))
    except PlatformError as error:
        why = WHY.get(error.code, "请按错误码查平台的文档")
        if error.code < 0:
            why = f"这台机器连不上 {account.api}，请检查出网的防火墙和代理"
        yield Finding(False, f"调用平台接口没有成功：{why}（{error}）")
        return
    yield Finding(True, "平台接口可用：access_token 取到了")
    networks = "、".join(addresses[:8]) + ("……" if len(addresses) > 8 else "")
    yield Finding(True, f"平台会从这 {len(addresses)} 个地址访问回调网址，防火墙要放行：{networks}")


async def _callback_addresses(account: Account) -> list[str]:
    platform = platform_of(account)
    try:
        return await platform.callback_addresses()
    finally:
        await platform.close()


def _verification(account: Account) -> tuple[dict[str, str], str]:
    """What the console would ask, and what it would expect to hear."""
    timestamp, nonce, echo = str(int(time.time())), crypto.new_nonce(), str(secrets.randbelow(10**18))
    query = {"timestamp": timestamp, "nonce": nonce}
    sealing = account.crypto()
    if account.agent and sealing is not None:
        sealed = sealing.seal(echo.encode(), timestamp, nonce)
        return {**query, "msg_signature": sealed.signature, "echostr": sealed.encrypted}, echo
    signature = crypto.signature_of(account.token, timestamp, nonce)
    return {**query, "signature": signature, "echostr": echo}, echo


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The platform follows none either."""

    def redirect_request(self, *_: object) -> None:
        return None


def _get(url: str, local: bool) -> tuple[int, str, str]:
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if local:
        handlers.append(urllib.request.ProxyHandler({}))
    try:
        with urllib.request.build_opener(*handlers).open(url, timeout=SECONDS) as answer:
            return answer.status, answer.read(1_000).decode("utf-8", "replace"), answer.headers.get("Date", "")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(1_000).decode("utf-8", "replace"), error.headers.get("Date", "")


def _why_not(error: OSError) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, ssl.SSLError):
        return "证书有问题（过期、域名不符，或缺中间证书），平台也会拒绝"
    if isinstance(cause, ConnectionRefusedError):
        return "没有程序在听。请先 make run，并检查端口和反向代理"
    if isinstance(cause, TimeoutError):
        return f"{SECONDS:.0f} 秒没有回答。请检查防火墙和反向代理"
    if isinstance(cause, OSError) and cause.errno in (-2, -3, -5):
        return "域名解析不到。请检查域名"
    return f"连接失败（{type(cause).__name__}）"


def _why_wrong(status: int, body: str, date: str) -> str:
    if status == 403 and body.startswith("-40"):
        clock = _clock_difference(date)
        if clock is not None and abs(clock) > CLOCK_SECONDS:
            return f"那边的时钟相差 {clock:.0f} 秒，请校时"
        return f"签名没有通过（{body[:6]}）。那边运行的服务用的 Token、AppID 或 EncodingAESKey 与这里的不同，改过设置后要重新启动"
    if status == 404:
        return "没有这个网址（404）。服务启动时没有读到这些设置，或者反向代理没有转发 /webhooks/"
    if 300 <= status < 400:
        return f"被转到了别处（{status}），平台不会跟着去。请让反向代理直接转发 /webhooks/"
    if status >= 500:
        return f"反向代理后面的服务没有回答（{status}）"
    return f"得到 {status}，内容不是回显的字符串，多半是登录页或防护页"


def _clock_difference(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() - time.time()
    except (TypeError, ValueError):
        return None
