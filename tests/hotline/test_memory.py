"""A process that gets no memory ends; one that gets some, or wants it for a moment only, does not."""

import asyncio
import subprocess
import sys

import pytest

from hotline import memory


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "LOOK_SECONDS", 0.001)


async def ends(late: float, *, there: list[bool], monkeypatch: pytest.MonkeyPatch) -> bool:
    """Tell whether it ends while memory is there, or not, look by look."""
    looks = iter(there)
    over = asyncio.Event()

    def look() -> bool:
        try:
            return next(looks)
        except StopIteration:
            over.set()
            return True

    ended: list[bool] = []
    monkeypatch.setattr(memory, "is_there", look)
    watching = asyncio.create_task(memory.watch(lambda: late, lambda: ended.append(True)))
    await asyncio.wait_for(over.wait(), 10)
    watching.cancel()
    return bool(ended)


@pytest.mark.parametrize(
    ("late", "there", "expected"),
    [
        (memory.LATE_SECONDS, [True, False], True),
        (memory.LATE_SECONDS, [True, True], False),
        (memory.LATE_SECONDS - 1, [False, False, True], False),
    ],
    ids=["late-and-without", "late-for-another-reason", "without-for-a-moment"],
)
async def test_it_ends_if_records_are_late_for_want_of_memory_only(
    late: float, there: list[bool], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await ends(late, there=there, monkeypatch=monkeypatch) is expected


async def test_it_ends_if_there_has_been_no_memory_for_long_even_if_records_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "WITHOUT_SECONDS", 0.0)
    assert await ends(0, there=[False], monkeypatch=monkeypatch)


def test_a_real_process_without_memory_ends_with_a_status_that_is_no_success() -> None:
    program = (
        "import asyncio, resource\n"
        "from hotline import memory\n"
        "memory.LOOK_SECONDS = 0.01\n"
        "assert memory.is_there()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 20, 1 << 20))\n"
        "asyncio.run(memory.watch(lambda: 60.0))\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=30, check=False)
    assert ended.returncode == 71, ended.stderr
