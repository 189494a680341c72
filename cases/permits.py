"""Which posts may do what. Where two must act, the moves themselves see to it that they are two persons."""

from cases.words import Action, Role


def _only(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


_UNIT = _only(Role.LIAISON, Role.HANDLER)
_CENTRE = _only(Role.DISPATCHER, Role.CENTRE_REVIEWER)  # who decides what a unit asks for
_LEADS = _only(Role.LIAISON, Role.UNIT_LEADER)
_ABOVE = _only(Role.UPPER_REVIEWER, Role.UNIT_LEADER)  # of the unit above

MAY: dict[Action, frozenset[Role]] = {
    Action.START_DRAFT: _only(Role.SYSTEM, Role.AGENT, Role.TEAM_LEAD, Role.REGISTRAR, Role.CLIENT),
    Action.REGISTER: _only(
        Role.AGENT,
        Role.TEAM_LEAD,
        Role.REGISTRAR,
        Role.CITIZEN,
        Role.GRID_WORKER,
        Role.CLIENT,
        Role.SYSTEM,
    ),
    Action.ANSWER_DIRECTLY: _only(Role.AGENT, Role.TEAM_LEAD),
    Action.REFUSE: _only(Role.TEAM_LEAD),  # an agent proposes, the team lead confirms
    Action.INVALIDATE: _only(Role.TEAM_LEAD),
    Action.MERGE: _only(Role.AGENT, Role.TEAM_LEAD, Role.DISPATCHER),
    Action.MAKE_READY: _only(Role.SYSTEM, Role.AGENT, Role.TEAM_LEAD, Role.REGISTRAR),
    Action.SPLIT: _only(Role.AGENT, Role.TEAM_LEAD, Role.REGISTRAR, Role.DISPATCHER),
    Action.RECLASSIFY: _only(
        Role.AGENT, Role.TEAM_LEAD, Role.REGISTRAR, Role.DISPATCHER, Role.CENTRE_REVIEWER
    ),
    Action.SUPPLEMENT: _only(
        Role.CITIZEN,
        Role.AGENT,
        Role.TEAM_LEAD,
        Role.REGISTRAR,
        Role.CALLBACK_AGENT,
        Role.GRID_WORKER,
        Role.CLIENT,
        Role.SYSTEM,
    ),
    Action.DISPATCH: _only(Role.DISPATCHER, Role.AGENT, Role.TEAM_LEAD, Role.SYSTEM),
    Action.READ: _UNIT,
    Action.NAME_PEOPLE: _LEADS,
    Action.CONTACT_CITIZEN: _UNIT,
    Action.ASK_RETURN: _only(Role.LIAISON),
    Action.REFUSE_RETURN: _only(Role.DISPATCHER),
    Action.GRANT_RETURN: _only(Role.DISPATCHER),
    Action.SHARE_RETURN: _only(Role.DISPATCHER),
    Action.ADJUDICATE: _only(Role.ADJUDICATOR),
    Action.PASS_DOWN: _only(Role.LIAISON),
    Action.RECALL: _only(Role.LIAISON),
    Action.REPORT: _only(Role.HANDLER, Role.LIAISON, Role.UNIT_LEADER),
    Action.PASS_REPORT: _ABOVE,
    Action.SEND_BACK_REPORT: _ABOVE,
    Action.ASK_PAUSE: _LEADS,
    Action.PAUSE: _CENTRE,
    Action.REFUSE_PAUSE: _CENTRE,
    Action.RESUME: _CENTRE | {Role.SYSTEM},
    Action.ASK_EXTENSION: _LEADS,
    Action.EXTEND: _CENTRE,
    Action.REFUSE_EXTENSION: _CENTRE,
    Action.REPLY: _only(Role.HANDLER, Role.LIAISON, Role.UNIT_LEADER),
    Action.APPROVE_REPLY: _only(Role.UNIT_LEADER),
    Action.REJECT_REPLY: _only(Role.UNIT_LEADER),
    Action.PASS_UPWARD: _only(Role.UPPER_REVIEWER),
    Action.SEND_BACK: _only(Role.UPPER_REVIEWER, Role.CENTRE_REVIEWER),
    Action.PASS_REVIEW: _only(Role.CENTRE_REVIEWER),
    Action.SEND_BACK_FINAL: _only(Role.FINAL_REVIEWER),
    Action.PASS_FINAL: _only(Role.FINAL_REVIEWER),
    Action.FEED_BACK: _only(Role.AGENT, Role.TEAM_LEAD, Role.CALLBACK_AGENT, Role.SYSTEM),
    Action.TAKE_CALLBACK: _only(Role.CALLBACK_AGENT),
    Action.CLOSE: _only(Role.CALLBACK_AGENT, Role.CITIZEN),  # the citizen by his own evaluation
    Action.REWORK: _only(Role.CALLBACK_AGENT, Role.TEAM_LEAD, Role.CENTRE_REVIEWER),
    Action.DECLINE_REWORK: _only(Role.TEAM_LEAD, Role.CENTRE_REVIEWER),
    Action.FLAG_RECURRENCE: _only(Role.SYSTEM),
    Action.OPEN_RECURRENCE: _only(Role.SYSTEM),
    Action.WITHDRAW: _only(Role.CITIZEN),  # through a verified channel; staff cannot make a case disappear
    Action.ASK_LONG_TERM: _only(Role.UNIT_LEADER),
    Action.MARK_LONG_TERM: _CENTRE | {Role.SUPERVISOR},  # both the efficiency office and the centre
    Action.REFUSE_LONG_TERM: _CENTRE | {Role.SUPERVISOR},
    Action.REVIEW_LONG_TERM: _CENTRE | {Role.SUPERVISOR},
    Action.END_LONG_TERM: _CENTRE | {Role.SUPERVISOR},
    Action.CALL_FRONTLINE: _only(Role.STREET_COMMANDER),
    Action.SUPERVISE: _only(Role.SUPERVISOR),
    Action.INSTRUCT: _only(Role.LEADERS_OFFICE),
    Action.EXPOSE: _only(Role.SUPERVISOR),
    Action.ASK_EXCLUSION: _LEADS,
    Action.EXCLUDE: _CENTRE,
    Action.REFUSE_EXCLUSION: _CENTRE,
    Action.PUBLISH: _only(Role.PUBLICATION_OFFICER),
    Action.HOLD_PUBLICATION: _only(Role.PUBLICATION_OFFICER),
    Action.TAKE_DOWN: _only(Role.PUBLICATION_OFFICER),
}
