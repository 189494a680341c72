"""A synthetic citizen: calls the hotline over real SIP, speaks, presses keys, and tells what came back."""

import array
import asyncio
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from hotline.phone import RATE, Hook, Line, Phone, PhoneError, phone, write_silence

# Speech and prompts are far louder than this; comfort noise and rounding are not.
SOUND = 300
ANSWER_SECONDS = 20


@dataclass(frozen=True, slots=True)
class CallReport:
    """What became of one call."""

    answered: bool
    seconds: float  # from answer to end
    received: Path | None  # wav of all that was heard
    heard_sound: bool
    reason: str = ""  # why it ended or failed, in the switchboard's words


@dataclass(frozen=True, slots=True)
class Pressed:
    """Keys, and when they are pressed: seconds after the answer."""

    after: float
    keys: str


def place_call(
    number: str,
    *,
    server: str = "127.0.0.1:5060",
    keys: str = "",
    voice: Path | None = None,
    seconds: float = 20,
    dialled: str = "12345",
    folder: Path | None = None,
) -> CallReport:
    """Call from `number`, press `keys` ("2:1,5:261122001781#": seconds after the answer, then keys), hang up.

    Raises PhoneError if there is no telephone to call with, ValueError if `keys` cannot be read.
    """
    presses = read_keys(keys)
    if not number.lstrip("+").isdigit():
        raise ValueError(f"主叫号码只能是数字 a caller's number is digits: {number}")
    folder = folder or Path(tempfile.mkdtemp(prefix="hotline-call-"))
    folder.mkdir(parents=True, exist_ok=True)
    voice = _as_telephone_sound(voice, folder, seconds)
    line = Line(user=number, server=server)
    return asyncio.run(_call(line, folder, voice, presses=presses, seconds=seconds, dialled=dialled))


def read_keys(text: str) -> list[Pressed]:
    """Read "2:1,5:2611#" as: after 2 s press 1, after 5 s press 2611#."""
    presses = []
    for part in filter(None, text.split(",")):
        after, colon, keys = part.partition(":")
        try:
            pressed = Pressed(float(after), keys)
        except ValueError:
            pressed = Pressed(-1, "")
        if not colon or pressed.after < 0 or not keys or set(keys) - set("0123456789*#"):
            raise ValueError(
                f"按键应写成秒数加键 keys are written seconds:keys, e.g. 2:1,5:2611#, not {part!r}"
            )
        presses.append(pressed)
    return sorted(presses, key=lambda pressed: pressed.after)


def loudest(samples: bytes) -> int:
    """Return the loudest of some 16 bit samples."""
    values = array.array("h", samples[: len(samples) // 2 * 2])
    return max((abs(value) for value in values), default=0)


async def _call(
    line: Line, folder: Path, voice: Path, *, presses: list[Pressed], seconds: float, dialled: str
) -> CallReport:
    async with phone(line, folder, voice) as citizen:
        await citizen.dial(dialled)
        try:
            hook = await citizen.until(Hook.UP, Hook.CLOSED, seconds=ANSWER_SECONDS)
        except TimeoutError:
            return CallReport(answered=False, seconds=0, received=None, heard_sound=False, reason="no answer")
        if hook is Hook.CLOSED:
            return CallReport(
                answered=False, seconds=0, received=None, heard_sound=False, reason=citizen.reason
            )
        began = time.monotonic()
        await _talk(citizen, presses, seconds)
        lasted = time.monotonic() - began
        if citizen.hook is Hook.UP:
            await citizen.hang_up()
            await citizen.until(Hook.CLOSED)
        sound = loudest(citizen.samples()) > SOUND
        return CallReport(
            answered=True, seconds=lasted, received=citizen.heard, heard_sound=sound, reason=citizen.reason
        )


async def _talk(citizen: Phone, presses: list[Pressed], seconds: float) -> None:
    """Press each key at its time and stay until the end, or until the other side hangs up."""
    began = time.monotonic()
    for pressed in [*presses, Pressed(seconds, "")]:
        wait = max(0.0, pressed.after - (time.monotonic() - began))
        try:
            await citizen.until(Hook.CLOSED, seconds=wait)
        except TimeoutError:
            await citizen.press(pressed.keys)
        else:
            return


def _as_telephone_sound(voice: Path | None, folder: Path, seconds: float) -> Path:
    """Return the voice as baresip wants it, followed by silence for as long as the call lasts."""
    sound = folder / "voice.wav"
    if voice is None:
        write_silence(sound, seconds + 60)
        return sound
    if not voice.is_file():
        raise PhoneError(f"没有这个声音文件 there is no such sound file: {voice}")
    if shutil.which("sox") is None:
        raise PhoneError(
            "没有 sox，无法读取声音文件 please install sox to speak a sound file: apt-get install sox"
        )
    telephone = ["-r", str(RATE), "-c", "1", "-b", "16", "-e", "signed-integer"]
    made = subprocess.run(
        ["sox", voice, *telephone, sound, "pad", "0", str(seconds + 60)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise PhoneError(f"无法读取声音文件 the sound file cannot be read: {made.stderr.strip()}")
    return sound
