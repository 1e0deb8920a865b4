"""The house rules that can be checked: the lock, the build, the borders, the licence."""

import ast
import io
import json
import re
import subprocess
import sys
import tokenize
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import yozora
from yozora.core.modes import MODES
from yozora.server.http.app import document

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def pins() -> dict[str, str]:
    lines = [line for line in LOCK.splitlines() if line and not line.startswith("#")]
    pairs = [line.split("==") for line in lines]
    return {str(canonicalize_name(name)): version for name, version in pairs}


def asked() -> list[Requirement]:
    project = PROJECT["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    lines = (*project["dependencies"], *extras, *PROJECT["build-system"]["requires"])
    return [one for one in map(Requirement, lines) if one.name != project["name"]]  # an extra that is several


def test_the_lock_pins_exact_public_versions() -> None:
    for line in LOCK.splitlines():
        assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", line), line
    assert pins()["torch"] == "2.13.0"
    heavy = [name for name in pins() if re.match(r"nvidia|cuda|triton", name)]
    assert heavy == []


def test_the_lock_holds_all_that_is_asked_for() -> None:
    for requirement in asked():
        version = pins().get(str(canonicalize_name(requirement.name)))
        assert version is not None, requirement
        assert requirement.specifier.contains(version), requirement


def test_the_lock_is_made_of_all_extras() -> None:
    assert '".[all,dev]"' in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_dependencies_have_lower_bounds_and_no_upper_ones() -> None:
    for requirement in asked():
        assert [part.operator for part in requirement.specifier] == [">="], requirement


def test_ci_installs_what_is_missing_and_runs_the_tests() -> None:
    commands = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and line[0] != "#"]
    assert commands[:2] == ["set -euo pipefail", 'cd "$(dirname "$0")/.."']
    assert commands[-1] == "make test"
    assert not [line for line in commands[:-1] if "pytest" in line or "make" in line or line.startswith("exit")]


def test_the_makefile_explains_itself() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("setup", "film", "test", "check"):
        assert f"make {target} " in done.stdout
    done = subprocess.run(["make", "prompt"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: no prompt.")


def test_import_directions() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_wheel_is_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == f"yozora-{yozora.__version__}-py3-none-any.whl"
    source = ROOT / "src"
    kept = {".py", ".safetensors", ".npz", ".json", ".typed"}
    expected = {
        str(path.relative_to(source)) for path in source.rglob("*") if path.suffix in kept or path.name == "py.typed"
    }
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert expected <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    for part in ("transformer", "autoencoder", "text"):
        assert f"yozora/assets/mini/{part}.safetensors" in names


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert PROJECT["project"]["license"] == "Apache-2.0"


def test_sources_have_no_loose_ends() -> None:
    for folder in ("src", "scripts"):
        for path in (ROOT / folder).rglob("*.py"):
            assert not re.search(r"\b(TODO|FIXME|XXX)\b", path.read_text(encoding="utf-8")), path


# --- modes are declared once

MODE_FILES = 4  # core/modes.py, a file of core/painters, api.py, and the package, which exports them
OTHER_MEANINGS = {"media/sinks.py": {"loop"}, "story/board.py": {"storyboard"}}  # a codec's option, a field's name


@cache
def sources() -> tuple[tuple[str, ast.Module], ...]:
    """Name and syntax tree of each file of the package. Parsed once: it takes a second."""
    folder = ROOT / "src" / "yozora"
    return tuple(
        (path.relative_to(folder).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(folder.rglob("*.py"))
    )


def teardown_module() -> None:
    """Syntax trees take memory."""
    sources.cache_clear()


def test_a_mode_is_spelled_in_four_files_at_most() -> None:
    found: dict[str, set[str]] = {name: set() for name in MODES}
    for file, tree in sources():
        for node in ast.walk(tree):
            said = node.value if isinstance(node, ast.Constant) else getattr(node, "name", None)
            if isinstance(said, str) and said in found and said not in OTHER_MEANINGS.get(file, ()):
                found[said].add(file)
    assert {name: files for name, files in found.items() if len(files) > MODE_FILES} == {}
    assert not any(file.startswith("cli/") for files in found.values() for file in files)


def test_no_function_has_more_than_eight_arguments() -> None:
    long = []
    for file, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                given = node.args
                named = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
                if len([each for each in named if each is not None and each.arg not in ("self", "cls")]) > 8:
                    long.append(f"{file}:{node.lineno}")
    assert long == []


def test_a_class_is_defined_once() -> None:
    """One word has one meaning."""
    homes: dict[str, list[str]] = {}
    for file, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                homes.setdefault(node.name, []).append(file)
    assert {name: files for name, files in homes.items() if len(files) > 1} == {}


def test_a_private_helper_has_its_name_in_at_most_two_modules() -> None:
    homes: dict[str, set[str]] = {}
    for file, tree in sources():
        methods = (node for each in ast.walk(tree) if isinstance(each, ast.ClassDef) for node in each.body)
        for node in (*tree.body, *methods):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and re.fullmatch(r"_[^_].*", node.name):
                homes.setdefault(node.name, set()).add(file)
    assert {name: files for name, files in homes.items() if len(files) > 2} == {}


# --- rooms

ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_the_rooms_are_those_of_the_architecture_page() -> None:
    tree = re.search(r"^src/yozora/\n(.*?)^```", ARCHITECTURE, re.M | re.S)
    assert tree is not None
    written = [line.split()[0].rstrip("/") for line in tree[1].splitlines()]
    assert len(written) == len(set(written))
    top = {path.name for path in (ROOT / "src" / "yozora").iterdir()}
    assert set(written) == top - {"__init__.py", "__main__.py", "__pycache__", "py.typed"}


def test_the_first_ten_files_to_read_are_there() -> None:
    named = re.findall(r"^\| \[(\S+)\]\(\.\./src/yozora/(\S+)\) \|", ARCHITECTURE, re.M)
    assert len(named) == 10
    assert all(name == path and (ROOT / "src" / "yozora" / path).is_file() for name, path in named)


# --- what may only get less

LONG_FILES = {"model/codec.py": 515}  # lines
LONG_FUNCTIONS = {  # lines
    "server/store/migrations/versions/r0001.py:upgrade": 124,  # migrations stay as they were written
    "server/store/migrations/versions/r0005.py:_accounts": 46,
}


def test_files_have_at_most_400_lines() -> None:
    folder = ROOT / "src" / "yozora"
    lines = {file: len((folder / file).read_text(encoding="utf-8").splitlines()) for file, _ in sources()}
    assert {file: count for file, count in lines.items() if count > 400 and count > LONG_FILES.get(file, 0)} == {}
    assert {file for file in LONG_FILES if lines[file] <= 400} == set()


def test_functions_have_at_most_40_lines() -> None:
    lines: dict[str, int] = {}
    for file, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                name = f"{file}:{node.name}"
                lines[name] = max(lines.get(name, 0), node.end_lineno - node.lineno + 1)
    assert {name: count for name, count in lines.items() if count > max(40, LONG_FUNCTIONS.get(name, 0))} == {}
    assert {name for name in LONG_FUNCTIONS if lines.get(name, 0) <= 40} == set()


def test_what_types_cannot_say_has_a_reason_beside_it() -> None:
    folder = ROOT / "src" / "yozora"
    bare = {
        file
        for file, _ in sources()
        for line in (folder / file).read_text(encoding="utf-8").splitlines()
        if "# type: ignore" in line and not re.search(r"# type: ignore\[[a-z, -]+\] # \S", line)
    }
    assert bare == set()


# --- tests mirror the sources

UNTESTED = {  # modules without a test file of their own name, by folder; others test them. The list may only shrink.
    "cli": "admin arguments cast db gallery keys mcp models pace provenance serving working",
    "core": "mode_options",
    "engine": "conditioning filling",
    "evaluate": (
        "bench clip close coded data detection endurance eye figures melting prompts reader report"
    ),
    "evaluate/parts": "continuing enduring given repainting",
    "families": "family mini preset stated wan wan_parts wan_sizes",
    "families/encoders": "assembling clip umt5",
    "mcp": "schemas server tools videos",
    "media": "comments composed mixing opening pictures sinks sources stills tone webp",
    "model": "blocks control evidence heads places reading sharing",
    "provenance": "alignment confined examine ingredients marks places taken trust videoseal",
    "server": "configuration listening loading serving traces",
    "server/accounts": "audit belongings legacy_usage shared_rates",
    "server/http": (
        "app creating dialects heads live_messages live_session long_texts mode_requests "
        "moderation order_requests responses retries runtime service sources"
    ),
    "server/http/routes": "characters events files front health videos",
    "server/safety": "inspection ssrf wording",
    "server/store": "live reserve rows sealing tables watermarks",
    "server/work": (
        "administration attempts delivery_log earlier films heartbeats job legacy_films offers retry_policy "
        "preflight scratch supervisor systemd"
    ),
    "weights": "pulling",
    "weights/checkpoints": "autoencoder shapes tables",
    "world": "torch_paint",
}  # fmt: skip
MOST_UNTESTED = 130


def is_tested(module: str, tests: set[str]) -> bool:
    """Whether a module, such as "core/order.py", has a test file of its name, or of a folder that it is in: at its own
    place or nearer to the top. That of `figures` is one of `figures_people`, too.
    """
    *folders, name = module.removesuffix(".py").split("/")
    words = name.split("_")
    names = [*enumerate(folders), *((len(folders), "_".join(words[:k])) for k in range(len(words), 0, -1))]
    places = ((depth, name, start) for depth, name in names for start in range(depth + 1))
    return any("/".join((*folders[:start], f"test_{name}.py")) in tests for depth, name, start in places)


def test_every_module_has_a_test_file_of_its_name() -> None:
    folder = ROOT / "tests"
    tests = {path.relative_to(folder).as_posix() for path in folder.rglob("test_*.py")}
    kept = ("__init__.py", "__main__.py")
    modules = {file for file, _ in sources() if not file.endswith(kept) and "/migrations/" not in file}
    excepted = {f"{folder}/{name}.py".lstrip("/") for folder, names in UNTESTED.items() for name in names.split()}
    assert {module for module in modules if not is_tested(module, tests)} == excepted
    assert len(excepted) <= MOST_UNTESTED


# --- words

RETIRED = {
    line.partition(" = ")[0]
    for line in (ROOT / "docs" / "words.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
}
GIVEN_NAMES = {  # by file: names that stand in files of weights, in rows of a database or on the wire, or are others'
    "docs/migrate.md": {
        "hero",
        "heroes",
        "inventing",
        "lawful",
        "led",
        "lying",
        "muted",
        "remarks",
        "unkept",
        "wished",
    },
    "src/yozora/evaluate/close.py": {"manner"},  # a layer of the parser's weights, and a field of their configuration
    "src/yozora/evaluate/parser.py": {"manner"},
    "src/yozora/families/preset.py": {"hero"},  # @hero, the name by which weights know a character
    "src/yozora/families/stated.py": {"led", "hero", "heroes"},  # settings in files of weights of version 0.1
    "src/yozora/media/photos.py": {"draft"},  # a method of Pillow
    "src/yozora/model/codec.py": {"misfit"},  # a layer of the autoencoder's weights
    "src/yozora/model/dit.py": {"doubt"},  # a layer of the transformer's weights
    "src/yozora/model/heads.py": {"doubt"},
    "src/yozora/server/http/routes/health.py": {"trouble"},  # a field of the answer of 0.1
    "src/yozora/server/store/legacy_dbos.py": {"ticket"},  # a field of log lines of 0.1
    "src/yozora/server/store/migrations/versions/r0006.py": {"starring"},  # a field of jobs of 0.1
    "src/yozora/server/work/earlier.py": {"starring"},
    "src/yozora/server/work/job.py": {"starring"},
    "src/yozora/train/recipes/actions.py": {"manner"},
    "src/yozora/train/text.py": {"unsaid"},  # a value in the text encoder's weights
    "src/yozora/weights/checkpoints/lookalikes.py": {"reels"},  # SkyReels
}
PROMPT_WORDS = "src/yozora/language/"  # whose strings are what people write in prompts


def words_of(text: str) -> set[str]:
    """Words of a text in lower case; parts of names, such as `heard_BL` and `HeroSource`, are words too."""
    parts = re.sub(r"([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])", r"\1\3 \2", text)
    return {word.lower() for word in re.findall(r"[A-Za-z]+", parts)}


def without_prompts(text: str) -> str:
    """A module's names, comments and docstrings, without its other strings."""
    docstrings = {
        (node.body[0].value.lineno, node.body[0].value.col_offset)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
    }
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return "\n".join(each.string for each in tokens if each.type != tokenize.STRING or each.start in docstrings)


def prose() -> Iterator[tuple[str, str]]:
    """Name and text of everything that people read: sources, documentation, and the API's schema."""
    pages = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))
    for path in (*sorted((ROOT / "src").rglob("*.py")), *pages):
        name, text = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        yield name, without_prompts(text) if name.startswith(PROMPT_WORDS) else text
    yield "openapi.json", json.dumps(document())


def test_retired_words_are_gone() -> None:
    assert len(RETIRED) >= 60
    found = {name: words_of(text) & RETIRED for name, text in prose()}
    left = {name: sorted(words - GIVEN_NAMES.get(name, set())) for name, words in found.items()}
    assert {name: words for name, words in left.items() if words} == {}
    assert {name for name, words in GIVEN_NAMES.items() if not words <= found[name]} == set()


def test_parts_of_names_are_words() -> None:
    assert words_of("heard_BL, HeroSource and MLXReel") == {"heard", "bl", "hero", "source", "and", "mlx", "reel"}
    assert words_of(without_prompts('"""A reel."""\nhero = "nobody"  # led\n')) == {"a", "reel", "hero", "led"}
