"""What the network shall say of an utterance: for every phone one answer where it begins and one while it goes on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.speech.builder.acoustic import STRIDE
from ivr.speech.builder.espeak import Segment

HEARD_BEHIND = 12.0  # ms from the begin of a window to its middle


@dataclass(frozen=True, slots=True)
class Example:
    """What the network learns from: features each 10 ms, and where each phone begins."""

    features: NDArray[np.float16]
    segments: tuple[Segment, ...]


def outputs_of(example: Example, numbers: dict[str, int], shift: int) -> NDArray[np.int64]:
    """Return what the network shall say each 30 ms: 2p where phone p begins, 2p+1 while it goes on.

    Every phone has a frame of its own, however short it was.
    """
    count = (len(example.features) - shift + STRIDE - 1) // STRIDE
    begins: list[int] = []
    for one in example.segments:
        place = round(((one.begin - HEARD_BEHIND) / 10 - shift) / STRIDE)
        begins.append(max(begins[-1] + 1 if begins else 0, place))
    said = np.zeros(count, np.int64)
    for one, begin, end in zip(example.segments, begins, [*begins[1:], count], strict=True):
        if begin < count:
            said[begin] = 2 * numbers[one.phone]
            said[begin + 1 : end] = 2 * numbers[one.phone] + 1
    return said
