"""Training runs as Python functions: each returns a frozen recipe."""

from collections.abc import Callable

from yozora.train.recipes.mini import mini_cpu, mini_gpu, smoke
from yozora.train.run import Recipe

RECIPES: dict[str, Callable[[], Recipe]] = {"mini-cpu": mini_cpu, "mini-gpu": mini_gpu, "smoke": smoke}
