"""One engine leads. Two are never obeyed at once, and Redis may come and go."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from routing.leadership import NoWord, Term
from routing.reign import HOMELESS_SECONDS, LEASE_SECONDS, ROUND_SECONDS, SILENT_SECONDS, Reign, Sign


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Redis:
    """Where the engines agree; its lease expires by the clock, and it can be away."""

    clock: Clock
    away: bool = False
    term: int = 0
    holder: object = None
    until: float = 0.0


@dataclass
class Lease:
    """One engine's way to Redis; it may be cut for this engine alone."""

    redis: Redis
    cut: bool = False

    def _ask(self) -> Redis:
        if self.redis.away or self.cut:
            raise NoWord("away")
        if self.redis.clock() >= self.redis.until:
            self.redis.holder = None
        return self.redis

    async def acquire(self, above: int = 0) -> Term | None:
        redis = self._ask()
        if redis.holder is not None:
            return None
        redis.holder, redis.until = self, redis.clock() + LEASE_SECONDS
        redis.term = max(redis.term, above) + 1
        return Term(redis.term)

    async def renew(self) -> bool:
        redis = self._ask()
        if redis.holder is not self:
            return False
        redis.until = redis.clock() + LEASE_SECONDS
        return True

    async def release(self) -> None:
        redis = self._ask()
        if redis.holder is self:
            redis.holder = None


@dataclass
class World:
    """The nodes, which remember the highest term, and who reaches which of them."""

    clock: Clock = field(default_factory=Clock)
    terms: dict[str, int] = field(default_factory=lambda: {"a": 0, "b": 0})
    beats: dict[str, str] = field(default_factory=lambda: {"a": "", "b": ""})

    def __post_init__(self) -> None:
        self.redis = Redis(self.clock)


@dataclass
class Nodes:
    """The nodes as one engine reaches them."""

    world: World
    home: str
    reached: set[str] = field(default_factory=lambda: {"a", "b"})

    async def signs(self) -> Mapping[str, Sign]:
        return {node: Sign(self.world.terms[node], self.world.beats[node]) for node in sorted(self.reached)}

    async def announce(self, term: int) -> None:
        for node in self.reached:
            self.world.terms[node] = max(term, self.world.terms[node])
            self.world.beats[node] = str(self.world.clock())


@dataclass
class One:
    """One process: its engine's reign, its lease, its nodes."""

    world: World
    name: str

    def __post_init__(self) -> None:
        self.lease = Lease(self.world.redis)
        self.nodes = Nodes(self.world, self.name)
        rank = "ab".index(self.name)
        self.reign = Reign(self.lease, self.nodes, rank=rank, nodes=2, clock=self.world.clock)
        self.told: list[int] = []
        self.reign.on_change = lambda term: self.told.append(term.number if term else 0)


async def pass_time(world: World, seconds: float, *processes: One) -> None:
    """Let the time go by, round after round."""
    end = world.clock.now + seconds
    while world.clock.now < end:
        for each in processes:
            await each.reign.round()
            if each.reign.leads:
                await each.nodes.announce(each.reign.term)
        world.clock.now += ROUND_SECONDS


async def until(question: Callable[[], bool], world: World, *processes: One) -> float:
    """Return how many seconds it took."""
    began = world.clock.now
    while not question():
        assert world.clock.now - began < 60
        await pass_time(world, ROUND_SECONDS, *processes)
    return world.clock.now - began


async def test_the_first_one_leads_and_the_other_stands_by() -> None:
    world = World()
    one, two = One(world, "a"), One(world, "b")
    await pass_time(world, 10, one, two)
    assert (one.reign.term, two.reign.term) == (1, 0)
    assert (one.told, two.told) == ([1], [])
    assert world.terms == {"a": 1, "b": 1}


async def test_a_dead_leader_is_followed_within_three_seconds_by_a_higher_term() -> None:
    world = World()
    one, two = One(world, "a"), One(world, "b")
    await pass_time(world, 5, one, two)
    assert await until(lambda: two.reign.leads, world, two) <= 3
    assert world.terms == {"a": 2, "b": 2}


async def test_a_leader_stops_before_its_lease_can_have_expired() -> None:
    world = World()
    one = One(world, "a")
    await one.reign.round()
    world.clock.now = world.redis.until - 0.1
    assert not one.reign.leads


async def test_a_frozen_leader_that_wakes_up_does_not_lead_for_a_moment() -> None:
    world = World()
    one, two = One(world, "a"), One(world, "b")
    await pass_time(world, 5, one, two)
    await pass_time(world, 10, two)
    assert (one.reign.leads, two.reign.leads) == (False, True)
    await pass_time(world, 5, one, two)
    assert (one.reign.leads, two.reign.term) == (False, 2)


async def test_redis_away_changes_nothing_for_the_one_who_leads() -> None:
    world = World()
    one, two = One(world, "a"), One(world, "b")
    await pass_time(world, 5, one, two)
    world.redis.away = True
    await pass_time(world, 60, one, two)
    assert (one.told, two.told) == ([1], [])
    world.redis.away = False
    await pass_time(world, 10, two, one)
    assert (one.reign.leads, two.told) == (True, [])


async def test_a_redis_that_comes_back_empty_stays_with_the_one_who_leads_in_a_new_term() -> None:
    world = World()
    one, two = One(world, "a"), One(world, "b")
    await pass_time(world, 5, one, two)
    world.redis.away = True
    await pass_time(world, 5, two, one)
    world.redis.away, world.redis.holder, world.redis.term = False, None, 0
    await pass_time(world, 10, two, one)
    assert (one.told, two.told) == ([1, 2], [])
    assert world.terms == {"a": 2, "b": 2}


async def test_who_alone_has_lost_redis_gives_way_to_a_later_term() -> None:
    world = World()
    one, two = One(world, "a"), One(world, "b")
    await pass_time(world, 5, one, two)
    one.lease.cut = True
    await until(lambda: two.reign.leads, world, one, two)
    await pass_time(world, ROUND_SECONDS * 2, one, two)
    assert (one.reign.leads, two.reign.term) == (False, 2)
    assert world.terms == {"a": 2, "b": 2}


async def test_an_emptied_redis_begins_above_what_the_nodes_remember() -> None:
    world = World()
    one = One(world, "a")
    await pass_time(world, 2, one)
    world.terms.update(a=41, b=41)
    world.redis.term, world.redis.holder = 0, None
    await pass_time(world, 5, one)
    assert one.reign.term == 42


async def test_without_redis_a_new_engine_waits_until_the_nodes_have_given_up_on_engines() -> None:
    world = World()
    world.redis.away = True
    one = One(world, "a")
    assert await until(lambda: one.reign.leads, world, one) >= SILENT_SECONDS
    assert world.terms["a"] == one.reign.term


async def test_two_that_take_over_without_redis_at_once_have_different_terms_and_one_remains() -> None:
    world = World(terms={"a": 7, "b": 7})
    world.redis.away = True
    one, two = One(world, "a"), One(world, "b")
    await until(lambda: one.reign.leads or two.reign.leads, world, one, two)
    await pass_time(world, 3, one, two)
    assert [one.reign.leads, two.reign.leads].count(True) == 1
    assert max(one.reign.term, two.reign.term) == world.terms["a"] == world.terms["b"] > 7


async def test_a_heartbeat_on_any_node_keeps_a_new_engine_from_taking_over_without_redis() -> None:
    world = World()
    world.redis.away = True
    one = One(world, "a")
    for second in range(60):
        world.beats["b"] = str(second)
        await pass_time(world, 1, one)
    assert one.told == []


async def test_who_has_no_asterisk_of_its_own_makes_room_for_one_that_has() -> None:
    world = World()
    one, two = One(world, "a"), One(world, "b")
    await pass_time(world, 5, one, two)
    one.nodes.reached = {"b"}
    two.nodes.reached = {"b"}
    assert await until(lambda: two.reign.leads, world, one, two) <= HOMELESS_SECONDS + 1
    await pass_time(world, 10, one, two)
    assert (one.reign.leads, two.reign.leads) == (False, True)


async def test_a_node_that_was_restarted_is_told_the_term_again() -> None:
    world = World()
    one = One(world, "a")
    await pass_time(world, 2, one)
    world.terms["b"] = 0
    await one.reign.round()
    assert world.terms["b"] == 1


async def test_who_ends_in_order_gives_the_lease_away_at_once() -> None:
    world = World()
    one, two = One(world, "a"), One(world, "b")
    await pass_time(world, 2, one)
    await one.reign.resign()
    await two.reign.round()
    assert two.reign.leads
