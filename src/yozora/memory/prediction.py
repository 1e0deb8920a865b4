"""What a film takes of a machine: memory, as the planner counts it, and time, by rates that were measured there.

Knows no preset and no file. The rates are measured by the caller; this module needs no torch.
"""

from dataclasses import dataclass
from pathlib import Path

from yozora.memory import autoencoders, transformers
from yozora.memory.models import FilmSize, ModelParts
from yozora.memory.planner import Plan, film_cells
from yozora.model.configurations import AutoencoderConfig

STATUS = Path("/proc/self/status")  # Linux


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRates:
    """Operations a second of a machine: of products of matrices, of attention, and of convolutions; and bytes a second
    that are copied from main memory to the device, or read from files."""

    products: float
    attention: float
    convolutions: float
    copies: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Peak bytes of the device and of main memory (on a CPU the same), and seconds: of one step, and of the film."""

    plan: Plan
    step: float
    seconds: float


def predicted(model: ModelParts, film: FilmSize, plan: Plan, rates: MachineRates, itemsize: int) -> Prediction:
    """What a film takes in an arrangement. Time is that of operations alone, without loading the model."""
    products, attention = transformers.operations(model.transformer, film.tokens)
    step = film.rows * (products / rates.products + attention / rates.attention)
    numbers = transformers.weights(model.transformer)
    if plan.arrangement.offloaded:
        size = numbers.linear * (itemsize if plan.arrangement.weights == "full" else 1)
        step = max(step, size * (film.rows if plan.arrangement.apart else 1) / rates.copies)
    text = 2.0 * model.text.layers * 2 * 512 / rates.products
    if plan.arrangement.streamed:
        text += model.text.layers * itemsize / rates.copies
    found, decoding = model.autoencoder, 0.0
    if isinstance(found, AutoencoderConfig):
        cells = film_cells(model, film) * (1.6 if plan.arrangement.tile else 1.0)
        decoding = autoencoders.operations(found) * cells * film.latents / rates.convolutions
    seconds = text + film.windows * film.steps * step + decoding
    return Prediction(plan=plan, step=step, seconds=seconds)


def resident() -> int:
    """Bytes of main memory that this process has now; 0 where it is not known."""
    return _status_bytes("VmRSS")


def highest() -> int:
    """The most that it ever had."""
    return _status_bytes("VmHWM")


def _status_bytes(name: str) -> int:
    if not STATUS.exists():
        return 0
    fields = dict(line.split(":", 1) for line in STATUS.read_text().splitlines() if ":" in line)
    return int(fields[name].split()[0]) * 1024
