"""Whatever the store writes about a case is told in words, in both languages: no code shows through."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import storage
from cases.clocks import Result
from cases.ladder import Step
from cases.policies import ClockKind
from cases.workflow import State
from console.case_registers import FIELDS
from console.i18n import Catalogue, Language
from console.move_forms import MOVE_FORMS
from storage.forms import CHANNELS
from storage.models import Part, Stage
from storage.types import Base
from storage.worklists import Queue

TEXTS = Catalogue()
ABOUT_A_CASE = (
    "assignment", "callback", "case", "citizen", "clock", "contact", "exclusion", "exposure", "extension", "feedback",
    "final", "finding", "follow", "frontline", "instruction", "longterm", "pause", "public", "recurrence", "reply",
    "report", "return", "review", "rework", "supervision", "urge", "urgent", "warning",
)  # fmt: skip
"""What kinds of facts begin with that are written into the history of cases."""
KIND = re.compile(rf'"((?:{"|".join(ABOUT_A_CASE)})\.[a-z_]+)"')
TELLS = {"Notice", "_tell", "_tell_centre", "_tell_office", "_tell_unit"}
"""Functions that put something into the in-boxes of people."""
NO_FACTS = {"pause.over", "supervision.due", "supervision.late", "urge.late"}
"""Kinds of notices of which the history says nothing, or says it in other words."""
PUT_TOGETHER = {"frontline_not_accepted", "frontline_not_responded", "supervision.due", "supervision.late"}


def sources() -> Iterator[str]:
    for path in sorted(Path(storage.__file__).parent.glob("*.py")):
        yield path.read_text(encoding="utf-8")


def columns() -> set[str]:
    """Names of columns have the form of a kind of fact."""
    return {f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.c}


def notices() -> set[str]:
    """Return the kinds of notices as they stand in the calls that send them."""
    calls = (
        node for source in sources() for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)
    )
    sending = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in TELLS]
    values = [keyword.value for call in sending for keyword in call.keywords if keyword.arg == "kind"]
    values += [argument for call in sending for argument in call.args]
    words = {
        value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)
    }
    return {word for word in words if re.fullmatch(r"[a-z_]+[._][a-z_.]+|urge|supplement", word)}


def kinds() -> set[str]:
    found = {kind for source in sources() for kind in KIND.findall(source)} - columns() - NO_FACTS
    put_together = {f"clock.{step}" for step in Step if step and step is not Step.HALF}
    put_together |= {f"{kind}.refused" for kind in ("extension", "pause")}
    return found | put_together


def untold(keys: set[str]) -> list[str]:
    return [f"{lang}: {key}" for key in sorted(keys) for lang in Language if key not in TEXTS.texts(lang)]


def test_every_fact_that_is_written_about_a_case_has_a_text_in_both_languages() -> None:
    written = kinds()
    assert {"assignment.created", "clock.rebased", "longterm.signed", "public.proposed"} <= written
    assert len(written) > 80
    assert untold({f"event.{kind}" for kind in written}) == []


def test_every_notice_that_is_sent_has_a_text_in_both_languages() -> None:
    sent = notices()
    assert {"urgent_alarm", "clock.red", "finding.raised", "follow_handed"} <= sent
    assert untold({f"notice.{kind}" for kind in sent | PUT_TOGETHER | NO_FACTS}) == []


def test_every_kind_of_a_clock_and_every_end_of_one_has_a_text() -> None:
    assert untold({f"clock.{kind}" for kind in ClockKind}) == []
    assert untold({f"clock_result.{result}" for result in Result}) == []
    assert untold({f"step.{step}" for step in Step if step}) == []


def test_every_pile_stage_part_and_field_of_a_register_has_a_text() -> None:
    assert untold({f"work.{queue}" for queue in Queue}) == []
    assert untold({f"stage.{stage}" for stage in Stage} | {f"part.{part}" for part in Part}) == []
    assert untold({f"register.field.{name}" for name in FIELDS}) == []


@pytest.mark.parametrize("lang", list(Language))
def test_every_code_that_a_form_sends_has_a_word_for_those_who_read_it_later(lang: Language) -> None:
    codes = {
        value
        for form in MOVE_FORMS.values()
        for field in form.fields
        for value, text in field.options
        if value != text
    }
    texts = TEXTS.texts(lang)
    assert sorted(code for code in codes | set(CHANNELS) if f"register.value.{code}" not in texts) == []


def test_states_and_moves_are_named_in_both_languages_and_in_ours_as_everywhere() -> None:
    named = {f"case_state.{state}": state.text for state in State}
    named |= {f"action.{action}": action.text for action in MOVE_FORMS}
    assert untold(set(named)) == []
    assert {key: TEXTS.text(Language.ZH, key) for key in named} == named


def test_a_hint_belongs_to_a_move_that_exists() -> None:
    hints = {
        key.removeprefix("move_hint.") for key in TEXTS.texts(Language.ZH) if key.startswith("move_hint.")
    }
    assert hints <= {action.value for action in MOVE_FORMS}
