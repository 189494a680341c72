"""公开 in the generated past: of what is closed, one officer proposes a copy for everybody's eyes, another signs it."""

from cases.redaction import redacted
from storage.demo_clock import stamp
from storage.demo_steps import Steps, part

MAKER, SIGNER = "8001", "8007"
# Of a hundred that are not shown, so many wait for somebody to decide; the others were held or will never be shown.
UNDECIDED = 35.0


def decide(life: Steps, m: int) -> None:
    """Let the officers look at a closed case, in the days after."""
    decision, reason = _decision(life, m)
    if not decision:
        return
    at = life.step(life.soon(within=3))
    version = 1
    head = (life.id, version, decision, reason, *_texts(life, decision))
    life.rows["public_copy"].append((*head, "proposed", MAKER, stamp(at), None, None, "", ""))
    detail = {"version": version, "decision": decision, "reason": reason}
    life.note(at, "public.proposed", MAKER, **detail)
    made = stamp(at)
    at = life.step(life.soon(within=1))
    life.rows["public_copy"][-1] = (*head, "in_force", MAKER, made, SIGNER, stamp(at), "", "")
    life.version += 1
    kind = "public.published" if decision in {"publish", "part"} else "public.held"
    life.note(at, kind, SIGNER, **detail)


def _decision(life: Steps, m: int) -> tuple[str, str]:
    """Return what becomes of it and why, or nothing for what nobody has taken up."""
    if part(m, life.world.profile.rates.public, 11):
        return ("part", "reporter") if life.secrecy != "none" else ("publish", "")
    if life.dice.random() * 100 < UNDECIDED:
        return "", ""
    if life.secrecy != "none":
        return "never", "reporter"
    return life.dice.choice(
        (("never", "privacy"), ("never", "commercial"), ("hold", "ongoing"), ("hold", "other"))
    )


def _texts(life: Steps, decision: str) -> tuple[str, str, str]:
    """Return title, content and reply. Of a report only the answer is shown."""
    if decision not in {"publish", "part"}:
        return "", "", ""
    if decision == "part":
        return life.words.title, "", life.public
    content = life.words.content
    return life.words.title, redacted(content) if life.words.slips else content, life.public
