"""过往: writes the past of a city, day by day and to be resumed at any time, with everything a real one would leave."""

import heapq
from collections import defaultdict
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from time import process_time

from sqlalchemy import Connection, Integer, insert, select, update

from cases.rules import Rules
from storage import demo_load, public_search, units
from storage.city_models import DemoRun
from storage.demo_city import Size, is_invented, load_city
from storage.demo_clock import CLOCK_COLUMNS, Days
from storage.demo_life import Life
from storage.demo_profiles import HOURS, Profile, plan
from storage.demo_rows import COLUMNS, Event, Row
from storage.demo_steps import Ids, Leaf, World
from storage.engine import engine_for
from storage.errors import Invalid
from storage.keeping import keep
from storage.models import NumberBlock
from storage.types import table_of

RUN = table_of(DemoRun)
BLOCK = table_of(NumberBlock)

# How many cases are committed together.
TOGETHER = 8_000
# No case lives longer than this many days; so far back a resumed run looks for what had not happened yet.
LONGEST_LIFE = 150
# A past that ended longer ago than this is finished: nobody wants to find its clocks running.
FINISHED_AFTER = timedelta(days=60)
_HOUR = 3_600
_COUNTED = ("case_file", "assignment", "reply", "clock")
_ORDER = (
    "call", "case_file", "case_contact", "case_text", "case_member", "assignment", "clock", "reply", "review",
    "return_request", "feedback", "callback_task", "callback_attempt", "rework",
    "circuit_request", "public_copy",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it has come."""

    written: int
    wanted: int
    day: date
    cpu_seconds: float


@dataclass(slots=True)
class Day:
    """The lives of the cases of one day."""

    lives: list[Life]
    rows: dict[str, list[Row]]


def write_past(
    url: str,
    profile: Profile,
    rules: Rules,
    *,
    seed: int,
    now: datetime,
    size: Size | None = None,
    together: int = TOGETHER,
    seal: bytes = b"",
) -> Generator[Progress, None, None]:
    """Write what is missing of the profile's past; committed in steps, so that a break costs one step."""
    engine = engine_for(url, seal=seal)
    began = process_time()
    try:
        with engine.connect() as conn:
            demo_load.prepare(conn)
            with conn.begin():
                run = _known_run(conn, profile, seed)
                if run is None:
                    if not is_invented(conn):
                        raise Invalid({"profile": "库中有真实单位 (the database has units of a real city)"})
                    load_city(conn, _first_minute(profile, rules), size or profile.size)
                    run = _new_run(conn, profile, seed, size or profile.size)
                world = _world(conn, profile, rules, now)
            for written, day in _Writer(conn, world, seed, run).write(together):
                yield Progress(written, profile.cases, day, process_time() - began)
            with conn.begin():
                demo_load.keep_sequences(conn, [table for table in _ORDER if _counts(table)])
                demo_load.settle(conn)
                conn.execute(update(RUN).where(RUN.c.profile == profile.name).values(finished_at=now))
    finally:
        engine.dispose()


def _first_minute(profile: Profile, rules: Rules) -> datetime:
    """The units of the past were there when it began."""
    return datetime.combine(profile.first, datetime.min.time(), rules.zone).astimezone(UTC)


def _counts(table: str) -> bool:
    """Say whether the rows are numbered by the database."""
    columns = RUN.metadata.tables[table].c
    return "id" in columns and isinstance(columns["id"].type, Integer)


@dataclass(frozen=True, slots=True)
class _Run:
    written: int
    through: str
    taken: dict[str, int]


def _known_run(conn: Connection, profile: Profile, seed: int) -> _Run | None:
    """Return how far this past has been written; refuse to mix two."""
    row = conn.execute(select(RUN).where(RUN.c.profile == profile.name)).one_or_none()
    if row is None:
        return None
    if (row.seed, row.cases) != (seed, profile.cases):
        begun = f"已用种子 {row.seed} 生成 {row.cases} 件中的 {row.written} 件"
        raise Invalid({"profile": f"{begun} (begun with another seed or number)"})
    return _Run(row.written, row.through, _taken(conn))


def _new_run(conn: Connection, profile: Profile, seed: int, size: Size) -> _Run:
    first = demo_load.next_id(conn, "case_file")
    values = {"seed": seed, "size": size, "cases": profile.cases, "written": 0, "through": ""}
    conn.execute(insert(RUN).values(profile=profile.name, first_case=first, **values))
    return _Run(0, "", _taken(conn))


def _taken(conn: Connection) -> dict[str, int]:
    """Return the serials given out on each day."""
    rows = conn.execute(select(BLOCK.c.day, BLOCK.c.last).where(BLOCK.c.first == 1))
    return {row.day: row.last for row in rows}


def _world(conn: Connection, profile: Profile, rules: Rules, now: datetime) -> World:
    # The past of a short profile may run into the days in which its last cases are closed.
    days = Days(rules, profile.first - timedelta(days=LONGEST_LIFE), profile.last)
    everything = units.units(conn)
    areas = tuple((one.id, one.short_name) for one in everything if one.kind == "district")
    last = datetime.combine(profile.last + timedelta(days=1), datetime.min.time(), rules.zone)
    until = (
        None
        if now - last.astimezone(UTC) > FINISHED_AFTER
        else min(int(last.timestamp()), int(now.timestamp()))
    )
    return World(profile, days, tuple(_leaves(conn)), areas, rules.city_code, until)


def _leaves(conn: Connection) -> Iterator[Leaf]:
    holding = select(units.DIRECTORY).where(units.DIRECTORY.c.ended_at.is_(None))
    city: dict[str, list[str]] = defaultdict(list)
    by_area: dict[str, dict[str, str]] = defaultdict(dict)
    for row in conn.execute(holding.order_by(units.DIRECTORY.c.priority, units.DIRECTORY.c.id)):
        if row.area:
            by_area[row.category].setdefault(row.area, row.unit)
        else:
            city[row.category].append(row.unit)
    for one in units.categories(conn):
        if one.parent and city[one.code]:
            yield Leaf(
                one.code, one.name, one.intents, one.keywords, bool(one.list_item), one.confidential,
                tuple(city[one.code]), by_area[one.code],
            )  # fmt: skip


class _Writer:
    """Generates day after day, and holds back the events of the days to come until those have come."""

    def __init__(self, conn: Connection, world: World, seed: int, run: _Run) -> None:
        self._conn, self._world, self._seed, self._run = conn, world, seed, run
        self._plan = plan(world.profile, world.days.calendar)
        self._ids = Ids()
        self._coming: list[Event] = []
        # What we gave out ourselves on the days that are written is not somebody else's.
        ours = {f"{day:%y%m%d}": count for day, count in self._plan if day.isoformat() <= run.through}
        self._taken = {day: last - ours.get(day, 0) for day, last in run.taken.items()}

    def write(self, most: int) -> Iterator[tuple[int, date]]:
        """Yield after each commit how many cases there are, and up to which day."""
        done = self._resume()
        with self._conn.begin():
            self._ids = Ids(*(demo_load.next_id(self._conn, table) for table in _COUNTED))
        written, together, waiting = self._run.written, [], 0
        for index, (day, count) in enumerate(self._plan[done:], start=done):
            together.append((day, self._day(day, count, written)))
            written, waiting = written + count, waiting + count
            last = index + 1 == len(self._plan)
            if waiting >= most or last:
                self._commit(together, written, last=last)
                together, waiting = [], 0
                yield written, day

    def _resume(self) -> int:
        """Return the index of the first day to write; what the days before it left for later is made again."""
        if not self._run.through:
            return 0
        through = date.fromisoformat(self._run.through)
        done = sum(day <= through for day, _ in self._plan)
        ends = self._world.days.begins(self._world.days.of(through) + 1)
        before = self._run.written
        for day, count in reversed(self._plan[:done]):
            before -= count
            if (through - day).days > LONGEST_LIFE:
                break
            for life in self._day(day, count, before).lives:
                self._hold([event for event in life.events if event[0] >= ends])
        return done

    def _day(self, day: date, count: int, before: int) -> Day:
        """Let the cases of one day live. The same seed gives the same day, whatever came before it."""
        dice = Random(f"{self._seed}:{day}")  # noqa: S311 - the same past again is what is wanted
        begins = self._world.days.begins(self._world.days.of(day))
        hours = dice.choices(range(24), HOURS, k=count)
        times = sorted(begins + hour * _HOUR + dice.randrange(_HOUR) for hour in hours)
        serial = self._serial(day)
        lives: list[Life] = []
        rows: dict[str, list[Row]] = defaultdict(list)
        for place, at in enumerate(times):
            life = Life(self._world, self._ids, dice, n=before + place, serial=serial + place + 1, at=at)
            life.live(lives[-40:])
            lives.append(life)
        for life in lives:
            _gather(rows, life, self._world.days)
        return Day(lives, rows)

    def _serial(self, day: date) -> int:
        """Return the last serial that somebody else gave out on that day before this past was begun."""
        return self._taken.get(f"{day:%y%m%d}", 0)

    def _hold(self, events: list[Event]) -> None:
        for event in events:
            heapq.heappush(self._coming, event)

    def _commit(self, days: list[tuple[date, Day]], written: int, *, last: bool) -> None:
        for _, one in days:
            for life in one.lives:
                self._hold(life.events)
        newest = days[-1][0]
        ends = self._world.days.begins(self._world.days.of(newest) + 1)
        with self._conn.begin():
            for table in _ORDER:
                columns = CLOCK_COLUMNS if table == "clock" else COLUMNS[table]
                demo_load.insert(
                    self._conn, table, columns, (row for _, one in days for row in one.rows[table])
                )
            texts = (life for _, one in days for life in one.lives)
            demo_load.add_search(
                self._conn,
                ((life.id, (life.words.title, life.words.content, life.words.address)) for life in texts),
            )
            public_search.catch_up(self._conn)
            for day, one in days:
                number = {"day": f"{day:%y%m%d}", "first": 1}
                keep(self._conn, BLOCK, number, {"last": self._serial(day) + len(one.lives)})
            demo_load.Chain(self._conn).append(self._conn, self._due(None if last else ends))
            values = {"written": written, "through": newest.isoformat()}
            conn_run = update(RUN).where(RUN.c.profile == self._world.profile.name)
            self._conn.execute(conn_run.values(values))

    def _due(self, ends: int | None) -> Iterator[Event]:
        """Give what has happened before this second, in its order; without one, all that is left."""
        while self._coming and (ends is None or self._coming[0][0] < ends):
            yield heapq.heappop(self._coming)


def _gather(rows: dict[str, list[Row]], life: Life, days: Days) -> None:
    rows["case_file"].append(life.case_row())
    if life.call:
        rows["call"].append(life.call_row())
    rows["case_contact"].append((life.id, life.words.name, life.words.number))
    rows["assignment"] += [tuple(task) for task in life.tasks]
    rows["clock"] += [clock.row(days) for clock in life.clocks]
    for table, found in life.rows.items():
        rows[table] += found
