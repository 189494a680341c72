"""Facts about cases, as the history keeps them."""

import json
from dataclasses import is_dataclass
from datetime import UTC, datetime

from cases import events
from cases.events import AssignmentCreated, CaseFact, CaseRegistered, detail


def test_a_fact_is_kept_as_plain_json_without_what_is_not_known() -> None:
    fact = AssignmentCreated(
        unit="szgc",
        role="lead",
        instruction="请核查",
        read_by=datetime(2026, 2, 24, 15, 59, 59, tzinfo=UTC),
        reply_by=None,
        suggested=["szgc", "csgl"],
    )
    assert fact.kind == "assignment.created"
    assert json.loads(json.dumps(detail(fact))) == {
        "unit": "szgc",
        "role": "lead",
        "instruction": "请核查",
        "read_by": "2026-02-24T15:59:59+00:00",
        "suggested": ["szgc", "csgl"],
    }
    assert "call" not in detail(CaseRegistered("RH261122-00178-1", "phone", "投诉", "0102"))


def test_each_fact_has_a_kind_of_its_own() -> None:
    facts = [
        each
        for each in vars(events).values()
        if is_dataclass(each)
        and isinstance(each, type)
        and issubclass(each, CaseFact)
        and each is not CaseFact
    ]
    assert len(facts) >= 35
    assert len({fact.kind for fact in facts}) == len(facts)
    assert all("." in fact.kind for fact in facts)
