"""What is checked before the assistant starts, each with one line that says what is wrong and how to mend it.

Stock Rasa starts all the same: with another model, without a model, with conversations in memory only.

    check_ports(settings)                   in the process that the user started
    check_folders(settings)                 there
    check_accounts()                        there; the channels read them again
    check_model(file)                       there, and in Rasa's own process
    load_knowledge(settings)                in Rasa's process, and before training
    load_masker(settings)                   in Rasa's process
    check_classes(endpoints, credentials)   in Rasa's process, which has imported what this needs
"""

from __future__ import annotations

import errno
import json
import pathlib
import socket
import tarfile
import tempfile
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import yaml

from wence.settings import Settings, SettingsError

if TYPE_CHECKING:
    from wence.knowledge import Knowledge
    from wence.privacy import Masker

BUILT_IN_STORES = {
    "tracker_store": ("InMemory", "sql", "mongod", "redis", "dynamo"),
    "lock_store": ("in_memory", "redis"),
    "event_broker": ("pika", "sql", "file", "kafka"),
}
METADATA = "metadata.json"
#: The question that shows whether an assistant, or a model, answers at all.
FIRST_QUESTION = "试点目标是什么?"


class StartError(Exception):
    """Something that the assistant needs is not there or not right; the message says what, and how to mend it."""


def check_ports(settings: Settings) -> None:
    """Make sure that this run can listen at its ports; SettingsError when not."""
    for host, port in settings.ports:
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as error:
            raise _port_error(settings, host, port, error) from error


def _port_error(settings: Settings, host: str, port: int, error: OSError) -> SettingsError:
    if error.errno == errno.EADDRINUSE:
        advice = f"端口 {port} 已被别的程序占用,请停掉那个程序,或换一个,例如 PORT=5905 make run"
        return SettingsError("PORT", str(settings.port), advice)
    if error.errno == errno.EACCES:
        return SettingsError("PORT", str(settings.port), "1024 以下的端口要管理员权限,请换一个,例如 PORT=5905")
    return SettingsError("HOST", host, f"本机没有这个地址({error.strerror}),请写 127.0.0.1 或本机的地址")


def check_folders(settings: Settings) -> None:
    """Make the folders that are written to; SettingsError when that is impossible."""
    for name, folder in (("WENCE_STATE", settings.state), ("WENCE_MODELS", settings.models)):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            advice = f"这个文件夹不能写入({error.strerror}),请换一个,或改正它的权限"
            raise SettingsError(name, str(folder), advice) from error


def check_accounts() -> None:
    """Make sure that the settings of 公众号 and 企业微信 can be used, where there are any; SettingsError when not."""
    from wence.channels.wechat import settings as wechat

    wechat.load_account()
    wechat.load_corporation()


def check_model(model: pathlib.Path) -> str:
    """The metadata of a model archive, as text; StartError when it is not a whole model."""
    try:
        with tarfile.open(model) as archive:
            member = archive.extractfile(METADATA)
            text = member.read().decode("utf-8") if member else ""
            json.loads(text)
            for _ in archive:  # reads to the end, where a truncated archive shows
                pass
    except (OSError, EOFError, KeyError, ValueError, tarfile.TarError) as error:
        raise StartError(broken_model(model, error)) from error
    return text


def broken_model(model: pathlib.Path, cause: BaseException | None) -> str:
    """What to say about a model that cannot be used."""
    why = f"({type(cause).__name__}: {cause})".replace("\n", " ") if cause else ""
    return f"模型文件 {model} 不能载入,请删除它再启动,会自动重新训练{why}"


def load_knowledge(settings: Settings) -> Knowledge:
    """The knowledge; StartError when it is missing or has a defect."""
    # The process that the user started stays small without these.
    from wence.knowledge import KnowledgeError
    from wence.loaded import knowledge_in

    try:
        return knowledge_in(settings.knowledge)
    except KnowledgeError as error:
        raise StartError(f"知识文件有问题,请改正后再启动:{error}") from error


def load_masker(settings: Settings) -> Masker:
    """What masks personal numbers; StartError when its key cannot be used."""
    from wence.loaded import masker
    from wence.state.keys import KeyFileError

    load_knowledge(settings)
    try:
        return masker()
    except KeyFileError as error:
        raise StartError(str(error)) from error


def check_classes(endpoints: pathlib.Path, credentials: pathlib.Path) -> None:
    """Import every class that the two files name; StartError for the first that cannot be."""
    from rasa.core.channels import BUILTIN_CHANNELS
    from rasa.shared.utils.common import class_from_module_path

    for file, field, name in _named_classes(endpoints, credentials, BUILTIN_CHANNELS):
        try:
            class_from_module_path(name)
        except (ImportError, AttributeError, ValueError) as error:
            raise StartError(f"{file} 的 {field} 写的是 {name},找不到它:请检查拼写({error})") from error


def _named_classes(
    endpoints: pathlib.Path, credentials: pathlib.Path, channels: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    services = _mapping(endpoints)
    for field, built_in in BUILT_IN_STORES.items():
        name = (services.get(field) or {}).get("type")
        if name and name not in built_in:
            yield endpoints.name, field, str(name)
    for name in _mapping(credentials):
        if name not in channels:
            yield credentials.name, "渠道", str(name)


def _mapping(file: pathlib.Path) -> dict[str, dict[str, object]]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise StartError(f"{file.name} 读不出来:请改正它({error})".replace("\n", " ")) from error
    if not isinstance(content, dict) or not all(part is None or isinstance(part, dict) for part in content.values()):
        raise StartError(f"{file.name} 的内容应当是「名称: 值」的对照表:请改正它")
    return content
