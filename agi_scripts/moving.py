"""Orders to move the legs of a talk, in AMI's words. What happens next stands in dialplan/moves.conf."""

from agi_scripts.ami_lines import Action
from agi_scripts.picture import outside
from dialplan import variables
from routing.live import node_of
from routing.moves import Move, Way, Word
from routing.switch import RING_OUT_SECONDS, SwitchFailed

NUMBER_RINGS_SECONDS = 45


def actions(move: Move, *, shown: str) -> list[Action]:
    """Return what Asterisk is told. `shown` is the number that is seen by who is rung on the outside."""
    match move.way:
        case Way.ASK:
            return [_ask(move)]
        case Way.JOIN:
            return [_join(move, shown)]
        case Way.HAND_OVER:
            if not move.third:
                raise SwitchFailed("there is nobody to hand the citizen to")
            return [_redirect(move.third, "hotline-takes", "s")]
        case Way.HAND_ON:
            return [_hand_on(move)]


def _ask(move: Move) -> Action:
    held = _redirect(move.channel, "hotline-held", move.seat)
    asks = {"ExtraContext": "hotline-consult", "ExtraExten": order(move), "ExtraPriority": "1"}
    return {**held, "ExtraChannel": move.seat_channel, **asks}


def _hand_on(move: Move) -> Action:
    context = "hotline-seat" if move.to.startswith("s") else "hotline-forward"
    exten = order(move) if move.to.startswith("s") else move.to
    if outside(move.channel):
        return _redirect(move.channel, context, exten)  # the seat's own channel goes to its end by itself
    return {"Action": "BlindTransfer", "Channel": move.seat_channel, "Context": context, "Exten": exten}


def _join(move: Move, shown: str) -> Action:
    """Ring the third one. His telephone may be told which call it is only if it is a seat's."""
    seat = move.to.startswith("s")
    home = f"@node-{move.to_node}" if move.to_node and move.to_node != node_of(move.call) else ""
    told = [f"PJSIP_HEADER(add,X-Call)={move.call}", f"{variables.SEAT}={move.to}"] if seat else []
    return {
        "Action": "Originate",
        "Channel": f"PJSIP/{move.to}{home if seat else '@carrier'}",
        "Context": "hotline-joins",
        "Exten": "s",
        "Priority": "1",
        "Timeout": str((RING_OUT_SECONDS if seat else NUMBER_RINGS_SECONDS) * 1000),
        "CallerID": f"<{shown}>",
        "Async": "true",
        # AMI splits the header at commas, so each variable has its own, and a comma a backslash.
        "Variable": [
            *([f"__{variables.CITIZEN}={move.channel}"] if outside(move.channel) else []),
            *(each.replace(",", "\\,") for each in told),
            f"{variables.CALL}={move.call}",
            f"{variables.WHOM}={move.to}",
            f"{variables.ASKER}={move.seat_channel}",
            f"{variables.PLACE}={Word.ASKED} {move.to} {move.call}",
        ],
    }


def order(move: Move) -> str:
    """Return the extension: whom, in which term it was ordered, and the node that has the seat if it is another."""
    if move.to_node and move.to_node != node_of(move.call):
        return f"{move.to}-{move.term}-{move.to_node}"
    return f"{move.to}-{move.term}" if move.term else move.to


def _redirect(channel: str, context: str, exten: str) -> Action:
    return {
        "Action": "Redirect",
        "Channel": channel,
        "Context": context,
        "Exten": exten,
        "Priority": "1",
    }
