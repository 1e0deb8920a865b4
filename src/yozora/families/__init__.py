"""Families of weights, by their names: configuration, sampler settings and capabilities as data, without torch."""

from collections.abc import Mapping
from types import MappingProxyType

from yozora.families import mini, wan
from yozora.families.family import Family

__all__ = ["FAMILIES", "Family"]

ENTRIES: tuple[Family, ...] = (
    mini.FAMILY,
    wan.FAMILY,
)

FAMILIES: Mapping[str, Family] = MappingProxyType({family.name: family for family in ENTRIES})
