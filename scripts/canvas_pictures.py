"""Draw docs/canvas/*.svg from canvases that the modes really paint; with --check, only say whether they are current.

Clips are made-up latents that say which clip and which latent of it they are. So a picture shows what a mode's own
function did with them, and cannot be wrong about it.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from yozora.core.canvas import Canvas, Layout, blank, paste, patchify, refer, say
from yozora.core.modes import MODES, StoryboardCard
from yozora.core.order import Order, Source
from yozora.core.ordering import ordered
from yozora.core.painters import EncodedClip, Given, Shot, Shots
from yozora.core.painters import painted as paint
from yozora.core.request import WORDS
from yozora.core.sampler import rolling_times, times
from yozora.core.schedules import even
from yozora.core.windows import Reach, cut, plan, settle
from yozora.families import presets

FOLDER = Path(__file__).parents[1] / "docs" / "canvas"
MINI = presets.PRESETS["mini"]
SOURCES = ("#3b82f6", "#f59e0b", "#14b8a6")  # first clip, second clip, what an earlier window made
MADE = 2
PROMPTS = {"a red car": "#e5484d", "a purple boat": "#8b5cf6", "a pink bird": "#ec4899", "@hero running": "#e5484d"}
CAR, BOAT, BIRD, CHARACTER = PROMPTS
LAYOUT = Layout(channels=2 * len(SOURCES))  # latents: each source's share, and share times its latent's number
STEPS = 8
LEFT, WIDTH = 92, 800  # pixels, as all below
CELL, PITCH = 6, 7  # a token, and from one to the next
LATENT, TALL = 55, 28  # from one latent frame to the next, and its height
SQUARE = "v-9h9v9z"
SOLID = f'fill="{SOURCES[0]}"'
MARKS = (
    (SOLID, SQUARE, "known: kept exactly"),
    (f'{SOLID} stroke="{SOURCES[0]}" fill-opacity="0.4"', SQUARE, "repainted; paler = higher strength"),
    ('class="free"', SQUARE, "invented"),
    (f'fill="{PROMPTS[CAR]}"', "m0 -3v-3h14v3z", "conditioned by the prompt"),
)
STYLE = """<style>
svg{--panel:#ffffff;--ink:#1f2328;--soft:#59636e;--line:#a3adb8}
@media(prefers-color-scheme:dark){svg{--panel:#0d1117;--ink:#e6edf3;--soft:#9198a1;--line:#59636e}}
text{font:11px system-ui,-apple-system,"Segoe UI","Liberation Sans",sans-serif;fill:var(--ink)}
.soft{fill:var(--soft)}.mid{text-anchor:middle}.end{text-anchor:end}
.call{font:12px ui-monospace,"SF Mono",Menlo,"Liberation Mono","DejaVu Sans Mono",monospace}
.free,.axis{fill:none;stroke:var(--line)}.axis{stroke:var(--soft)}
.panel{fill:var(--panel)}.noise{fill:var(--ink);shape-rendering:crispEdges}.gap{stroke:var(--panel)}
</style>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latents:
    """A clip of `count` latents after its first one, in made-up latents; none after it: a still."""

    name: str
    count: int = 0
    source: int = 0
    size: tuple[int, int] = (8, 14)  # rows and columns of latents

    @property
    def frames(self) -> int:
        return 4 * self.count + 1

    def first(self) -> EncodedClip:
        return replace(self, count=0)

    def opening(self, *, whole: bool = False, head: int | None = None) -> Tensor:
        return self._latents(range(self.count + 1)[:head])

    def ongoing(self, *, whole: bool = False, head: int | None = None) -> Tensor:
        return self._latents(range(1, max(self.count + whole, 1) + 1)[:head])

    def closing(self, *, tail: int | None = None) -> Tensor:
        return self._latents(range(self.count + 1)[-(tail or 0) :])

    def _latents(self, numbers: Sequence[int]) -> Tensor:
        latents = torch.zeros(LAYOUT.channels, len(numbers), *self.size)
        latents[self.source] = 1.0
        latents[len(SOURCES) + self.source] = torch.tensor(numbers, dtype=torch.float32)[:, None, None]
        return latents


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One strip of a picture: how it was painted, and what came of it."""

    call: str
    shots: Shots
    clips: tuple[Latents, ...]


def order(mode: str, clips: Sequence[Latents], **requested: Any) -> Order:
    """An order of such clips, of the first prompt, at the model's size."""
    names = [slot.name for slot in MODES[mode].slots] or [clip.name for clip in clips]
    names = [clip.name if clip.name in names else name for clip, name in zip(clips, names, strict=False)]
    prompts = [BOAT if clip.source else CAR for clip in clips]
    sources = [
        Source(
            at=clip.name,
            slot=name,
            width=clip.size[1] * 16,
            height=clip.size[0] * 16,
            fps=MINI.fps,
            seconds=clip.frames / MINI.fps,
            frames=clip.frames,
            prompt=prompt,
        )
        for clip, name, prompt in zip(clips, names, prompts, strict=True)
    ]
    return ordered(mode, None if mode == "blend" else CAR, {"native": True, "seed": 0, **requested}, sources)


def painted(call: str, clips: Sequence[Latents] = (), **requested: Any) -> Case:
    """The canvases that a mode paints at the default size. `call` titles the strip; its first word names the mode."""
    given = Given(layout=LAYOUT, preset=MINI, clips=clips)
    return Case(call=call, shots=paint(order(call.split("(")[0], clips, **requested), given), clips=tuple(clips))


def modes() -> dict[str, list[Case]]:
    """What is drawn of each mode."""
    clip, a, b = Latents(name="clip ", count=4), Latents(name="a", count=6), Latents(name="b", count=6, source=1)
    first, last, still = Latents(name="image"), Latents(name="last", source=1), Latents(name="still")
    long = Latents(name="clip ", count=8)
    cards = (
        StoryboardCard(start=0, stop=1, text=CAR),
        StoryboardCard(start=1, stop=1.75, text=BOAT, source=0, still=True),
        StoryboardCard(start=1.75, stop=2.5, text=BIRD, flows=True),
    )
    box: dict[str, Any] = {"region": (0.5, 0.25, 0.5, 0.75), "start": 0.5, "stop": 1.4}
    spans = [(0, 0.5), (1.5, 2)]
    drawn = {
        "generate": [
            painted(f'generate("{CAR}", image=image)', [first]),
            painted(f'generate("{CAR}", image=image, last=last)', [first, last]),
        ],
        "extend": [
            painted(f'extend(clip, "{CAR}", seconds=1)', [clip], seconds=1),
            painted(f'extend(clip, "{CAR}", seconds=1, backward=True)', [clip], seconds=1, backward=True),
        ],
        "loop": [painted(f'loop(clip, "{CAR}", seconds=0.75)', [clip], seconds=0.75)],
        "blend": [painted("blend(a, b, seconds=0.75)", [a, b], seconds=0.75)],
        "remix": [painted(f'remix(clip, "{CAR}", strength="{word}")', [clip], strength=word) for word in WORDS],
        "edit": [painted(f'edit(clip, "{CAR}", {", ".join(f"{k}={v}" for k, v in box.items())})', [long], **box)],
        "recut": [painted(f'recut(clip, {spans}, "{CAR}")', [long], keep=spans)],
        "storyboard": [painted("storyboard(board of three cards)", [still], cards=cards)],
    }
    character = [starred('generate("@rex running", seconds=1)', Latents(name="@rex"))]
    return {**{name: drawn.get(name) or [usual(name)] for name in MODES}, "character": character}


def usual(mode: str) -> Case:
    """A mode with its defaults and the sources that it needs."""
    slots = [slot for slot in MODES[mode].slots if slot.needed]
    clips = [Latents(name=s.name, count=6 * (s.takes == "clip"), source=k) for k, s in enumerate(slots)]
    return painted(f"{mode}({', '.join(clip.name for clip in clips) or repr(CAR)})", clips)


def canvas_of(shot: Shot) -> Canvas:
    """The canvas of a shot that has one."""
    assert shot.canvas is not None
    return shot.canvas


def words() -> list[Case]:
    """A film of words alone."""
    return [painted(f'generate("{CAR}", seconds=2)', seconds=2)]


def starred(call: str, character: Latents) -> Case:
    """A film of words with a character."""
    name, still = MINI.character_names[0], character.opening()
    given = Given(
        layout=LAYOUT, preset=MINI, stills=[still], rename=lambda prompt: prompt.replace(character.name, name)
    )
    asked = ordered("generate", CHARACTER.replace(name, character.name), {"seconds": 1, "seed": 0})
    return Case(call=call, shots=paint(asked, given), clips=(character,))


def verbs() -> list[Case]:
    """The three verbs, one after the other."""
    clip, still = Latents(name="clip ", count=1), Latents(name="still", source=1, size=(4, 4))
    bare = blank((6, 4, 7), LAYOUT.token_channels)
    pasted = paste(bare, clip.opening(), at=0)
    referred = refer(pasted, still.opening(), at=-1)
    steps = {
        "canvas = blank((6, 4, 7), channels)": bare,
        "canvas = paste(canvas, clip, at=0)": pasted,
        "canvas = refer(canvas, still, at=-1)": referred,
        f'canvas = say(say(canvas, "{CAR}", (0, 4)), "{BOAT}", (3, 6))': say(say(referred, CAR, (0, 4)), BOAT, (3, 6)),
    }
    return [
        Case(call=call, shots=(Shot(canvas=canvas, pieces=()),), clips=(clip, still)) for call, canvas in steps.items()
    ]


# --- canvases


def text(x: float, y: float, words: str, kind: str = "") -> str:
    styled = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.4g}" y="{y:.4g}"{styled}>{escape(words)}</text>' if words else ""


def path(look: str, way: str) -> str:
    return f'<path {look} d="{way}"/>'


def paths(shapes: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What looks alike in one path."""
    found: dict[str, str] = {}
    for look, way in shapes:
        found[look] = found.get(look, "") + way
    return (path(look, way) for look, way in found.items())


def film(title: str, cases: Sequence[Case]) -> str:
    """A picture of some strips, one below the other; the shots of a case side by side."""
    drawn, y = [], 12.0
    for case in cases:
        drawn.append(text(LEFT, y + 12, case.call, "call"))
        y, x, start, ends = y + 38, float(LEFT), 0.0, []
        partly = any(0 < s < 1 for shot in case.shots for s in canvas_of(shot).strength_N.tolist())
        below = y + TALL + (32 if partly else 20)
        for shot in case.shots:
            lines, end = underlines(canvas_of(shot), x, below + 32)
            drawn += [*strip(canvas_of(shot), case.clips, x, y), *axis(shot, x, below, start), *lines]
            x += LATENT * (canvas_of(shot).grid[0] + 0.6)
            start += (shot.frames or 0) / MINI.fps
            ends.append(end)
        size = "{}×{} tokens".format(*canvas_of(case.shots[0]).grid[1:])
        heads = {y - 6: "latent frame", y + 17: size, below + 16: "seconds", below + 36: "prompt" if lines else ""}
        drawn += [text(LEFT - 14, at, words, "soft end") for at, words in heads.items()]
        y = max(ends) + 10
    return svg(title, [*drawn, *legend(MARKS, y + 12)], y + 30)


def bands(canvas: Canvas, left: float) -> Iterator[tuple[float, Tensor]]:
    """Tokens of each latent frame, and where it is drawn; at the end, apart, those that only inform the picture."""
    T = canvas.grid[0]
    for t, band in enumerate(torch.arange(canvas.picture_tokens).view(T, -1)):
        yield left + t * LATENT, band
    if len(canvas.known_NC) > canvas.picture_tokens:
        yield left + (T + 0.5) * LATENT, torch.arange(canvas.picture_tokens, len(canvas.known_NC))


def strip(canvas: Canvas, clips: Sequence[Latents], left: float, top: float) -> Iterator[str]:
    """A canvas as a strip of film, each latent frame with its number and what is known there."""
    for t, (x, band) in enumerate(bands(canvas, left)):
        middle = x + breadth(canvas, band) / 2
        name = str(t) if t < canvas.grid[0] else f"at {canvas.pos_N3[band[0], 0]:g}".replace("-", "\u2212")
        yield text(middle, top - 6, name, "soft mid")
        yield from tokens(canvas, band, x, top)
        source, strength = origin(canvas, band, clips)
        yield text(middle, top + TALL + 12, source, "mid")
        yield text(middle, top + TALL + 24, strength, "soft mid")


def breadth(canvas: Canvas, band: Tensor) -> float:
    return PITCH * (float(canvas.pos_N3[band, 2].max()) + 1) - 1


def tokens(canvas: Canvas, band: Tensor, left: float, top: float) -> Iterator[str]:
    """Tokens as squares at their rows and columns."""
    squares = []
    for k in band.tolist():
        row, column = canvas.pos_N3[k, 1:].tolist()
        look = shade(canvas.known_NC[k], float(canvas.strength_N[k]))
        edge = 0 if "kept" in look else 0.5  # outlines lie inside
        x, y, side = left + column * PITCH + edge, top + row * PITCH + edge, CELL - 2 * edge
        squares.append((look, f"M{x:g} {y:g}h{side:g}v{side:g}h-{side:g}z"))
    return paths(squares)


def shade(known_C: Tensor, strength: float) -> str:
    """Solid where a token is kept, an outline where it is invented, between them the fainter the freer."""
    if strength == 1:
        return 'class="free"'
    shares = share(known_C)
    parts = [[s * int(color[k : k + 2], 16) for s, color in zip(shares, SOURCES, strict=True)] for k in (1, 3, 5)]
    fill = "#" + "".join(f"{round(sum(part)):02x}" for part in parts)
    if strength == 0:
        return f'class="kept" fill="{fill}"'
    return f'class="part" fill="{fill}" stroke="{fill}" fill-opacity="{1 - strength:.2f}"'


def share(known_C: Tensor) -> list[float]:
    """How much of each source is in a token, whose numbers are four of every channel."""
    return [round(s, 3) for s in known_C.view(-1, 4)[: len(SOURCES), 0].tolist()]


def origin(canvas: Canvas, band: Tensor, clips: Sequence[Latents]) -> tuple[str, str]:
    """Where a latent frame's known tokens come from, and how free they are if they are to be repainted."""
    found = set()
    for k in band[canvas.strength_N[band] < 1].tolist():
        shares, strength = share(canvas.known_NC[k]), float(canvas.strength_N[k])
        numbers = canvas.known_NC[k].view(-1, 4)[len(SOURCES) :, 0].tolist()
        there = [(clip, numbers[clip.source] / shares[clip.source]) for clip in clips if shares[clip.source]]
        names = [f"{clip.name}{number:.0f}" if clip.count else clip.name for clip, number in there]
        found.add(("+".join(names), f"s = {strength:.2f}" if strength else ""))
    (label,) = found or {("", "")}  # a latent frame has one origin
    return label


def axis(shot: Shot, left: float, y: float, start: float) -> list[str]:
    """Seconds, under the frames that are shown."""
    whole = (canvas_of(shot).grid[0] - 1) * 4 + 1
    count = whole - shot.first if shot.frames is None else shot.frames
    left -= (LATENT - PITCH * canvas_of(shot).grid[2]) / 2  # from the middle of one gap to that of the next
    first, last = (left + LATENT * latent(frame) for frame in (shot.first, shot.first + count))
    drawn = [path('class="axis"', f"M{first:.4g} {y:g}H{last:.4g}")]
    for half in range(int(count / MINI.fps * 2) + 1):
        x = left + LATENT * latent(shot.first + half / 2 * MINI.fps)
        drawn += [path('class="axis"', f"M{x:.4g} {y:g}v4"), text(x, y + 16, f"{start + half / 2:g}", "soft mid")]
    hidden = whole - shot.first - count >= 4
    said = "shown first" if shot.returns else "decoded, but not shown"
    return [*drawn, text(last + 12, y + 16, said, "soft")] if hidden else drawn


def latent(frame: float) -> float:
    """Where a frame of film lies in latent frames, of which the first is one frame and each later one is four."""
    return frame if frame < 1 else 1 + (frame - 1) / 4


def underlines(canvas: Canvas, left: float, top: float) -> tuple[list[str], float]:
    """Under each latent frame the prompts that it hears, those that never meet in one row, and how far down that is."""
    drawn, ends = [], list[float]()
    for p, prompt in enumerate(canvas.prompts):
        heard = [(x, breadth(canvas, band)) for x, band in bands(canvas, left) if canvas.reads_NP[band, p].all()]
        row = next((k for k, end in enumerate(ends) if end < heard[0][0]), len(ends))
        ends[row : row + 1] = [heard[-1][0]]
        y = top + 22 * row
        way = "".join(f"M{x:g} {y:g}h{width:g}" for x, width in heard)
        drawn += [path(f'stroke="{PROMPTS[prompt]}" stroke-width="3"', way), text(heard[0][0], y + 14, prompt)]
    return drawn, top + 22 * len(ends) - 6


def legend(marks: Sequence[tuple[str, str, str]], y: float) -> Iterator[str]:
    """What shapes mean, each a look, an outline and words."""
    x = float(LEFT)
    for look, outline, words in marks:
        yield path(look, f"M{x + 0.5:g} {y - 0.5:g}{outline}")
        yield text(x + 20, y, words, "soft")
        x += 46 + 5.3 * len(words)


def svg(title: str, drawn: Sequence[str], height: float) -> str:
    box = f'viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img">\n<title>{escape(title)}</title>'
    panel = f'<rect class="panel" width="{WIDTH}" height="{height:g}" rx="6"/>'
    return "\n".join([head, STYLE, panel, *filter(None, drawn), "</svg>", ""])


def windows() -> str:
    """Which latent frames of long films are known and invented, window after window."""
    clip, long = Latents(name="clip ", count=4), Latents(name="clip ", count=20)
    cases = [
        painted(f'generate("{CAR}", seconds=5)', seconds=5),
        painted(f'extend(clip, "{CAR}", seconds=4, backward=True)', [clip], seconds=4, backward=True),
        painted(f'recut(clip, [(0, 1), (4, 5)], "{CAR}")', [long], keep=[(0, 1), (4, 5)]),
    ]
    known, invented = (SOLID, SQUARE, "known of the clip"), MARKS[2]
    marks = [known, (f'fill="{SOURCES[MADE]}"', SQUARE, "made by an earlier window"), invented]
    drawn, y, made = [], 12.0, Latents(name="", count=20, source=MADE).opening()
    for case in cases:
        drawn.append(text(LEFT, y + 12, case.call, "call"))
        y += 38
        canvas = canvas_of(case.shots[0])
        drawn += [text(LEFT + t * 32 + 14, y - 6, str(t), "soft mid") for t in range(canvas.grid[0])]
        drawn.append(text(LEFT - 14, y - 6, "latent frame", "soft end"))
        for index, (first, last) in enumerate(plan(canvas, Reach(length=MINI.window, overlap=MINI.overlap)), start=1):
            drawn += [text(LEFT - 14, y + 10, f"window {index}", "soft end"), *window(canvas, first, last, y)]
            canvas = settle(canvas, first, last, patchify(made[:, first:last]))
            y += 18
        y += 10
    return svg("Long films, window after window", [*drawn, *legend(marks, y + 12)], y + 30)


def window(canvas: Canvas, first: int, last: int, y: float) -> Iterator[str]:
    """One window of a long canvas as it is before it is filled; what lies beyond it is a line."""
    T, H, W = canvas.grid
    yield path('class="free"', f"M{LEFT} {y + 6:g}H{LEFT + T * 32 - 4}")
    inside = cut(canvas, first, last)
    strengths, known = inside.strength_N.view(-1, H * W), inside.known_NC.view(last - first, H * W, -1)
    for t in range(last - first):
        look, x = shade(known[t, 0], float(strengths[t].max())), LEFT + (first + t) * 32
        yield path('class="panel"', f"M{x - 4} {y:g}h36v13h-36z")
        yield path(look, f"M{x + 0.5} {y + 0.5:g}h27v12h-27z")


def matrices() -> dict[str, Tensor]:
    """The time matrices of some canvases of 64x64 pixels: 7 latent frames, 4 tokens each."""
    sigmas_S = even(STEPS, MINI.shift).sigmas_S
    kinds = (("still", 0), ("clip", 6), ("a", 4), ("b", 5))
    still, clip, a, b = (Latents(name=name, count=count, size=(4, 4)) for name, count in kinds)
    small = {"native": False, "size": (64, 64)}
    asked = {
        "image": order("generate", [still], seconds=1.5, **small),
        "blend": order("blend", [a, b], seconds=0.75, **small),
        "edit, right half": order("edit", [clip], region=(0.5, 0, 0.5, 1), start=0.5, stop=1.0, **small),
    }
    clips = {"image": [still], "blend": [a, b], "edit, right half": [clip]}
    shots = {name: paint(each, Given(layout=LAYOUT, preset=MINI, clips=clips[name])) for name, each in asked.items()}
    (plain,) = paint(order("generate", [], seconds=1.5, **small), Given(layout=LAYOUT, preset=MINI))
    rolling_SN = rolling_times(sigmas_S, plain.canvas.strength_N, torch.arange(7).repeat_interleave(4), lag=1)
    return {name: times(sigmas_S, canvas_of(shot).strength_N) for name, (shot,) in shots.items()} | {
        "rolling": rolling_SN
    }


def heat() -> str:
    """Time matrices as heat maps."""
    drawn, y = [text(48, 40, "step", "soft end")], 0
    for left, (name, t_SN) in zip((56, 238, 420, 624), matrices().items(), strict=True):
        S, N = t_SN.shape
        drawn.append(text(left, 24, name, "call"))
        drawn += [text(left + k * 24 + 12, 40, str(k), "soft mid") for k in range(N // 4)]
        drawn += [text(left - 8, 55 + s * 11, str(s), "soft end") for s in range(S) if left == 56 or S > STEPS + 1]
        drawn += [line for s, row in enumerate(t_SN.tolist()) for line in moment(row, left, 46 + s * 11)]
        drawn.append(path('class="gap"', "".join(f"M{left + k} 46v{S * 11}" for k in range(24, N * 6, 24))))
        drawn.append(path('class="free"', f"M{left - 0.5} 45.5h{N * 6 + 1}v{S * 11 + 1}h-{N * 6 + 1}z"))
        y = max(y, S * 11 + 64)
    drawn += [*moment([k / 20 for k in range(21)], 56, y), path('class="free"', f"M55.5 {y - 0.5}h127v12h-127z")]
    words = "time of a token, from 0 (clean) to 1 (noise); above are latent frames, of 4 tokens each"
    return svg("The time of every token at every step", [*drawn, text(194, y + 9, words, "soft")], y + 26)


def moment(t_N: Sequence[float], left: float, y: float) -> Iterator[str]:
    """A row of a time matrix."""
    cells = ((f"{0.9 * t:.2f}", f"M{left + k * 6} {y}h6v11h-6z") for k, t in enumerate(t_N) if t)
    return paths((f'class="noise" opacity="{opacity}"', way) for opacity, way in cells)


def pictures() -> dict[str, str]:
    """File name -> SVG."""
    drawn = {f"{mode}.svg": film(f"The canvas of {mode}", cases) for mode, cases in modes().items()}
    drawn["verbs.svg"] = film("A canvas, painted with paste, refer and say", verbs())
    drawn["text.svg"] = film("A film of words alone", words())
    return {**drawn, "windows.svg": windows(), "times.svg": heat()}


def main() -> int:
    drawn = pictures()
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.svg")}
    stale = sorted(name for name in drawn | there if drawn.get(name) != there.get(name))
    if "--check" in sys.argv[1:]:
        if stale:
            print(f"docs/canvas: {', '.join(stale)}: not what the code paints: run `make docs`", file=sys.stderr)
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for name in stale:
        if name in drawn:
            (FOLDER / name).write_text(drawn[name], encoding="utf-8")
        else:
            (FOLDER / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
