"""The dialplan, the configuration, the prompts and Python use the same names."""

import re
from pathlib import Path

import pytest

from dialplan import variables

ROOT = Path(__file__).resolve().parents[2]
DIALPLAN = sorted((ROOT / "dialplan").glob("*.conf"))
CONFIGURATION = sorted((ROOT / "asterisk-conf").glob("*.conf"))

QUEUE_STATUSES = {
    "TIMEOUT", "FULL", "JOINEMPTY", "LEAVEEMPTY", "JOINUNAVAIL", "LEAVEUNAVAIL", "CONTINUE", "WITHDRAW",
}  # fmt: skip
DIAL_STATUSES = {
    "ANSWER", "BUSY", "NOANSWER", "CANCEL", "CONGESTION", "CHANUNAVAIL", "DONTCALL", "TORTURE", "INVALIDARGS",
}  # fmt: skip


def without_comments(path: Path) -> str:
    return "\n".join(
        line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith(";")
    )


def contexts() -> dict[str, str]:
    """Return the text of each context, by name."""
    found: dict[str, str] = {}
    for path in DIALPLAN:
        parts = re.split(r"^\[([a-z-]+)\]$", without_comments(path), flags=re.MULTILINE)
        found.update(zip(parts[1::2], parts[2::2], strict=True))
    return found


def everything() -> str:
    return "\n".join(without_comments(path) for path in (*DIALPLAN, *CONFIGURATION))


def test_every_variable_of_the_dialplan_is_declared_once_in_python() -> None:
    declared = [value for name, value in vars(variables).items() if name.isupper()]
    facts = set(re.findall(r"CELGenUserEvent\((HOTLINE_[A-Z]+)", everything()))
    used = set(re.findall(r"\bHOTLINE_[A-Z_]+", everything())) - facts
    assert len(declared) == len(set(declared))
    # A name that ends so goes on with the name of a seat.
    assert {name.rstrip("_") for name in used} <= set(declared)


def test_every_declared_variable_is_used_in_the_dialplan() -> None:
    declared = {value for name, value in vars(variables).items() if name.isupper()}
    assert [name for name in sorted(declared) if name not in everything()] == []


def test_every_script_the_dialplan_asks_for_is_a_file() -> None:
    asked = set(re.findall(r"Gosub\(hotline-ask,([a-z_]+),1[()]", everything()))
    started = set(re.findall(r"AGI\(([a-z_]+)[,)]", everything()))
    assert asked == {"incoming", "waiting", "wanted", "chosen", "status", "callback", "survey", "outgoing"}
    assert started == {"leave_message"}
    assert [
        name for name in sorted(asked | started) if not (ROOT / "agi_scripts" / f"{name}.py").exists()
    ] == []


def test_our_process_is_asked_in_one_place_only() -> None:
    remote = [name for name, text in contexts().items() if "AGI(${HOTLINE_AGI}" in text]
    assert remote == ["hotline-ask"]


@pytest.mark.parametrize("context", ["hotline-line", "hotline-fallback"])
def test_every_outcome_of_the_queue_has_its_extension(context: str) -> None:
    text = contexts()[context]
    assert set(re.findall(r"^exten = queue-([A-Z]+),1,", text, re.MULTILINE)) == QUEUE_STATUSES
    assert "\nexten = i,1," in text


def test_every_outcome_of_a_seats_ringing_has_its_extension() -> None:
    text = contexts()["hotline-dialled"]
    assert set(re.findall(r"^exten = dial-([A-Z]+),1,", text, re.MULTILINE)) == DIAL_STATUSES
    assert "\nexten = i,1," in text


def test_every_route_has_its_extension_and_an_unknown_one_leads_to_the_line() -> None:
    text = contexts()["hotline-route"]
    assert set(re.findall(r"^exten = route-([a-z]+),1,", text, re.MULTILINE)) == {
        "line",
        "wished",
        "status",
        "callback",
        "enterprise",
        "dialect",
        "message",
        "end",
    }
    assert "exten = i,1,Goto(hotline-line,s,1)" in text


@pytest.mark.parametrize(
    ("context", "dialled"), [("hotline-incoming", "_[0-9+]XX!"), ("hotline-webphone", "12345")]
)
def test_whatever_is_dialled_from_outside_leads_to_the_hotline_and_nowhere_else(
    context: str, dialled: str
) -> None:
    assert re.findall(r"^exten = ([^,]+),", contexts()[context], re.MULTILINE) == [dialled]


def test_a_seat_can_dial_nothing() -> None:
    assert contexts()["hotline-seats"].strip() == ""


def test_no_context_includes_another() -> None:
    assert "include =" not in "\n".join(contexts().values())


def test_no_pattern_catches_asterisks_own_extensions() -> None:
    patterns = re.findall(r"^exten = _([^,]+),", "\n".join(contexts().values()), re.MULTILINE)
    # h, i, s, t and the like are one character long; a pattern that begins so asks for a second one.
    assert [
        pattern for pattern in patterns if not re.match(r"(?:\[[^]]+\]|[a-z])(?:\[[^]]+\]|X)", pattern)
    ] == []


def test_every_goto_leads_to_a_context_there_is() -> None:
    named = set(re.findall(r"\b(hotline-[a-z]+)[,^]", everything()))
    assert named <= set(contexts())


def test_every_sound_named_is_a_prompt_we_have() -> None:
    rows = (ROOT / "ivr" / "prompts" / "prompts.tsv").read_text(encoding="utf-8").splitlines()
    prompts = {row.split("\t")[0] for row in rows if row and not row.startswith("#")}
    named = set(re.findall(r"\bhotline/([a-z-]+)", everything()))
    assert named
    assert named <= prompts


def test_app_queue_never_falls_back_on_its_english_sounds() -> None:
    text = (ROOT / "asterisk-conf" / "queues.conf").read_text(encoding="utf-8")
    wanted = {
        "youarenext", "thereare", "callswaiting", "quantity1", "quantity2", "thankyou", "holdtime", "minute",
        "minutes", "seconds", "reporthold",
    }  # fmt: skip
    assert set(re.findall(r"^queue-([a-z0-9]+) =", text, re.MULTILINE)) == wanted


def test_our_engine_has_twenty_seconds_before_app_queue_helps_itself() -> None:
    text = (ROOT / "asterisk-conf" / "queuerules.conf").read_text(encoding="utf-8")
    assert text.endswith("[engine-first]\npenaltychange = 20,100\n")


def test_nothing_is_loaded_that_was_not_named() -> None:
    text = (ROOT / "asterisk-conf" / "modules.conf").read_text(encoding="utf-8")
    assert "autoload = no" in text
    assert "res_pjsip_endpoint_identifier_anonymous" not in text
    # These make the caller's own words the caller id of a channel; see the comment there.
    assert re.findall(r"^(?:load|require) = res_pjsip_(?:caller_id|diversion)\.so", text, re.MULTILINE) == []


def test_no_file_in_the_repository_holds_a_password() -> None:
    found = [
        path.name
        for path in CONFIGURATION
        if re.search(r"^\s*(secret|password)\s*=", path.read_text(), re.MULTILINE)
    ]
    assert found == []


@pytest.mark.parametrize("path", [*DIALPLAN, *CONFIGURATION], ids=lambda path: path.name)
def test_the_house_style_of_configuration(path: Path) -> None:
    text = without_comments(path)
    assert "=>" not in text
    assert "NoOp" not in text
    assert path.read_text(encoding="utf-8").startswith((";", "["))
