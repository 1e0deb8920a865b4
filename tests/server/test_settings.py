"""Settings: a file, flags over it, defaults under it, and refusals in one line."""

import inspect
from pathlib import Path
from typing import Any

import pytest

from yozora.cli import serving
from yozora.errors import UserError
from yozora.server import settings
from yozora.server.bounds import Limits
from yozora.server.configuration import Configuration, configured, database_of
from yozora.server.settings import FLAGS, Settings

FILE = """
port = 9000
database = "postgresql://yozora@db/yozora"
storage = "films"
expires = "7d"
fetch_urls = true
policy = "rules/policy.yaml"

[aliases]
film = "mini"

[limits]
queued = 50
upload_seconds = 12.5

[provenance]
credentials = false
trusted = "roots.pem"
signer = []
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "server.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def refused(text: str, file: Path) -> str:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        configured({}, file)
    said = str(caught.value)
    assert "\n" not in said
    return said


def test_without_a_word_everything_is_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YOZORA_HOME", str(tmp_path))
    found = configured({})
    assert found.settings.database == f"sqlite:///{tmp_path / 'server' / 'yozora.db'}"
    assert found.settings.storage == str(tmp_path / "server" / "objects")
    assert (found.process.host, found.process.port, found.process.workers) == ("127.0.0.1", 8000, 1)
    assert found.settings.limits == Limits()


def test_a_file_is_read_and_its_paths_are_relative_to_it(file: Path) -> None:
    found = configured({}, file)
    assert (found.process.port, found.process.host) == (9000, "127.0.0.1")
    told = found.settings
    assert told.database == "postgresql://yozora@db/yozora"
    assert (told.storage, told.policy) == (str(file.parent / "films"), file.parent / "rules" / "policy.yaml")
    assert (told.expires, told.fetch_urls, told.presign) == (7 * 86_400, True, 0)
    assert (told.limits.queued, told.limits.upload_seconds, told.limits.files) == (50, 12.5, 1_000)
    assert (told.aliases["film"], told.aliases["sora-2"]) == ("mini", "mini")
    assert (told.provenance.credentials, told.provenance.trusted) == (False, file.parent / "roots.pem")
    assert told.provenance.watermark


def test_a_flag_goes_before_the_file_and_the_file_before_the_default(file: Path) -> None:
    given = {"port": 0, "fetch_urls": False, "expires": "90", "limits": ["queued=7"], "provenance.credentials": True}
    found = configured({**given, "storage": "s3://films/yozora"}, file)
    told = found.settings
    assert (found.process.port, told.fetch_urls, told.expires, told.storage) == (0, False, 90, "s3://films/yozora")
    assert (told.limits.queued, told.limits.upload_seconds) == (7, 12.5)
    assert told.provenance.credentials


def test_the_environment_names_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert database_of(None) == Settings().database
    monkeypatch.setenv("YOZORA_CONFIG", str(file))
    assert configured({}).process.port == 9000
    assert database_of(None) == "postgresql://yozora@db/yozora"
    assert database_of("sqlite:///other.db") == "sqlite:///other.db"
    monkeypatch.setenv("YOZORA_PORT", "1")  # no setting comes from there
    assert configured({}).process.port == 9000


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("prot = 1", "server.toml: the setting 'prot' is not known. Did you mean port?"),
        ("private-webhooks = true", "Did you mean private_webhooks?"),
        ("alias = 1", "Did you mean aliases?"),
        ("visible_mark = 'x'", "Did you mean provenance.visible?"),
        ("queued = 5", "Did you mean limits.queued?"),
        ("[limits]\nqueue = 5", "the setting 'limits.queue' is not known. Did you mean limits.queued?"),
        (
            "[provenance]\nvisibel = 'x'",
            "the setting 'provenance.visibel' is not known. Did you mean provenance.visible?",
        ),
        ("xyzzy = 1", "Use one of: host, port, workers"),
        ("port = '80'", "server.toml: port cannot be '80'. Write a whole number."),
        ("port = true", "port cannot be True"),
        ("port = 70000", "Write a number from 0 to 65535."),
        ("workers = -1", "Write a number from 0 to 64."),
        ("fetch_urls = 'yes'", "Write true or false."),
        ("host = 5", "Write text, in quotes."),
        ("policy = 5", "Write text, in quotes."),
        ("expires = 'soon'", "'soon' is not a duration"),
        ("expires = -5", "'-5' is not a duration"),
        ("limits = 5", "limits is not a table. Write its settings below [limits]."),
        ("[limits]\nqueued = 0", "server.toml: queued=0 is not a limit"),
        ("[limits]\nqueued = 1.5", "queued=1.5 is not a limit"),
        ("[limits]\nqueued = []", "is not a limit"),
        ("[limits]\nseconds = inf", "seconds=inf is not a limit"),
        ("[aliases]\nfilm = 5", "The values of aliases are names of models"),
        ("[aliases]\nfilm = 'maxi'", "The model 'maxi' is not known"),
        ("[provenance]\nmining = 'some'", "mining 'some' is not known"),
        ("port = ", "Cannot read the settings"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(file: Path, text: str, says: str) -> None:
    assert says in refused(text, file)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"Cannot read the settings '.*/none.toml': No such file or directory."):
        configured({}, tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"limits": ["queued"]}, "'queued' is not NAME=N. Write, for example, --limit queued=50."),
        ({"limits": ["queue=5"]}, "The limit 'queue' is not known"),
        ({"limits": ["queued=many"]}, "queued=many is not a limit"),
        ({"aliases": ["=mini"]}, "is not NAME[=MODEL]"),
        ({"aliases": ["sora-2=/"]}, "The model '/' is not known"),
        ({"expires": "0"}, "'0' is not a duration"),
    ],
)
def test_flags_that_cannot_be(given: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError, match=r".") as caught:
        configured(given)
    assert says in str(caught.value)


def test_every_setting_is_a_flag_of_the_commands_and_no_command_spells_them(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Configuration] = []
    for name, worker in (("serve", False), ("worker", True)):
        flags = [flag for flag in FLAGS.values() if flag.worker or not worker]
        command = serving.server_command(told.append, worker=worker)
        assert list(inspect.signature(command).parameters) == ["config", *map(serving.parameter_of, flags)]
        shown = inspect.signature(getattr(serving, name)).parameters
        assert list(shown) == list(inspect.signature(command).parameters)
    serving.server_command(told.append)(port=5, limit=["queued=3"], visible_mark="x", model_alias=[], json_logs=None)
    (found,) = told
    assert (found.process.port, found.settings.limits.queued, found.settings.provenance.visible) == (5, 3, "x")
    assert not found.process.json_logs


def test_the_api_s_own_settings_are_none_of_a_worker_s_flags() -> None:
    own = {name for name, flag in FLAGS.items() if not flag.worker}
    edge = {"hosts", "cors", "root_path", "open_metrics", "feed", "director", "director_model"}
    assert own == {"host", "port", "workers", "insecure_no_auth", "fetch_urls", "presign", "poll_ms"} | edge
    assert {"host", "port", "workers", "json_logs"} == settings.OWN
