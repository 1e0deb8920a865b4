"""How many GPUs a film is made on, and whether there are so many. Imports torch where more than one is meant."""

from yozora.core.options import ArgumentError, Option, read

GPUS = Option(
    name="gpus", kind="whole", help="GPUs of this machine that make one film together.", default=1, low=1, high=64
)
ALONE = "For one GPU, leave out gpus."


def gpus_of(value: object, device: str | None = None) -> int:
    """A number of GPUs that there are. Raises `ArgumentError` for another, and where torch cannot use several.

    A CPU that is named stands for as many as are asked for, processes of it: that is for tests.
    """
    count: int = read(GPUS, value)
    if count == 1:
        return count
    import torch

    from yozora.device import best_device, usable

    found = usable(device or best_device())
    if found.type == "cpu" and device is not None:
        return count
    there = torch.cuda.device_count() - (found.index or 0) if found.type == "cuda" else int(found.type != "cpu")
    if count > there:
        has = f"this machine has {there or 'none'}"
        raise ArgumentError(
            "gpus",
            f"gpus is {count}, and {has}{f' from {found} on' if found.index else ''}.",
            ALONE,
            code="gpus_unavailable",
        )
    if not torch.distributed.is_available() or not torch.distributed.is_nccl_available():
        raise ArgumentError("gpus", f"gpus is {count}, and this torch has no NCCL.", ALONE, code="nccl_missing")
    return count
