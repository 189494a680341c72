"""The message that Asterisk takes without us: whatever the caller or the line does, the number is kept."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from agi_scripts import leave_message
from dialplan import variables
from tests.agi_scripts.process_agi import CALL, KILL, Answer, run, willing

HANGS_UP = {
    "at once": ("GET VARIABLE", None),
    "in the prompt": ("STREAM FILE", "200 result=-1 endpos=4000"),
    "in the prompt, and the session ends": ("STREAM FILE", None),
    "in the recording": ("RECORD FILE", "200 result=-1 (hangup) endpos=20000"),
    "in the recording, and the session ends": ("RECORD FILE", None),
    "before the fact": ("EXEC", "511 Command Not Permitted on a dead channel or intercept routine"),
    "before the end": ("SET VARIABLE", None),
}


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    folder = tmp_path / "spool" / "messages"
    folder.mkdir(parents=True)
    return folder


def kept(spool: Path) -> dict[str, Any]:
    (path,) = spool.glob("*.json")
    message: dict[str, Any] = json.loads(path.read_text())
    return message


def but(answer: Answer, begin: str, said: str | None) -> Answer:
    """Answer as before, but otherwise to one command."""
    return lambda command: said if command.startswith(begin) else answer(command)


def test_a_message_is_kept_beside_its_sound_and_the_dialplan_is_told(spool: Path) -> None:
    talk = run(spool, willing(spool))
    message = kept(spool)
    assert (message["number"], message["dialled"], message["call"]) == ("13800138000", "12345", CALL)
    assert (message["sound"], message["seconds"]) == (f"{CALL}.wav", 2.5)
    assert talk.commands[-1] == 'SET VARIABLE "HOTLINE_DONE" "1"'
    assert talk.asked("STREAM FILE hotline/no-seat-leave-message")
    assert talk.asked("STREAM FILE hotline/message-saved")
    assert sorted(path.suffix for path in spool.iterdir()) == [".json", ".wav"]


def test_the_names_it_shares_with_the_dialplan_are_those_of_the_dialplan() -> None:
    shared = (leave_message.CALL, leave_message.SPOOL, leave_message.DONE)
    assert shared == (variables.CALL, variables.SPOOL, variables.DONE)


def test_without_an_argument_the_dialplan_says_where_the_spool_is(spool: Path) -> None:
    run(spool, willing(spool), arguments=[])
    assert kept(spool)["number"] == "13800138000"


@pytest.mark.parametrize("moment", HANGS_UP)
def test_a_caller_who_hangs_up_at_any_moment_leaves_at_least_his_number(spool: Path, moment: str) -> None:
    begin, said = HANGS_UP[moment]
    talk = run(spool, but(willing(spool), begin, said))
    assert kept(spool)["number"] == "13800138000"
    assert talk.errors == ""
    assert talk.code == 0


def test_what_was_said_before_the_hang_up_is_kept(spool: Path) -> None:
    def answer(command: str) -> str | None:
        told = willing(spool)(command)
        return "200 result=-1 (hangup) endpos=20000" if command.startswith("RECORD FILE") else told

    run(spool, answer)
    assert kept(spool)["sound"] == f"{CALL}.wav"


def test_a_prompt_that_is_missing_does_not_cost_the_message(spool: Path) -> None:
    talk = run(spool, but(willing(spool), "STREAM FILE", "200 result=-1 endpos=0"))
    assert kept(spool)["sound"] == f"{CALL}.wav"
    assert talk.asked('SET VARIABLE "HOTLINE_DONE"')


def test_silence_is_no_message_but_the_number_is_kept(spool: Path) -> None:
    talk = run(spool, willing(spool, spoken=44))
    assert (kept(spool)["sound"], kept(spool)["number"]) == ("", "13800138000")
    assert talk.asked("STREAM FILE hotline/message-empty")


def test_nothing_of_the_caller_is_written_to_asterisks_console(spool: Path) -> None:
    assert run(spool, willing(spool)).errors == ""


@pytest.mark.parametrize(
    ("shown", "number"),
    [
        ("", ""),
        ("1", "1"),
        ("1" * 40, "1" * 40),
        ("anonymous", ""),
        ('13800"138000', ""),
        ("../../etc/passwd", ""),
        ("１３８", ""),
        ("\udcff\udcfe", ""),
        ("+8613800138000", "+8613800138000"),
    ],
)
def test_only_digits_are_kept_as_a_number(spool: Path, shown: str, number: str) -> None:
    run(spool, willing(spool), number=shown)
    assert kept(spool)["number"] == number


@pytest.mark.parametrize("call", ["../../../tmp/evil", "a/b", "", ".", "x" * 300, "通话"])
def test_no_call_id_leads_out_of_the_spool(spool: Path, call: str) -> None:
    run(spool, but(willing(spool), 'GET VARIABLE "HOTLINE_CALL"', f"200 result=1 ({call})"))
    (path,) = spool.glob("*.json")
    assert path.parent == spool
    assert {found.parent for found in spool.parent.rglob("*.json")} == {spool}


def test_a_script_that_is_killed_in_the_recording_leaves_the_number(spool: Path) -> None:
    talk = run(spool, but(willing(spool), "RECORD FILE", KILL))
    assert talk.code == -signal.SIGKILL
    (part,) = spool.glob("*.part")
    assert json.loads(part.read_text())["number"] == "13800138000"


def test_a_spool_that_cannot_be_written_is_not_called_done(tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("not a folder")
    talk = run(nowhere / "messages", willing(nowhere))
    assert talk.code != 0
    assert not talk.asked('SET VARIABLE "HOTLINE_DONE"')
