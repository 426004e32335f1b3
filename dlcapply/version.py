"""The version of this package: asked for by modules of every layer, so below them all."""

from __future__ import annotations

__version__ = "0.1.0"
