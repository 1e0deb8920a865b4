"""Several models at once: which a server offers, what names stand for, who makes a film, what a worker has loaded."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from starlette.testclient import TestClient
from tests.conftest import save_toy
from tests.server.app import settings_in
from tests.server.conftest import Installation

from yozora.core.request import Lora, Request
from yozora.errors import UserError
from yozora.families import FAMILIES, presets
from yozora.families.preset import Budget
from yozora.families.presets import Preset
from yozora.server.accounts import keys
from yozora.server.configuration import configured
from yozora.server.http.app import make_app
from yozora.server.settings import HOSTED, Settings
from yozora.server.store import tables
from yozora.server.work import heartbeats, models
from yozora.server.work.films import Worker
from yozora.server.work.heartbeats import Able
from yozora.server.work.job import Job

WAN = FAMILIES["wan"].presets["wan2.2-t2v-a14b"]
PLACES = {"database": "sqlite:///x", "storage": "y"}


@dataclass(frozen=True)
class Engine:
    """Something that was loaded."""

    preset: Preset


def wan(folder: Path, name: str = "wan2.2-t2v-a14b") -> Preset:
    """A preset of which files are here that nobody reads."""
    for part in ("transformer", "transformer_2", "vae", "text_encoder"):
        (folder / part).mkdir(parents=True)
        stem = "model" if part == "text_encoder" else "diffusion_pytorch_model"
        (folder / part / f"{stem}.safetensors").write_bytes(b"x")
    (folder / "model_index.json").write_text("{}")
    return replace(FAMILIES["wan"].presets[name], folder=folder)


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """mini, one of Wan's that is here, and one that is not."""
    here, away = wan(tmp_path / "wan"), FAMILIES["wan"].presets["wan2.2-ti2v-5b"]
    known = {"mini": presets.PRESETS["mini"], here.name: here, away.name: away}
    monkeypatch.setattr(presets, "PRESETS", known)


def client_of(folder: Path, template: Path, **settings: Any) -> TestClient:
    shutil.copy(template, folder)
    app = make_app(settings_in(folder, **settings), migrate=False)
    client = TestClient(app, raise_server_exceptions=False)
    client.headers["authorization"] = f"Bearer {keys.create(app.state.service.database, 'me')[1]}"
    return client


@pytest.fixture
def offering(tmp_path: Path, template: Path, two: None) -> Iterator[TestClient]:
    """A server with LoRAs."""
    loras = tmp_path / "loras"
    loras.mkdir()
    for name in ("style.safetensors", "light_high_noise.safetensors", "notes.txt"):
        (loras / name).write_bytes(b"x")
    with client_of(tmp_path, template, loras=loras) as client:
        yield client


def names(client: TestClient) -> list[str]:
    return [model["id"] for model in client.get("/v1/models").json()["data"]]


def refusal(client: TestClient, **said: Any) -> dict[str, Any]:
    answer = client.post("/v1/videos", json={"prompt": "a car", **said})
    assert answer.status_code == 400, answer.text
    return dict(answer.json()["error"])


def job(client: TestClient, **said: Any) -> Job:
    answer = client.post("/v1/videos", json={"prompt": "a car", **said})
    assert answer.status_code == 200, answer.text
    with client.app.state.service.database.read() as connection:  # type: ignore[attr-defined]
        row = connection.execute(tables.videos.select().where(tables.videos.c.id == answer.json()["id"])).one()
    return Job.from_json(row.job)


# --- names


def test_names_of_the_wire_mean_the_first_model_that_is_named() -> None:
    settings = Settings(**PLACES, models=("wan2.2-ti2v-5b", "mini"), aliases={"film": "", "cartoon": "mini"})
    assert {settings.preset(name).name for name in (*HOSTED, "film")} == {"wan2.2-ti2v-5b"}
    assert settings.preset("cartoon").name == settings.preset("mini").name == "mini"
    assert Settings(**PLACES).preset("sora-2").name == "mini"


def test_flags_and_the_file_say_models_and_names(tmp_path: Path) -> None:
    given = {"models": ["wan2.2-ti2v-5b", "mini"], "aliases": ["sora-2", "cartoon=mini"]}
    settings = configured(given).settings
    assert settings.models == ("wan2.2-ti2v-5b", "mini")
    assert (settings.aliases["sora-2"], settings.aliases["cartoon"]) == ("wan2.2-ti2v-5b", "mini")
    file = tmp_path / "server.toml"
    save_toy(tmp_path / "own")
    file.write_text('models = ["./own", "mini"]\nloras = "loras"\n[aliases]\n"sora-2-pro" = "mini"')
    settings = configured({}, file).settings
    assert settings.preset("sora-2").folder == tmp_path / "own"
    assert settings.preset("own").name == "own"
    assert settings.preset("sora-2-pro").name == "mini"
    assert settings.loras == tmp_path / "loras"
    file.write_text('models = "mini, wan2.1-t2v-14b"')
    assert configured({}, file).settings.models == ("mini", "wan2.1-t2v-14b")


@pytest.mark.parametrize("text", ["models = 5", "models = [5]", 'models = ["sora-3"]', '[aliases]\nx = "sora-3"'])
def test_models_that_are_not_known_are_refused_at_the_start(text: str, tmp_path: Path) -> None:
    (tmp_path / "server.toml").write_text(text)
    with pytest.raises(UserError):
        configured({}, tmp_path / "server.toml")


# --- what is offered


def test_models_are_those_that_are_here_and_their_names(offering: TestClient) -> None:
    assert names(offering) == ["mini", WAN.name, *HOSTED]
    assert offering.get("/v1/models/wan2.2-ti2v-5b").status_code == 404
    assert offering.get(f"/v1/models/{WAN.name}").json()["id"] == WAN.name


def test_a_worker_elsewhere_may_have_more(offering: TestClient) -> None:
    service = offering.app.state.service  # type: ignore[attr-defined]
    heartbeats.enter(service.database, "worker_far", Able(presets=("wan2.2-ti2v-5b",)))
    assert "wan2.2-ti2v-5b" in names(offering)
    assert job(offering, model="wan2.2-ti2v-5b").preset == "wan2.2-ti2v-5b"


@pytest.mark.usefixtures("two")
def test_the_operator_s_models_are_all_that_is_offered(tmp_path: Path, template: Path) -> None:
    with client_of(tmp_path, template, models=(WAN.name,), aliases={"film": ""}) as client:
        assert names(client) == [WAN.name, *HOSTED, "film"]
        assert job(client, model="film").preset == job(client).preset == WAN.name
        assert refusal(client, model="mini")["code"] == "model_not_found"


def test_a_model_that_nobody_here_has_is_refused(offering: TestClient) -> None:
    error = refusal(offering, model="wan2.2-ti2v-5b")
    assert (error["param"], error["code"]) == ("model", "model_not_found")
    assert f"Use one of: mini, {WAN.name}." in error["message"]


# --- what is put into a model


def test_a_model_says_which_loras_and_pictures_it_takes(offering: TestClient) -> None:
    wan, mini = (offering.get(f"/v1/models/{name}").json() for name in (WAN.name, "mini"))
    assert (wan["loras"], wan["takes_loras"]) == (["light_high_noise", "style"], True)
    assert (mini["loras"], mini["takes_loras"]) == ([], False)
    said = {tuple(each["sources"]): each["possible"] for each in wan["mode_sources"]}
    assert said == {("input_reference",): False, ("last",): False, ("input_reference", "last"): False}
    assert all(each["possible"] for each in mini["mode_sources"])


def test_loras_are_asked_for_by_name(offering: TestClient) -> None:
    said = ["style:0.5", {"name": "light_high_noise", "strength": 1, "expert": "high"}]
    order = job(offering, model=WAN.name, loras=said, guidance=[4, 3], untrained=True).order
    assert order is not None
    loras = (Lora(at="style", strength=0.5), Lora(at="light_high_noise", expert="high"))
    assert (order.request.loras, order.request.untrained) == (loras, True)
    assert (order.request.guidance, order.request.low_guidance) == (4.0, 3.0)
    settings = offering.app.state.service.settings  # type: ignore[attr-defined]
    found = models.composed(settings, order.request).loras
    assert [Path(lora.at).name for lora in found] == ["style.safetensors", "light_high_noise.safetensors"]
    assert all(Path(lora.at).is_file() for lora in found)


@pytest.mark.parametrize("name", ["other", "../server.toml", "/etc/passwd", "notes", "~/style", "loras/style"])
def test_a_lora_that_is_not_in_the_folder_is_refused(offering: TestClient, name: str) -> None:
    error = refusal(offering, model=WAN.name, loras=[name])
    assert error["param"] == "loras"
    assert "Use one of: light_high_noise, style." in error["message"]


def test_what_a_model_cannot_take_is_refused_by_name(offering: TestClient) -> None:
    assert "mini takes no loras" in refusal(offering, model="mini", loras=["style"])["message"]
    error = refusal(offering, model="mini", guidance="4,3")
    assert (error["param"], "has one transformer" in error["message"]) == ("guidance", True)


@pytest.mark.usefixtures("two")
def test_a_server_without_a_folder_has_no_loras(tmp_path: Path, template: Path) -> None:
    with client_of(tmp_path, template) as client:
        assert "--loras DIR" in refusal(client, model=WAN.name, loras=["style"])["message"]


@pytest.mark.parametrize("field", ["vae", "text_encoder"])
def test_paths_are_not_taken(offering: TestClient, field: str) -> None:
    order = job(offering, model=WAN.name, **{field: "/etc/passwd"}).order
    assert order is not None
    assert getattr(order.request, field) == ""


# --- workers


@pytest.mark.usefixtures("two")
def test_a_worker_can_run_what_is_here_and_fits() -> None:
    assert models.able(Settings(**PLACES)).presets == ("mini", WAN.name)
    assert models.able(Settings(**PLACES, memory_mib=8_000)) == Able(presets=("mini",), memory=8_000 << 20)
    assert models.able(Settings(**PLACES, models=(WAN.name,))).presets == (WAN.name,)
    with pytest.raises(
        UserError, match=r"wan2\.2-ti2v-5b are not on this machine\. Fetch them: yozora pull wan2\.2-ti2v-5b"
    ):
        models.able(Settings(**PLACES, models=("wan2.2-ti2v-5b",)))
    with pytest.raises(UserError, match="No model fits into 1 MiB"):
        models.able(Settings(**PLACES, memory_mib=1))


def test_what_was_used_longest_ago_makes_room(tmp_path: Path) -> None:
    toys = [replace(presets.PRESETS["mini"], name=name, folder=tmp_path) for name in "abc"]
    loads: list[tuple[str, list[str]]] = []

    def load(preset: Preset) -> Engine:
        loads.append((preset.name, [each.name for each in engines.loaded]))
        return Engine(preset)

    one = models.needs(toys[0])
    engines = models.Engines(load, 2 * one + 1)
    a, b, c = toys
    assert engines.of(a) is engines.of(a)
    engines.of(b)
    engines.of(a)
    engines.of(c)
    engines.of(a)
    assert loads == [("a", []), ("b", ["a"]), ("c", ["a"])], "what goes is gone before another is loaded"
    engines.room = one - 1
    assert engines.of(b).preset is b
    assert list(engines.loaded) == [b]


def test_other_loras_are_another_model() -> None:
    request = Request(prompt="", model=WAN.name)
    plain, styled = presets.composed(WAN, request), presets.composed(WAN, replace(request, loras=(Lora(at="a"),)))
    assert plain == WAN
    assert hash(styled) != hash(plain)


def test_one_worker_makes_films_of_two_models_that_do_not_fit_together(embedded: Installation) -> None:
    folders = [save_toy(embedded.folder / name) for name in ("one", "two")]
    settings = replace(embedded.settings, models=tuple(map(str, folders)), memory_mib=1_000)
    embedded.settings = settings
    videos = [embedded.ask(model=name) for name in ("one", "two", "two", "one")]
    worker = embedded.worker()
    assert [embedded.ended(video).status for video in videos] == ["completed"] * 4
    said = re.findall(r"a model is (loaded|unloaded)\b.*?\b(one|two)\b", worker.log.read_text())
    assert said == [
        ("loaded", "one"),
        *[("unloaded", "one"), ("loaded", "two")],
        *[("unloaded", "two"), ("loaded", "one")],
    ]


def test_a_film_goes_to_the_worker_that_has_its_model(embedded: Installation) -> None:
    folders = {name: save_toy(embedded.folder / name) for name in ("one", "two")}
    settings = embedded.settings
    videos = [embedded.ask(model=name) for name in ("one", "two")]
    workers = {}
    for name, folder in folders.items():
        embedded.settings = replace(settings, models=(str(folder),))
        workers[name] = embedded.worker()
    for video in videos:
        assert embedded.ended(video).status == "completed"
    for name, worker in workers.items():
        assert worker.log.read_text().count("taken up") == 1, name


def test_what_models_may_take_goes_to_every_preset() -> None:
    settings = Settings(**PLACES, memory="8GB", ram="16GB", weights="int8")
    assert settings.preset("wan2.2-ti2v-5b").budget == Budget(weights="int8", memory=8 * 10**9, ram=16 * 10**9)
    assert Settings(**PLACES).preset("mini") is presets.PRESETS["mini"]
    with pytest.raises(UserError, match="is not a size"):
        configured({**PLACES, "memory": "much"}, None)
    with pytest.raises(UserError, match="is not known"):
        configured({**PLACES, "weights": "int3"}, None)


def test_a_worker_offers_what_it_can_lay_out_within_its_bounds(two: None) -> None:
    whole = models.needs(presets.PRESETS[WAN.name])
    assert models.able(Settings(**PLACES, memory_mib=8_000)).presets == ("mini",)
    settings = Settings(**PLACES, memory="14GB")
    assert models.able(settings).presets == ("mini", WAN.name)
    assert models.needs(settings.bounded(presets.PRESETS[WAN.name])) <= 14 * 10**9 < whole


@pytest.mark.skipif(torch.cuda.is_available(), reason="there are GPUs")
def test_a_worker_for_gpus_that_are_not_there_does_not_begin(embedded: Installation) -> None:
    worker = Worker(replace(embedded.settings, gpus=2), "worker_1")
    with pytest.raises(UserError, match="gpus is 2, and this machine has none"):
        worker.load()
    worker.scratch.close()
