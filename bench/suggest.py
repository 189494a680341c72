"""How good suggestions are, and how long they take: on a generated past, and on words that were written by hand.

    python -m bench.suggest [--profile haikou-2017] [--database FILE]

A past of a hundred thousand cases is generated. The newest two thousand are hidden from everything that learns or compares,
and then asked about. The hand-written ones (tests/cases/data/hand_written_cases.tsv) are learned by nothing: they stand for
what citizens of a real city say, which a grammar does not. Finding similar cases is compared with going through all of them.
"""

import argparse
import asyncio
import csv
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, select, update

from cases.guessing import Model, saying
from cases.likeness import Likeness
from cases.suggesting import Matters, Proposal, propose_matters
from cases.workflow import Secrecy, State
from console.suggestions import Asked, Suggestions
from storage import suggestion_rows as rows
from storage import suggestions
from storage.demo_past import write_past
from storage.demo_profiles import PROFILES
from storage.engine import Store, migrate
from storage.intake import CASE
from storage.suggestion_rows import Past
from storage.suggestion_training import Lesson, learn
from tests.makers import RULES

WRITTEN = Path(__file__).parent.parent / "tests" / "cases" / "data" / "hand_written_cases.tsv"
HIDDEN = 2_000
ASKED_AT_ONCE = 600
NAIVE = 5
SEED = 7
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about, and what is right."""

    asked: Asked
    category: str
    unit: str | None
    master: int | None = None


@dataclass(frozen=True, slots=True)
class Ranks:
    """Where the right answer stood, from 1; 0 where it did not."""

    ranks: list[int]

    def __str__(self) -> str:
        whole = max(1, len(self.ranks))
        first, three = (sum(0 < rank <= most for rank in self.ranks) / whole for most in (1, 3))
        return f"top-1 {first:6.1%}  top-3 {three:6.1%}  of {len(self.ranks)}"


def rank(right: str, shown: Sequence[str]) -> int:
    return list(shown).index(right) + 1 if right in shown else 0


def generate(url: str, profile: str) -> None:
    migrate(url)
    for progress in write_past(url, PROFILES[profile], RULES, seed=SEED, now=NOW):
        print(f"  {progress.written} of {progress.wanted} cases", flush=True)


def hide(conn: Connection) -> list[Question]:
    """Take the newest cases away from all that learns, and ask about them."""
    last = rows.newest_from(conn, HIDDEN)
    found, _ = rows.after(conn, last, HIDDEN)
    where = select(CASE.c.id, CASE.c.master).where(CASE.c.state == State.MERGED)
    masters = dict(conn.execute(where).tuples().all())
    questions = [
        Question(_asked(each), each.category, each.unit, masters.get(each.id))
        for each in found
        # A master that is hidden, too, cannot be found.
        if not masters.get(each.id) or masters[each.id] <= last
    ]
    conn.execute(update(CASE).where(CASE.c.id > last).values(confidential=Secrecy.SECRET))
    return questions


def _asked(past: Past) -> Asked:
    return Asked(title=past.title, text=past.content, address=past.address)


def written_by_hand() -> list[Question]:
    with WRITTEN.open(encoding="utf-8", newline="") as file:
        lines = [line for line in csv.reader(file, "excel-tab") if not line[0].startswith("#")]
    return [Question(Asked(text=words), category, unit) for category, unit, words in lines]


async def teach(store: Store) -> Model:
    """Learn in this process, as the program that learns does."""
    known = await store.read(rows.matters)
    lessons, last = [Lesson(*each) for each in rows.first_lessons(known)], 0
    while True:
        found, until = await store.read(partial(rows.lessons, last=last, most=5_000))
        lessons += [Lesson(*each) for each in found]
        if until <= last:
            break
        last = until
    learned = learn(lessons)
    print(
        f"learned from {learned.cases} cases in {learned.seconds:.1f} s; on {learned.examined} kept back:"
        f" top-1 {learned.top1:.1%} top-3 {learned.top3:.1%}"
    )
    data = learned.model.packed()
    figures = {name: getattr(learned, name) for name in ("cases", "examined", "top1", "top3", "seconds")}
    await store.write(lambda conn: suggestions.keep_model(conn, figures, data, at=NOW))
    print(f"the model has {len(data) / 1e6:.1f} MB as it is kept")
    return learned.model


def ways(matters: Matters, model: Model) -> dict[str, Callable[[Asked], list[Proposal]]]:
    """Return the single sources of the ranking, to be compared with all of them."""

    def by_words(asked: Asked) -> list[Proposal]:
        return propose_matters(matters, asked.title, asked.text)

    def by_model(asked: Asked) -> list[Proposal]:
        said = saying(asked.title, asked.text, asked.address)
        return [Proposal(code, share, ()) for code, share in model.guess(said, 3)]

    return {"words of the directory only": by_words, "model only": by_model}


async def quality(service: Suggestions, store: Store, model: Model, questions: list[Question]) -> None:
    for name, way in ways(service.matters, model).items():
        ranks = [rank(each.category, [one.code for one in way(each.asked)]) for each in questions]
        print(f"  matter, {name:28} {Ranks(ranks)}")

    def ask(conn: Connection) -> tuple[list[int], list[int], list[int], float]:
        began = time.perf_counter()
        found = [service.proposed(conn, each.asked, at=NOW, similar=False) for each in questions]
        took = time.perf_counter() - began
        matters = [
            rank(each.category, one.shown.categories) for each, one in zip(questions, found, strict=True)
        ]
        pairs = [
            (each, service.proposed(conn, replace(each.asked, category=each.category), at=NOW, similar=False))
            for each in questions
            if each.unit
        ]
        given = [rank(each.unit or "", one.shown.units) for each, one in pairs]
        alone = [
            rank(each.unit, one.shown.units) for each, one in zip(questions, found, strict=True) if each.unit
        ]
        return matters, given, alone, took

    matters, given, alone, took = await store.read(ask)
    print(f"  matter, {'all together':28} {Ranks(matters)}")
    print(f"  unit, {'matter already chosen':30} {Ranks(given)}")
    print(f"  unit, {'matter only proposed':30} {Ranks(alone)}")
    print(f"  {took / len(questions) * 1e6:.0f} µs for all of it, store included")


async def similar(service: Suggestions, store: Store, questions: list[Question]) -> None:
    """Look for the case into which each of these was merged."""
    merged = [each for each in questions if each.master]

    def ask(conn: Connection) -> list[int]:
        found = [service.proposed(conn, each.asked, at=NOW, similar=True) for each in merged]
        return [
            rank(str(each.master), [str(past.id) for past, _ in one.similar])
            for each, one in zip(merged, found, strict=True)
        ]

    print(f"  the case it was merged into: {Ranks(await store.read(ask))}")


def speed(index: Likeness, texts: list[str], questions: list[Question]) -> None:
    """Compare the index with going through all texts, in one run."""
    dice = random.Random(SEED)
    chosen = [dice.choice(questions).asked for _ in range(ASKED_AT_ONCE)]
    took = []
    for asked in chosen:
        began = time.perf_counter()
        index.find(f"{asked.words} {asked.address}")
        took.append(1000 * (time.perf_counter() - began))
    sets = [{text[n : n + 2] for n in range(len(text) - 1)} for text in texts]
    naive = []
    for asked in chosen[:NAIVE]:
        began = time.perf_counter()
        wanted = asked.words + asked.address
        pairs = {wanted[n : n + 2] for n in range(len(wanted) - 1)}
        sorted(range(len(sets)), key=lambda n: -len(pairs & sets[n]))[:48]
        naive.append(1000 * (time.perf_counter() - began))
    cuts = statistics.quantiles(took, n=20)
    print(f"  index of {index.count}: p50 {cuts[9]:.1f} ms  p95 {cuts[18]:.1f} ms  worst {max(took):.1f} ms")
    slow = statistics.median(naive)
    print(f"  scan of {len(sets)}: p50 {slow:.0f} ms, {slow / cuts[18]:.0f} times the p95 of the index")


async def run(url: str) -> None:
    store = Store.open(url)
    try:
        questions = await store.write(hide)
        model = await teach(store)
        service = Suggestions(store)
        began = time.perf_counter()
        for step in (service.read_directory, service.look, service.count_habits):
            await step()
        print(f"the service has taken in {service.known} cases in {time.perf_counter() - began:.1f} s")
        print("generated, hidden from learning:")
        await quality(service, store, model, questions)
        await similar(service, store, questions)
        print("written by hand:")
        await quality(service, store, model, written_by_hand())
        print("similar cases:")
        found, _ = await store.read(lambda conn: rows.after(conn, 0, 1_000_000))
        speed(service.index, [f"{each.title} {each.content} {each.address}" for each in found], questions)
    finally:
        store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="haikou-2017", choices=sorted(PROFILES))
    parser.add_argument("--database", help="a copy of one that was generated before")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        url = f"sqlite:///{given.database or f'{folder}/bench.db'}"
        if not given.database:
            generate(url, given.profile)
        asyncio.run(run(url))


if __name__ == "__main__":
    main()
