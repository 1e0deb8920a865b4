"""What the qualities below exact cost in likeness and save in time: films of mini beside exact ones of the same seeds.

    OMP_NUM_THREADS=1 python benchmarks/quality.py --json docs/quality.json     # 40 films a setting

Prompts are those that the evaluation draws, in four languages; a film's PSNR is that of all its frames, of 255, against
the exact film of its prompt. Time is the processor's, of the sampler's steps alone and of whole films; a ratio is that
of exact films over the setting's. Beside the qualities stand films of fewer steps, all computed: a saving is worth
something where it is nearer to the exact film than these are in the same time.

What was measured is kept in a file of lines (`--log`), a prompt each; a run that was stopped goes on from there.
"""

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yozora.core.ordering import ordered
from yozora.engine.engine import Engine
from yozora.evaluate.prompts import EvaluationPrompt, draw_prompts
from yozora.families import presets

STEPS = 20
SETTINGS: dict[str, dict[str, Any]] = {
    "exact": {"quality": "exact"},
    "balanced": {"quality": "balanced"},
    "fast": {"quality": "fast"},
    "exact, 8 steps": {"steps": 8},
    "exact, 6 steps": {"steps": 6},
}
EQUAL = 99.0  # decibels of films that are the same


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Made:
    """A film's frames, and the processor's seconds: of its sampler's steps, and of all of it."""

    frames_THWC: NDArray[np.uint8]
    sampling: float
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=40)
    parser.add_argument("--model", default=presets.DEFAULT)
    parser.add_argument("--log", type=Path, help="a prompt a line; what is there is not measured again")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    asked = parser.parse_args()
    engine = Engine(presets.find(asked.model))
    lines, prompts = read(asked.log), draw_prompts(asked.prompts, engine.nouns)
    made(engine, prompts[0], {"steps": 1})  # what is done once is no part of the times
    for prompt in prompts:
        if len(lines) <= prompt.number:
            lines.append(measured(engine, prompt))
            if asked.log:
                with asked.log.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(lines[-1]) + "\n")
    figures = summed(lines[: asked.prompts])
    for each in figures:
        near = f"PSNR {each['psnr']:.1f}, worst {each['worst']:.1f} dB"
        print(
            f"{each['name']:<16} {near}, {each['sampling_ratio']:.2f} (film {each['seconds_ratio']:.2f}) times as fast"
        )
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def read(log: Path | None) -> list[dict[str, Any]]:
    """What a run before has measured."""
    return [json.loads(line) for line in log.read_text().splitlines()] if log and log.exists() else []


def measured(engine: Engine, prompt: EvaluationPrompt) -> dict[str, Any]:
    """A prompt's film in every setting: its PSNR, and its times."""
    found, exact = {}, None
    for name, requested in SETTINGS.items():
        film = made(engine, prompt, requested)
        exact = film if exact is None else exact
        near = decibels(film.frames_THWC, exact.frames_THWC)
        found[name] = {"psnr": near, "sampling": film.sampling, "seconds": film.seconds}
    return found


def made(engine: Engine, prompt: EvaluationPrompt, requested: Mapping[str, Any]) -> Made:
    """One film at the model's own size and rate."""
    said = {"steps": STEPS, "model": engine.preset.name, "native": True, "seed": prompt.seed, **requested}
    order, pieces, sampling = ordered("generate", prompt.text, said, preset=engine.preset), [], 0.0
    start = before = time.process_time()
    for progress in engine.run(order):
        now = time.process_time()
        sampling += now - before if progress.stage == "denoise" else 0.0
        before = now
        if progress.frames is not None:
            pieces.append(progress.frames)
    return Made(frames_THWC=np.concatenate(pieces), sampling=sampling, seconds=time.process_time() - start)


def decibels(frames_THWC: NDArray[np.uint8], exact_THWC: NDArray[np.uint8]) -> float:
    """PSNR, of 255, over all frames."""
    error = float(np.square(frames_THWC.astype(np.float32) - exact_THWC).mean())
    return EQUAL if error == 0 else min(EQUAL, float(10 * np.log10(255**2 / error)))


def summed(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each setting, with means over films."""
    exact = {each: sum(line["exact"][each] for line in lines) for each in ("sampling", "seconds")}
    rows = []
    for name in SETTINGS:
        found = [line[name] for line in lines]
        psnr = [each["psnr"] for each in found]
        ratios = {f"{each}_ratio": total / sum(one[each] for one in found) for each, total in exact.items()}
        times = {each: sum(one[each] for one in found) / len(found) for each in exact}
        rows.append({"name": name, "films": len(found), "psnr": fmean(psnr), "worst": min(psnr), **ratios, **times})
    return rows


if __name__ == "__main__":
    main()
