"""The sandboxes of tests/autograder, for the corpus."""

from __future__ import annotations

from tests.autograder.conftest import box, everyones

__all__ = ["box", "everyones"]
