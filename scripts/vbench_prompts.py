"""Write src/yozora/evaluate/vbench.json: those of VBench's prompts that the world could show, out of its own lists.

FOLDER holds VBench's prompts as JSON, a file a dimension (github.com/Vchitect/VBench, `prompts/`, Apache-2.0).
"""

import json
import sys
from pathlib import Path
from typing import Any

from yozora.world.nouns import NOUNS

OUT = Path(__file__).parents[1] / "src" / "yozora" / "evaluate" / "vbench.json"
RELATIONS = {
    "on the left of": "left of",
    "on the right of": "right of",
    "on the top of": "on top of",
    "on the bottom of": "under",
}
STYLES = {
    "black and white": "noir",
    "pixel art": "pixel",
    "animated style": "cartoon",
    "watercolor painting": "watercolor",
}
SUBJECTS = {  # how prompts of styles begin: their nouns and their place
    "A beautiful coastal beach": ([], "beach"),
    "Snow rocky mountains": ([], "mountains"),
    "A boat sailing": (["boat"], "sea"),
    "a shark": (["shark"], "sea"),
}


def asked(dimension: str, entry: dict[str, str]) -> dict[str, Any] | None:
    """What a prompt asks for in the world's words; None for what has none there."""
    prompt = {"prompt": entry["prompt_en"]}
    if dimension == "object_class":
        return {**prompt, "nouns": [entry["object_en"]]}
    if dimension == "multiple_objects":
        return {**prompt, "nouns": entry["object_en"].split(" and ")}
    if dimension == "color":
        noun = entry["prompt_en"].split(entry["color_en"], 1)[1].strip()
        return {**prompt, "nouns": [noun], "color": entry["color_en"]}
    if dimension == "spatial_relationship":
        relation = RELATIONS[entry["relationship_en"]]
        return {**prompt, "nouns": [entry["object_a_en"], entry["object_b_en"]], "relation": relation}
    style = STYLES.get(entry["style_en"])
    for start, (nouns, place) in SUBJECTS.items():
        if style and entry["prompt_en"].startswith(start):
            return {**prompt, "nouns": nouns, "place": place, "style": style}
    return None


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: python scripts/vbench_prompts.py FOLDER", file=sys.stderr)
        return 2
    found: dict[str, list[dict[str, Any]]] = {}
    for dimension in ("object_class", "multiple_objects", "color", "spatial_relationship", "appearance_style"):
        entries = json.loads((Path(sys.argv[1]) / f"{dimension}.json").read_text(encoding="utf-8"))
        told = (asked(dimension, entry) for entry in entries)
        found[dimension] = [one for one in told if one is not None and set(one["nouns"]) <= set(NOUNS)]
    lines = [
        f' "{name}": [\n' + ",\n".join(f"  {json.dumps(one)}" for one in entries) + "\n ]"
        for name, entries in found.items()
    ]
    OUT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print({name: len(entries) for name, entries in found.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
