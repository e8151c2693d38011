from __future__ import annotations

import io
import pathlib
import socket
import tarfile

import pytest

from tests.assistant import free_port
from wence import loaded, preflight, settings
from wence.preflight import StartError
from wence.settings import ACTION_PORT_OFFSET, PROJECT, Settings, SettingsError


def at_port(port: int) -> Settings:
    return settings.load({"PORT": str(port)})


def model(folder: pathlib.Path, **members: str) -> pathlib.Path:
    """A model archive with these members; a dot in a name is written as two underscores."""
    path = folder / "model.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in members.items():
            info = tarfile.TarInfo(name.replace("__", "."))
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return path


def one_line(error: pytest.ExceptionInfo[Exception]) -> str:
    assert "\n" not in str(error.value)
    return str(error.value)


def test_free_ports_are_accepted():
    preflight.check_ports(at_port(free_port()))


@pytest.mark.parametrize("offset", [0, ACTION_PORT_OFFSET])
def test_a_taken_port_is_named_with_a_way_out(offset: int):
    port = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port + offset))
        other.listen()
        with pytest.raises(SettingsError, match=rf"端口 {port + offset} 已被.*占用.*PORT=") as error:
            preflight.check_ports(at_port(port))
    one_line(error)


def test_an_address_that_this_machine_does_not_have_is_refused():
    with pytest.raises(SettingsError, match=r"HOST=192\.0\.2\.1"):
        preflight.check_ports(settings.load({"HOST": "192.0.2.1"}))


def test_a_folder_that_cannot_be_written_is_refused():
    with pytest.raises(SettingsError, match="WENCE_STATE=/proc/state"):
        preflight.check_folders(settings.load({"WENCE_STATE": "/proc/state"}))


def test_a_whole_model_gives_its_metadata(tmp_path: pathlib.Path):
    assert preflight.check_model(model(tmp_path, metadata__json="{}", domain="x")) == "{}"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no archive"),
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        lambda path: model(path.parent, other="{}"),
        lambda path: model(path.parent, metadata__json="{"),
    ],
    ids=["missing", "empty", "other", "truncated", "no metadata", "bad metadata"],
)
def test_a_broken_model_is_named_with_a_way_out(tmp_path: pathlib.Path, spoil):
    path = model(tmp_path, metadata__json="{}", domain="x" * 10_000)
    spoil(path)

    with pytest.raises(StartError, match=r"model\.tar\.gz .*重新训练") as error:
        preflight.check_model(path)
    one_line(error)


def test_this_projects_knowledge_is_accepted():
    assert preflight.load_knowledge(settings.load({})).contact_phone


def test_missing_knowledge_is_named(tmp_path: pathlib.Path):
    with pytest.raises(StartError, match=r"知识文件.*policy\.yml") as error:
        preflight.load_knowledge(settings.load({"WENCE_KNOWLEDGE": str(tmp_path)}))
    one_line(error)


def test_broken_knowledge_is_named_with_its_line(tmp_path: pathlib.Path):
    for file in (PROJECT / "knowledge").glob("*.yml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "policy.yml").write_text("schema: 1\nfacts: [", encoding="utf-8")

    with pytest.raises(StartError, match=r"policy\.yml 第\d行") as error:
        preflight.load_knowledge(settings.load({"WENCE_KNOWLEDGE": str(tmp_path)}))
    one_line(error)


@pytest.fixture
def files(tmp_path: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    """This project's endpoints and credentials."""
    for name in ("endpoints.yml", "credentials.yml"):
        (tmp_path / name).write_bytes((PROJECT / name).read_bytes())
    return tmp_path / "endpoints.yml", tmp_path / "credentials.yml"


def test_this_projects_classes_are_found(files: tuple[pathlib.Path, pathlib.Path]):
    preflight.check_classes(*files)


@pytest.mark.parametrize(
    ("index", "right", "wrong"),
    [
        (0, "tracker_store.SqliteTrackerStore", "tracker_store.SqliteTrackerStroe"),
        (0, "wence.state.tracker_store", "wence.state.traker_store"),
        (0, "wence.state.lock_store.TurnLockStore", "sqll"),
        (1, "RestChannel", "RestChanel"),
    ],
)
def test_a_mistyped_class_is_named_with_its_file(files, index: int, right: str, wrong: str):
    file = files[index]
    text = file.read_text(encoding="utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong), encoding="utf-8")

    with pytest.raises(StartError, match=rf"{file.name} .*{wrong}.*拼写") as error:
        preflight.check_classes(*files)
    one_line(error)


@pytest.mark.parametrize("name", ["sql", "InMemory", "redis"])
def test_rasas_own_stores_are_accepted(files: tuple[pathlib.Path, pathlib.Path], name: str):
    files[0].write_text(f"tracker_store: {{type: {name}}}", encoding="utf-8")

    preflight.check_classes(*files)


@pytest.mark.parametrize("text", ["a: [", "- a", "tracker_store: sql"])
def test_a_file_that_is_no_configuration_is_named(files: tuple[pathlib.Path, pathlib.Path], text: str):
    files[0].write_text(text, encoding="utf-8")

    with pytest.raises(StartError, match=r"endpoints\.yml") as error:
        preflight.check_classes(*files)
    one_line(error)


def test_a_key_that_cannot_be_used_stops_the_start_and_is_named(tmp_path: pathlib.Path, monkeypatch):
    monkeypatch.setenv("WENCE_STATE", str(tmp_path))
    loaded.masker.cache_clear()
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "senders.json").write_text("broken", encoding="utf-8")

    with pytest.raises(StartError, match=r"密钥文件 .*senders\.json") as error:
        preflight.load_masker(settings.load())
    one_line(error)
    loaded.masker.cache_clear()
