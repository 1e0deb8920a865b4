"""Messages to other processes: their tensors travel from device to device, the rest as bytes. Knows no process."""

import io
import pickle
from typing import Any

import torch
from torch import Tensor, distributed

HELD = 12
"""Values that are the same at many steps, of which each process holds the last so many."""


class Held:
    """Values that the others have already, by their numbers."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}  # by identity
        self.values: dict[int, object] = {}  # by number, the oldest first; none is let go that is known by identity
        self.count = 0

    def number(self, value: object) -> int | None:
        """That of a value which was put before; None of any other."""
        return self.numbers.get(id(value))

    def put(self, value: object) -> int:
        """The next number for a value; where there are too many, the oldest goes, here and at the others."""
        number = self.count
        self.count += 1
        self.values[number], self.numbers[id(value)] = value, number
        if len(self.values) > HELD:
            oldest = self.values.pop(next(iter(self.values)))
            self.numbers.pop(id(oldest), None)
        return number


class MessageWriter(pickle.Pickler):
    """Bytes of a message, and beside them its tensors on a kind of device. Held values are only named."""

    def __init__(self, file: io.BytesIO, kind: str, held: Held) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self.kind, self.held = kind, held
        self.tensors: list[Tensor] = []

    def persistent_id(self, value: Any) -> tuple[object, ...] | None:
        number = self.held.number(value)
        if number is not None:
            return "held", number
        if not isinstance(value, Tensor) or value.device.type != self.kind:
            return None
        self.tensors.append(value.detach())
        return "tensor", tuple(value.shape), value.dtype


class MessageReader(pickle.Unpickler):
    """A message with room for its tensors, which are on their way. Its bytes are from the process that started this."""

    def __init__(self, file: io.BytesIO, device: torch.device, held: Held) -> None:
        super().__init__(file)
        self.device, self.held = device, held
        self.tensors: list[Tensor] = []

    def persistent_load(self, name: Any) -> object:
        if name[0] == "held":
            return self.held.values[name[1]]
        _, shape, dtype = name
        self.tensors.append(torch.empty(shape, dtype=dtype, device=self.device))
        return self.tensors[-1]


def written(message: object, kind: str, held: Held) -> tuple[bytes, list[Tensor]]:
    """A message as bytes, and its tensors."""
    file = io.BytesIO()
    writer = MessageWriter(file, kind, held)
    writer.dump(message)
    return file.getvalue(), writer.tensors


def read(message: bytes, device: torch.device, held: Held) -> tuple[Any, list[Tensor]]:
    """The message, and its tensors, which have no values yet."""
    reader = MessageReader(io.BytesIO(message), device, held)
    return reader.load(), reader.tensors


def broadcast(tensors: list[Tensor]) -> None:
    """Give tensors the values that they have in the first process; bytes travel, so that any dtype does."""
    for tensor in tensors:
        if tensor.numel():
            flat = tensor.contiguous().as_strided((tensor.numel(),), (1,))  # of one element, any stride is contiguous
            distributed.broadcast(flat.view(torch.uint8), 0)
