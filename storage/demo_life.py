"""The life of one generated case, from its first minute to its end or to where the past ends."""

from collections.abc import Sequence
from typing import Any

from cases.limits import Unit
from cases.policies import ClockKind
from storage import demo_public, demo_texts, demo_time
from storage.demo_clock import DAY, RunningClock, stamp
from storage.demo_rows import (
    T_ENDED,
    T_HANDLER,
    T_READ_AT,
    T_READ_BY,
    T_STAGE,
    T_UNIT,
)
from storage.demo_steps import CALLBACK_AGENT, DISPATCHER, MINUTE, Cut, Steps, part, split

TEAM_LEAD, SYSTEM = "9001", "system"
REVIEWER, FINAL_REVIEWER = "4001", "5001"
HOUR = 3600
FINDINGS = ("答非所问", "要素缺失", "与事实不符", "用语不当")
# Of those that are not handled by themselves, so many parts are the same matter as another one of that day.
DUPLICATES = 0.6
_NO_MASTER = frozenset({"merged", "refused", "invalid", "withdrawn"})


class Life(Steps):
    """Takes the case through the circuit."""

    def live(self, same: Sequence[Steps]) -> None:
        """Go as far as the past goes. `same` are the cases of the day before this one, for a duplicate to join."""
        rates = self.world.profile.rates
        minor, n = split(self.n, rates.minor)
        direct, m = split(n, rates.direct)
        masters = [one for one in same if one.state not in _NO_MASTER] if minor else []
        master = self.dice.choice(masters) if masters and self.dice.random() < DUPLICATES else None
        if master is not None:
            self.repeat(master)
        self.text("original", self.words.content, self.agent)
        try:
            if not minor and direct:
                self._answered()
                return
            self.note(self.at, "case.registered", self.agent, **self.traits())
            self.start(ClockKind.DISPATCH)
            if minor:
                self._minor(master)
            else:
                self._handled(m)
        except Cut:
            return

    def _answered(self) -> None:
        self.state, self.closed_at = "answered", self.at
        self.text("public", self.dice.choice(demo_texts.ANSWERS), self.agent)
        self.note(self.at, "case.answered_direct", self.agent, **self.traits())

    def _minor(self, master: Steps | None) -> None:
        chance = self.dice.random()
        at = self.step(self.at + self.dice.randint(5, 120) * MINUTE)
        if master is not None:
            self._ended("merged", "case.merged", TEAM_LEAD, "merged", master=master.no)
            self.master = master.id
            self.rows["case_member"].append((self.id, master.id, TEAM_LEAD, stamp(at)))
            master.note(at, "case.joined", TEAM_LEAD, member=self.no)
        elif chance < 0.5:
            self._ended(
                "invalid", "case.invalidated", TEAM_LEAD, self.dice.choice(("nuisance", "test", "empty"))
            )
        elif chance < 0.9:
            reason = self.dice.choice(("out_of_area", "legal_channel", "in_petition", "finished"))
            self._ended("refused", "case.refused", TEAM_LEAD, reason)
        else:
            self._ended("withdrawn", "case.withdrawn", "citizen", "withdrawn")

    def _ended(self, state: str, kind: str, actor: str, reason: str, **more: Any) -> None:
        self.change(state)
        self.closed_at = self.at
        self.void(reason)
        self.note(self.at, kind, actor, reason=reason, **more)

    def _handled(self, m: int) -> None:
        rates = self.world.profile.rates
        at = self.step(self.at + self.dice.randint(3, 50) * MINUTE)
        self.change("pending_dispatch")
        self.note(at, "case.ready", SYSTEM)
        lead = self._lead()
        if part(m, rates.returned, 5) and len(self.leaf.city) > 1:
            self._dispatch(self.leaf.city[1], [])
            self._returned(lead)
        assist = [one for one in self.leaf.city if one != lead][:1] if part(m, rates.assist, 3) else []
        reply = self._dispatch(lead, assist)
        read = next(
            (c for c in self.clocks if c.kind == "read" and c.result == "running" and not c.void), None
        )
        self._read(read, m)
        demo_time.ask(self, reply, m)
        self._reply(reply, m, on_time=part(m, rates.reply, 2), sent_back=part(m, rates.sent_back, 4))
        self._close(m)
        demo_public.decide(self, m)

    def _lead(self) -> str:
        local = self.leaf.by_area.get(self.area)
        return local if local and self.dice.random() < 0.6 else self.leaf.city[0]

    def _dispatch(self, lead: str, assist: list[str]) -> RunningClock | None:
        at = self.step(self.at + self.dice.randint(1, 20) * MINUTE)
        self.change("dispatched")
        self.unit = lead
        self.stop(ClockKind.DISPATCH)
        reply = None
        for unit, role in [(lead, "lead"), *((one, "assist") for one in assist)]:
            task = self.task(unit, role, DISPATCHER, "sent")
            self.start(ClockKind.READ, task)
            clock = self.start(ClockKind.REPLY, task)
            reply = reply or clock
        suggested = list(self.leaf.city)
        self.note(
            at, "assignment.created", DISPATCHER, lead=lead, assist=assist, suggested=suggested,
            followed=lead in suggested[:1],
        )  # fmt: skip
        return reply

    def _returned(self, lead: str) -> None:
        """退件: it is not this unit's, and the dispatcher agrees."""
        unit = self.unit or ""
        at = self.step(self.soon(within=1))
        task = self.open_tasks(unit)[0]
        self.change("return_review")
        task[T_READ_BY], task[T_READ_AT] = unit, stamp(at)
        self.stop(ClockKind.READ)
        self.start(ClockKind.RETURN_DECISION)
        asked = [self.id, task[0], "duty", "三定方案", lead, unit, stamp(at)]
        self.note(at, "return.requested", unit, unit=unit, reason="duty", suggested=lead)
        self.rows["return_request"].append((*asked, None, None, None, None, None, None))
        at = self.step(at + self.dice.randint(10, 100) * MINUTE)
        self.rows["return_request"][-1] = (*asked, True, "同意改派", DISPATCHER, stamp(at), "move", None)
        self.stop(ClockKind.RETURN_DECISION)
        self.void("moved")
        self.change("pending_dispatch")
        self.unit = None
        for one in self.open_tasks():
            one[T_STAGE], one[T_ENDED] = "returned", stamp(at)
        self.note(at, "return.decided", DISPATCHER, granted=True, decision="move", to=None)
        self.start(ClockKind.DISPATCH)

    def _read(self, clock: RunningClock | None, m: int) -> None:
        on_time = part(m, self.world.profile.rates.read, 1)
        if clock is None or clock.limit.unit is not Unit.WORKING_DAY:
            self._reads(self.step(self.at + self.dice.randint(5, 90) * MINUTE), clock)
            return
        due_day, here = self.days.local(clock.due), self.days.local(self.at)
        if on_time:
            days = self.days.between(here, due_day)
            at = self.office(self.days.working(here, self.dice.choice((0, 1, days))))
            at = at if self.at < at <= clock.due else self.office(due_day)
        else:
            at = self.office(self.days.working(due_day, self.dice.randint(1, 2)))
        self._reads(self.step(at), clock)

    def _reads(self, at: int, clock: RunningClock | None) -> None:
        unit = self.unit or ""
        self.change("handling")
        task = self.open_tasks(unit)[0]
        task[T_STAGE], task[T_READ_BY], task[T_READ_AT], task[T_HANDLER] = "handling", unit, stamp(at), unit
        if clock is not None:
            clock.stop(at)
        self.note(at, "assignment.read", unit, unit=unit)
        for other in self.open_tasks():
            if other[T_STAGE] == "sent":
                self._assistant_reads(other)

    def _assistant_reads(self, task: list[Any]) -> None:
        at = self.step(self.at + self.dice.randint(1, 60) * MINUTE)
        unit = task[T_UNIT]
        task[T_STAGE], task[T_READ_BY], task[T_READ_AT], task[T_HANDLER] = "handling", unit, stamp(at), unit
        for clock in self.clocks:
            if clock.task == task[0] and clock.kind == "read":
                clock.stop(at)
        self.note(at, "assignment.read", unit, unit=unit)

    def _reply(self, clock: RunningClock | None, m: int, *, on_time: bool, sent_back: bool) -> None:
        at = self._when_replied(clock, on_time=on_time)
        if self.dice.random() < 0.6 and at - self.at > 3 * HOUR:
            self.contact(self.at + self.dice.randint(30, 150) * MINUTE)
        solved = part(m, 90, 6)
        if sent_back and on_time and clock is not None and at - self.at > 3 * DAY:
            early = self.at + (at - self.at) // 3
            self._submit(self.step(early), solved=solved)
            self._sent_back(clock)
            at = min(max(at, self.at + HOUR), max(clock.due - HOUR, self.at + HOUR))
        self._submit(self.step(at), solved=solved)
        self._reviewed()

    def _when_replied(self, clock: RunningClock | None, *, on_time: bool) -> int:
        if clock is None:
            return self.soon(within=2)
        left = clock.due - self.at
        if clock.limit.unit not in (Unit.WORKING_DAY, Unit.DAY) or left < DAY:
            spent = self.dice.uniform(0.2, 0.95) if on_time else self.dice.uniform(1.1, 1.8)
            return self.at + max(int(left * spent), MINUTE) if left > 0 else self.at + 2 * HOUR
        last, here = self.days.local(clock.due), self.days.local(self.at)
        if on_time:
            span = max(1, self.days.between(here, last))
            at = self.office(self.days.working(here, self.dice.randint(1, span)))
            return at if at <= clock.due else clock.due - HOUR
        return self.office(self.days.working(last, self.dice.randint(1, 5)))

    def _submit(self, at: int, *, solved: bool) -> None:
        unit, task = self.unit or "", self.open_tasks(self.unit)[0]
        self.replies += 1
        resolution = "full" if solved else self.dice.choice(("part", "no"))
        why = None if solved else "涉及多方，需继续推进"
        self.public = demo_texts.answer(self.dice, self.thing, self.words.address, solved=solved)
        self.reply = self.ids.reply
        self.ids.reply += 1
        self.rows["reply"].append(
            (self.reply, self.id, task[0], self.replies, f"已到{self.words.address}现场核查处理。", self.public,
             "属实" if solved else "部分属实", resolution, why, True, unit, stamp(at), stamp(at))
        )  # fmt: skip
        for one in self.clocks:
            if one.kind in {"reply", "rework"} and one.result == "running" and not one.void:
                one.stop(at)
        task[T_STAGE] = "replied"
        self.change("replied")
        self.start(ClockKind.CENTRE_REVIEW)
        self.note(at, "reply.submitted", unit, version=self.replies, resolution=resolution, unit=unit)
        self.solved = solved

    def _sent_back(self, clock: RunningClock) -> None:
        at = self.step(self.soon(within=1))
        found = self.dice.choice(FINDINGS)
        self.rows["review"].append(
            (self.reply, "centre", False, found, "请补充办理结果", REVIEWER, stamp(at))
        )
        self.stop(ClockKind.CENTRE_REVIEW)
        self.change("handling")
        clock.go_on(at, self.days)
        for task in self.open_tasks():
            task[T_STAGE] = "handling"
            for other in self.clocks:
                if other.task == task[0] and other is not clock and other.kind == "reply" and other.stopped:
                    other.go_on(at, self.days)
        self.note(at, "review.back", REVIEWER, level="centre", findings=[found])

    def _reviewed(self) -> None:
        at = self.step(self.soon(within=1))
        self.rows["review"].append((self.reply, "centre", True, "", "", REVIEWER, stamp(at)))
        self.change("final_review")
        self.stop(ClockKind.CENTRE_REVIEW)
        self.start(ClockKind.FINAL_REVIEW)
        self.note(at, "review.passed", REVIEWER)
        at = self.step(self.soon(within=1))
        self.rows["review"].append((self.reply, "final", True, "", "", FINAL_REVIEWER, stamp(at)))
        self.change("feedback")
        self.stop(ClockKind.FINAL_REVIEW)
        for task in self.open_tasks():
            task[T_STAGE], task[T_ENDED] = "done", stamp(at)
        self.void("settled", ClockKind.REPLY, ClockKind.REWORK)
        self.text("public", self.public, FINAL_REVIEWER)
        self.start(ClockKind.FEEDBACK)
        self.note(at, "final.passed", FINAL_REVIEWER)

    def _close(self, m: int) -> None:
        at = self.step(self.soon(within=0) if self.dice.random() < 0.6 else self.soon(within=1))
        way = "phone" if self.channel == "phone" else self.channel
        self.rows["feedback"].append(
            (self.id, way, True, self.public, None, self.agent, stamp(at), self.rework_no)
        )
        self.stop(ClockKind.FEEDBACK)
        self.change("callback")
        opened = at
        self.rows["callback_task"].append((self.id, self.rework_no, None, 0, None, stamp(opened), None, None))
        self.start(ClockKind.CALLBACK)
        self.note(at, "feedback.done", self.agent, channel=way, delivered=True, call=None)
        reached, k = split(m, self.world.profile.rates.reached)
        if self.rework_no:
            reached = True
        tries = 0
        while not reached and tries < 2:
            self._tried(tries)
            tries += 1
        # Whoever was not reached was tried on two days.
        next_day = self.office(self.days.working(self.days.local(self.at), 1))
        self.step(self.soon(within=1) if reached else next_day)
        self._evaluated(k, reached=reached, opened=opened, tries=tries + 1)

    def _tried(self, tries: int) -> None:
        at = self.step(self.soon(within=1))
        self.version += 1
        self.attempt("no_answer", None, None, first=False, final=False)
        task = self.rows["callback_task"][-1]
        self.rows["callback_task"][-1] = (*task[:2], CALLBACK_AGENT, tries + 1, None, task[5], None, None)
        self.note(
            at, "callback.tried", CALLBACK_AGENT, result="no_answer", satisfied=None, solved=None, reason=None
        )

    def _evaluated(self, k: int, *, reached: bool, opened: int, tries: int) -> None:
        at, rates = self.at, self.world.profile.rates
        silent, j = split(k, 6)
        solved = satisfied = None
        if reached:
            happy = part(j, rates.satisfied, 7) or bool(self.rework_no)
            satisfied = (
                "不评价" if silent else "满意" if happy and j % 5 else "基本满意" if happy else "不满意"
            )
            solved = "full" if self.solved or self.rework_no else self.dice.choice(("part", "no"))
            if satisfied == "满意" and solved == "no":
                solved = "part"
        if reached and self.rework_no:
            self.rows["callback_attempt"] = [(*row[:-1], False) for row in self.rows["callback_attempt"]]
        result = "reached" if reached else "no_answer"
        self.attempt(result, solved, satisfied, first=reached and not self.rework_no, final=reached)
        self.change("closed")
        self.closed_at = at
        done = "reached" if reached else "unreached"
        self.rows["callback_task"][-1] = (
            self.id, self.rework_no, CALLBACK_AGENT, tries, None, stamp(opened), stamp(at), done,
        )  # fmt: skip
        self.stop(ClockKind.CALLBACK)
        reason = "unsolved" if satisfied == "不满意" else None
        self.note(
            at,
            "case.closed",
            CALLBACK_AGENT,
            result=result,
            satisfied=satisfied,
            solved=solved,
            reason=reason,
        )
        why = "unsolved" if solved in {"no", "part"} else "dissatisfied" if satisfied == "不满意" else None
        if why:
            self._unhappy(why, k)

    def _unhappy(self, why: str, k: int) -> None:
        """重办: the centre looks at what the citizen says, and the unit has it again or not."""
        self.rework_asked_at = self.at
        self.note(self.at, "rework.proposed", CALLBACK_AGENT, why=why)
        at = self.step(self.soon(within=2))
        self.rework_asked_at = None
        self.version += 1
        if self.rework_no or not part(k, self.world.profile.rates.rework, 8):
            self.note(at, "rework.declined", REVIEWER, words=8)
            return
        self.rework_no, self.closed_at, self.state = 1, None, "handling"
        unit = self.unit or ""
        task = self.task(unit, "lead", REVIEWER, "handling")
        limit = self.days.limit(ClockKind.REWORK, self.intent, self.urgency, listed=self.leaf.listed)
        limit = limit or self.days.limit(ClockKind.REPLY, self.intent, self.urgency, listed=self.leaf.listed)
        clock = self.start(ClockKind.REWORK, task, limit) if limit else None
        self.rows["rework"].append((self.id, 1, why, "诉求人反映问题未解决", task, REVIEWER, stamp(at)))
        self.note(at, "rework.opened", REVIEWER, rework=1, unit=unit, why=why)
        self._signed(clock)
        self._reviewed()
        self._close(k)

    def _signed(self, clock: RunningClock | None) -> None:
        """What is reworked needs the signature of the unit's leader before it leaves the unit."""
        unit, task = self.unit or "", self.open_tasks(self.unit)[0]
        at = self.step(self._when_replied(clock, on_time=True) - HOUR)
        self.version += 1
        task[T_STAGE] = "approval"
        self.start(ClockKind.UNIT_REVIEW, task[0])
        self.note(at, "reply.drafted", unit, version=self.replies + 1)
        drafted = at
        self._draft(drafted, task)
        at = self.step(at + 20 * MINUTE)
        leader = f"{unit}-leader"
        self.rows["review"].append((self.reply, "unit", True, "", "", leader, stamp(at)))
        self.rows["reply"][-1] = (*self.rows["reply"][-1][:-1], stamp(at))
        self.stop(ClockKind.UNIT_REVIEW)
        self.stop(ClockKind.REWORK)
        task[T_STAGE] = "replied"
        self.change("replied")
        self.start(ClockKind.CENTRE_REVIEW)
        self.note(at, "reply.submitted", leader, version=self.replies, resolution="full", unit=unit)

    def _draft(self, at: int, task: list[Any]) -> None:
        self.replies += 1
        self.public = demo_texts.answer(self.dice, self.thing, self.words.address, solved=True)
        self.reply, self.solved = self.ids.reply, True
        self.ids.reply += 1
        self.rows["reply"].append(
            (self.reply, self.id, task[0], self.replies, "已重新处理并回访。", self.public, "属实", "full", None, True,
             self.unit, stamp(at), None)
        )  # fmt: skip
