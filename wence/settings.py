"""The settings: what can be set from outside, checked once, and every path that follows from them.

    Settings             what `load` returns; a frozen value object
      .endpoints_file … .model_file(fingerprint)   derived paths
      .child_environment()                         what a process started by us must know
    SettingsError        a setting that cannot be used; the message names it and says how to mend it

Settings come from environment variables; none needs to be set.

    PORT                port of the assistant, 5005; the action server takes the port 50 above it
    HOST                address to listen at, 127.0.0.1
    WENCE_STATE         folder for everything that is written: conversations, models, logs; var/
    WENCE_MODELS        folder for trained models, models/ in WENCE_STATE
    WENCE_KNOWLEDGE     folder of the knowledge, knowledge/
    WENCE_WEB_ORIGINS   other sites whose pages may ask, https://host[:port], commas between; none
    WENCE_PROXY         addresses or networks of the reverse proxy whose X-Forwarded-For is believed; none
    WENCE_DESK          whether the review desk runs: on or off; on
    WENCE_DESK_HOST     address at which the review desk listens, 127.0.0.1
    WENCE_DESK_PORT     port of the review desk; the one above PORT
    WENCE_DESK_HOSTS    names by which the review desk may be called besides addresses, commas between; none
    WENCE_REST          whether the plain REST channel answers, to this machine only: on or off; on
    WENCE_DATABASE      where missed questions are kept, an SQLAlchemy URL; misses.db in WENCE_STATE
    WENCE_KEEP_DAYS     days after which the texts of missed questions are removed, 1 to 3650; 180
    LOG_LEVEL           how much the log tells: DEBUG (holds citizens' words), INFO, WARNING, ERROR; WARNING
"""

from __future__ import annotations

import dataclasses
import ipaddress
import os
import pathlib
import re
from collections.abc import Mapping

PROJECT = pathlib.Path(__file__).resolve().parent.parent
ACTION_PORT_OFFSET = 50
DESK_PORT_OFFSET = 1
ACTION_HOST = "127.0.0.1"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
HIGHEST_PORT = 65535 - ACTION_PORT_OFFSET
MOST_KEEP_DAYS = 3650
_DATABASE = re.compile(r"[a-z][a-z0-9]*(?:\+[a-z0-9]+)?://.*")
_ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?(?::\d{1,5})?")

# What every process of ours starts with. Reasons: nothing is sent to Rasa's makers; SQLAlchemy and
# TensorFlow print notes about their own future; one question is too small to share among threads, which
# only wait for each other; many memory arenas cost more than they bring to a process of one thread;
# pypinyin's table of phrases, 46 MB that load in 0.3 s, is never asked, because we read single characters.
QUIET_AND_SMALL = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "PYPINYIN_NO_PHRASES": "1",
    "PYTHONUNBUFFERED": "1",
    "TZ": "Asia/Shanghai",
}


class SettingsError(Exception):
    """A setting that cannot be used."""

    def __init__(self, name: str, value: str, advice: str) -> None:
        super().__init__(f"设置 {name}={value} 不能用:{advice}")
        self.name = name


@dataclasses.dataclass(frozen=True)
class Settings:
    """The settings of one run."""

    port: int
    host: str
    state: pathlib.Path
    models: pathlib.Path
    knowledge: pathlib.Path
    web_origins: tuple[str, ...]
    proxies: tuple[str, ...]
    desk: bool
    desk_host: str
    desk_port: int
    desk_hosts: tuple[str, ...]
    rest: bool
    database: str
    keep_days: int
    log_level: str

    @property
    def action_port(self) -> int:
        """The port of the action server."""
        return self.port + ACTION_PORT_OFFSET

    @property
    def local_host(self) -> str:
        """The address at which this machine itself reaches the assistant."""
        return "127.0.0.1" if self.host in ("0.0.0.0", "") else self.host

    @property
    def url(self) -> str:
        """Where the assistant answers."""
        return f"http://{self.local_host}:{self.port}"

    @property
    def desk_url(self) -> str:
        """Where the review desk answers on this machine."""
        host = "127.0.0.1" if self.desk_host in ("0.0.0.0", "") else self.desk_host
        return f"http://{host}:{self.desk_port}"

    @property
    def action_url(self) -> str:
        """Where the action server answers; it serves this machine's Rasa only, whatever HOST says."""
        return f"http://{ACTION_HOST}:{self.action_port}"

    @property
    def ports(self) -> tuple[tuple[str, int], ...]:
        """Every address and port that a run listens at."""
        served = (self.host, self.port), (ACTION_HOST, self.action_port)
        return (*served, (self.desk_host, self.desk_port)) if self.desk else served

    @property
    def run_folder(self) -> pathlib.Path:
        """The folder for the files written for this run; two runs on two ports do not share it."""
        return self.state / "run" / str(self.port)

    @property
    def endpoints_file(self) -> pathlib.Path:
        """Rasa's endpoints, written for this run."""
        return self.run_folder / "endpoints.yml"

    @property
    def credentials_file(self) -> pathlib.Path:
        """Rasa's channels, written for this run."""
        return self.run_folder / "credentials.yml"

    @property
    def turns_file(self) -> pathlib.Path:
        """The record of turns."""
        return self.state / "turns.db"

    @property
    def spool_folder(self) -> pathlib.Path:
        """Where missed questions are written first."""
        return self.state / "misses"

    @property
    def misses_file(self) -> pathlib.Path:
        """Where missed questions are kept when no other database is named."""
        return self.state / "misses.db"

    @property
    def secrets_folder(self) -> pathlib.Path:
        """The folder of the keys, which nobody else may read."""
        return self.state / "secrets"

    @property
    def log_folder(self) -> pathlib.Path:
        """The folder of the logs."""
        return self.state / "log"

    def model_file(self, fingerprint: str) -> pathlib.Path:
        """Where the model with this fingerprint stands once it is trained."""
        return self.models / f"{fingerprint}.tar.gz"

    def environment(self) -> dict[str, str]:
        """The settings as environment variables, with every path made absolute."""
        return {
            "PORT": str(self.port),
            "ACTION_PORT": str(self.action_port),
            "HOST": self.host,
            "WENCE_STATE": str(self.state),
            "WENCE_MODELS": str(self.models),
            "WENCE_KNOWLEDGE": str(self.knowledge),
            "ACTION_URL": self.action_url,
            "WENCE_WEB_ORIGINS": ",".join(self.web_origins),
            "WENCE_PROXY": ",".join(self.proxies),
            "WENCE_DESK": "on" if self.desk else "off",
            "WENCE_DESK_HOST": self.desk_host,
            "WENCE_DESK_PORT": str(self.desk_port),
            "WENCE_DESK_HOSTS": ",".join(self.desk_hosts),
            "WENCE_REST": "on" if self.rest else "off",
            "WENCE_DATABASE": self.database,
            "WENCE_KEEP_DAYS": str(self.keep_days),
            "LOG_LEVEL": self.log_level,
        }

    def child_environment(self) -> dict[str, str]:
        """The environment of a process that we start."""
        return {**os.environ, **QUIET_AND_SMALL, **self.environment()}


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from environment variables; a variable that is empty counts as not set.

    Raises SettingsError.
    """
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    state = _folder(given, "WENCE_STATE", PROJECT / "var")
    return Settings(
        port=_port(given),
        host=given.get("HOST", "127.0.0.1"),
        state=state,
        models=_folder(given, "WENCE_MODELS", state / "models"),
        knowledge=_folder(given, "WENCE_KNOWLEDGE", PROJECT / "knowledge"),
        web_origins=_web_origins(given),
        proxies=_proxies(given),
        desk=_switch(given, "WENCE_DESK"),
        desk_host=given.get("WENCE_DESK_HOST", "127.0.0.1"),
        desk_port=_desk_port(given),
        desk_hosts=tuple(name.lower() for name in _listed(given, "WENCE_DESK_HOSTS")),
        rest=_switch(given, "WENCE_REST"),
        database=_database(given),
        keep_days=_keep_days(given),
        log_level=_log_level(given),
    )


def _port(given: Mapping[str, str]) -> int:
    value = given.get("PORT", "5005")
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= HIGHEST_PORT):
        raise SettingsError("PORT", value, f"要写 1 到 {HIGHEST_PORT} 之间的整数,例如 PORT=5905")
    return int(value)


def _listed(given: Mapping[str, str], name: str) -> list[str]:
    return [part.strip() for part in given.get(name, "").split(",") if part.strip()]


def _web_origins(given: Mapping[str, str]) -> tuple[str, ...]:
    origins = [origin.lower().removesuffix("/") for origin in _listed(given, "WENCE_WEB_ORIGINS")]
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            advice = "每个来源要写成 https://主机名 或 https://主机名:端口,用逗号隔开,不能写 *,也不带路径"
            raise SettingsError("WENCE_WEB_ORIGINS", origin, advice)
    return tuple(dict.fromkeys(origins))


def _proxies(given: Mapping[str, str]) -> tuple[str, ...]:
    proxies = _listed(given, "WENCE_PROXY")
    for proxy in proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError as error:
            advice = "要写反向代理的 IP 地址或网段,例如 10.0.0.1 或 10.0.0.0/24,用逗号隔开"
            raise SettingsError("WENCE_PROXY", proxy, advice) from error
    return tuple(proxies)


def _switch(given: Mapping[str, str], name: str) -> bool:
    value = given.get(name, "on").lower()
    if value not in ("on", "off"):
        raise SettingsError(name, value, "要写 on 或 off")
    return value == "on"


def _desk_port(given: Mapping[str, str]) -> int:
    port = _port(given)
    value = given.get("WENCE_DESK_PORT", str(port + DESK_PORT_OFFSET))
    taken = (port, port + ACTION_PORT_OFFSET)
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535 and int(value) not in taken):
        advice = f"要写 1 到 65535 之间的整数,不能是 {taken[0]} 和 {taken[1]},例如 WENCE_DESK_PORT=5906"
        raise SettingsError("WENCE_DESK_PORT", value, advice)
    return int(value)


def _database(given: Mapping[str, str]) -> str:
    value = given.get("WENCE_DATABASE", "")
    if value and not _DATABASE.fullmatch(value):
        # The value may hold a password: it is not repeated.
        advice = (
            "要写成 postgresql://用户:密码@主机/库名 或 sqlite:////文件的绝对路径;不写就用 WENCE_STATE 里的 misses.db"
        )
        raise SettingsError("WENCE_DATABASE", "…", advice)
    return value


def _keep_days(given: Mapping[str, str]) -> int:
    value = given.get("WENCE_KEEP_DAYS", "180")
    if not (value.isascii() and value.isdigit() and len(value) < 6 and 1 <= int(value) <= MOST_KEEP_DAYS):
        raise SettingsError("WENCE_KEEP_DAYS", value, f"要写 1 到 {MOST_KEEP_DAYS} 之间的整数")
    return int(value)


def _log_level(given: Mapping[str, str]) -> str:
    value = given.get("LOG_LEVEL", "WARNING")
    if value.upper() not in LOG_LEVELS:
        raise SettingsError("LOG_LEVEL", value, f"要写 {'、'.join(LOG_LEVELS)} 之一")
    return value.upper()


def _folder(given: Mapping[str, str], name: str, default: pathlib.Path) -> pathlib.Path:
    folder = (PROJECT / pathlib.Path(given.get(name, str(default))).expanduser()).resolve()
    if folder.exists() and not folder.is_dir():
        raise SettingsError(name, str(folder), "要写一个文件夹,这里却是一个文件")
    return folder
