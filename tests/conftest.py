"""Small worlds for the tests: a toy model with random weights, made by the same code that saves the real ones."""

import gc
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, settings
from numpy.typing import NDArray

from yozora.families import presets
from yozora.families.presets import Preset
from yozora.films.film import Film
from yozora.model.autoencoder import AutoencoderConfig, VideoAutoencoder
from yozora.model.dit import SpacetimeTransformer, TransformerConfig
from yozora.model.text import TextConfig, TextEncoder
from yozora.weights import files as weights

Z = 8  # latent channels of the toy
TEXT = TextConfig(dim=16, heads=2, layers=1, buckets=64, max_words=8, slots={"noun": ("unsaid", "car")})
AUTOENCODER = AutoencoderConfig(
    dim=4,
    dec_dim=4,
    z=Z,
    mean=(0.0,) * Z,
    std=(1.0,) * Z,
    mult=(1, 1, 1),
    res_blocks=1,
    temporal=(True, True),
    patch=4,
    attention=False,
)
TRANSFORMER = TransformerConfig(
    dim=24, heads=2, layers=2, ffn=48, in_channels=Z, out_channels=Z, text_dim=16, freq_dim=16, text_len=None
)


def pytest_configure() -> None:
    """Everybody shares the machine."""
    torch.set_num_threads(1)
    # The same examples every time, and no judgement on how long or how often filtered: a busy machine is not a bug.
    slow = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=slow)
    settings.load_profile("steady")


WAITING = ("server", "clients")  # folders whose tests mostly wait for other processes
BROWSER = "tests/studio/"  # whose files share a server, and films that take long to make
HALVES = {"create": 1, "film": 1, "pages": 1}  # of these files, by time; 0: the others
THIRDS = {"create": 1, "film": 1, "library": 2, "pages": 2, "signing_in": 2}  # where nothing else is run
LONGEST = (
    "server/test_faults.py",
    "train/test_run.py",
    "server/test_outages.py",
    "clients/test_contracts.py",
    "server/test_version_before.py",
    "server/test_schemathesis.py",
    "server/test_provenance.py",
    "cli/test_processes.py",
    "server/test_worker.py",
    "evaluate/test_parser.py",
    "server/test_realtime.py",
    "engine/test_engine.py",
)
"""Files of which none should be the last to begin."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes share the tests, file by file, the long ones come first, so that all end together, and
    those that wait are spread among those that compute.
    """
    if hasattr(config, "workerinput"):
        files = list(dict.fromkeys(item.path for item in items))
        waiting = [path for path in files if path.parent.name in WAITING]
        others = [path for path in files if path.parent.name not in WAITING]
        place = {path: n / len(group) for group in (waiting, others) for n, path in enumerate(group)}
        place |= {Path(__file__).parent / name: n - len(LONGEST) for n, name in enumerate(LONGEST)}
        items.sort(key=lambda item: (not item.nodeid.startswith(BROWSER), place[item.path]))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Any:
    """A million objects are made that stay: no garbage is looked for meanwhile, and later never among them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """File by file, as `--dist loadfile` does, but for files that one process is to have."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    shares = THIRDS if all(BROWSER.rstrip("/") in str(path) for path in config.args) else HALVES

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            scope = str(super()._split_scope(nodeid))
            if not scope.startswith(BROWSER):
                return scope
            return f"{BROWSER} {shares.get(Path(scope).stem.removeprefix('test_'), 0)}"

    return Scheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of all that is kept, so that nothing is made in the real one."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YOZORA_HOME", str(folder))
        patch.setenv("HF_HOME", str(folder / "huggingface"))
        patch.delenv("HF_HUB_CACHE", raising=False)
        yield folder


def save_toy(folder: Path) -> Path:
    """The three weights files of a toy model, the same every time."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    transformer = SpacetimeTransformer(TRANSFORMER)
    for parameter in transformer.parameters():
        torch.nn.init.normal_(
            parameter, std=0.2
        )  # fresh weights are partly zeros, and would say the same to any prompt
    parts = {
        "text": (TextEncoder(TEXT), TEXT),
        "transformer": (transformer, TRANSFORMER),
        "autoencoder": (VideoAutoencoder(AUTOENCODER), AUTOENCODER),
    }
    for name, (module, config) in parts.items():
        weights.save(folder / f"{name}.safetensors", module, config, nouns=["car"])
    return folder


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_toy(tmp_path_factory.mktemp("toy"))


@pytest.fixture
def toy(toy_folder: Path) -> Preset:
    """A preset that makes 64x64 films of 5 frames in 3 steps with the toy's weights."""
    return replace(
        presets.PRESETS["mini"], name="toy", folder=toy_folder, sizes=((64, 64),), seconds=0.25, steps=3, guidance=2.0
    )


@pytest.fixture
def make_film() -> Callable[..., Film]:
    """A film of moving colour bars of any size, length and rate."""

    def make(frames: int = 17, height: int = 64, width: int = 96, fps: float = 16.0, prompt: str = "bars") -> Film:
        colors = np.array([(200, 30, 30), (30, 160, 60), (40, 60, 200), (240, 240, 240), (10, 10, 10), (230, 200, 40)])
        bars_HW = (np.arange(width) * len(colors) // width)[None, :].repeat(height, 0)
        still_HWC = colors[bars_HW].astype(np.uint8)
        moving = np.stack([np.roll(still_HWC, 2 * t, axis=1) for t in range(frames)])
        return Film(frames=moving, fps=fps, prompt=prompt, seed=7, model="toy")

    return make


@pytest.fixture
def make_heic(tmp_path: Path) -> Callable[..., bytes]:
    """A HEIC photo of a picture, uint8 `[H, W, 3]`, that is to be shown so many quarter turns to the left."""

    def make(picture_HWC: NDArray[np.uint8], quarter_turns: int = 0) -> bytes:
        return heic(picture_HWC, tmp_path / "one.mp4", quarter_turns)

    return make


def heic(picture_HWC: NDArray[np.uint8], film: Path, quarter_turns: int) -> bytes:
    """ISO/IEC 23008-12: one HEVC picture, as libx265 codes it in an MP4, in a file of pictures."""
    import av

    height, width = picture_HWC.shape[:2]
    with av.open(str(film), "w") as container:
        stream = container.add_stream("libx265", rate=1, options={"crf": "4", "x265-params": "log-level=none"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        frame = av.VideoFrame.from_ndarray(picture_HWC, format="rgb24")
        (packet,) = (*stream.encode(frame), *stream.encode())
        packet.dts = packet.pts  # libx265 leaves that of a lone frame unset: any number
        container.mux(packet)
    with av.open(str(film)) as container:
        config = container.streams.video[0].codec_context.extradata
        data = next(bytes(packet) for packet in container.demux(container.streams.video[0]))
    film.unlink()
    size = struct.pack(">II", width, height)
    shown = (box(b"hvcC", config), full_box(b"ispe", size), box(b"irot", bytes([quarter_turns])))
    info = full_box(b"infe", struct.pack(">HH", 1, 0) + b"hvc1\0", version=2)
    uses = struct.pack(">IHB", 1, 1, 3) + bytes([0x81, 2, 0x83])
    known = [
        full_box(b"hdlr", bytes(4) + b"pict" + bytes(13)),
        full_box(b"pitm", struct.pack(">H", 1)),
        full_box(b"iinf", struct.pack(">H", 1) + info),
        box(b"iprp", box(b"ipco", b"".join(shown)) + full_box(b"ipma", uses)),
    ]
    head = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    located = 12 + 2 + 2 + 6 + 8  # bytes of the box that says where the picture is
    start = len(head) + 12 + sum(map(len, known)) + located + 8
    place = full_box(b"iloc", struct.pack(">BBHHHHII", 0x44, 0, 1, 1, 0, 1, start, len(data)))
    return head + full_box(b"meta", b"".join([*known, place])) + box(b"mdat", data)


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", 8 + len(data)) + kind + data


def full_box(kind: bytes, data: bytes, version: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24) + data)
