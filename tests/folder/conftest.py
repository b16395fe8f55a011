"""A station folder for each test."""

from tests.folder.folders import folder

__all__ = ["folder"]
