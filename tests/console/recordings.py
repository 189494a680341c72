"""Recordings as a city uploads them, and one that no telephone can play."""

import io
import math
import wave
from array import array


def a_recording(*, seconds: float = 2.0, level: float = -16.0, rate: int = 8000) -> bytes:
    """Return a WAV file with a plain tone of that level."""
    top = 32767 * 10 ** (level / 20)
    tone = array(
        "h", (round(top * math.sin(2 * math.pi * 440 * n / rate)) for n in range(int(rate * seconds)))
    )
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(tone.tobytes())
    return held.getvalue()
