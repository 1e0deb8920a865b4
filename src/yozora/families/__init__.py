"""Families of weights, by their names: configuration, sampler settings and capabilities as data, without torch."""

from collections.abc import Mapping
from types import MappingProxyType

from yozora.families import mini, wan
from yozora.families.family import Family

__all__ = ["FAMILIES", "Family"]

FAMILIES: Mapping[str, Family] = MappingProxyType({each.name: each for each in (mini.FAMILY, wan.FAMILY)})
