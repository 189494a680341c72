"""Words that tell of a danger to life: whoever registers is asked whether the matter is urgent. Nothing decides it."""

from typing import Final

HAZARDS: Final = (
    "燃气泄漏", "煤气泄漏", "漏电", "坍塌", "井盖缺失", "积水", "着火", "起火",
    "受伤", "轻生",
)  # fmt: skip


def hazards_in(*texts: str) -> tuple[str, ...]:
    """Return the words of danger that the texts have, in the order of the list."""
    return tuple(word for word in HAZARDS if any(word in text for text in texts))
