"""The prompts, voiced once for all tests of this folder."""

from pathlib import Path

import pytest

from ivr.prompts import build


def quiet(done: int, of: int, name: str) -> None:
    """Report nothing."""


@pytest.fixture(scope="session")
def voiced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language folder with every prompt, made once."""
    folder = tmp_path_factory.mktemp("zh")
    build.build(folder, quiet)
    return folder
