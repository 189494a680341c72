"""How good suggestions are, and how long they take: on a generated past, and on words that were written by hand.

    python -m bench.suggest [--profile city-month] [--database FILE]

A past is generated. The newest thousand are hidden from everything that learns or compares,
and then asked about. The hand-written ones (tests/cases/data/hand_written_*.tsv) are learned by nothing: they stand for what
citizens of a real city say, which a grammar does not. The last ones were written after everything else, so that theirs are
the figures to believe. Finding similar cases is compared with going through all of them.
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
from cases.likeness import MOST, Known, Likeness, pairs
from cases.suggesting import Matters, Proposal, propose_matters
from cases.workflow import Secrecy
from console.suggestions import Asked, Suggestions
from storage import suggestion_rows as rows
from storage import suggestions
from storage.demo_past import write_past
from storage.demo_profiles import PROFILES
from storage.engine import Store, migrate
from storage.intake import CASE, TEXT
from storage.suggestion_rows import Past
from storage.suggestion_training import Lesson, learn
from tests.makers import RULES

WRITTEN = Path(__file__).parent.parent / "tests" / "cases" / "data"
HIDDEN = 1_000
ASKED_AT_ONCE = 400
PORTION = 2_000
NAIVE = 5
MERGED = 200
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
    questions = [Question(_asked(each), each.category, each.unit) for each in found]
    conn.execute(update(CASE).where(CASE.c.id > last).values(confidential=Secrecy.SECRET))
    return questions


def _asked(past: Past) -> Asked:
    return Asked(title=past.title, text=past.content, address=past.address)


def written_by_hand(name: str) -> list[Question]:
    with (WRITTEN / name).open(encoding="utf-8", newline="") as file:
        lines = [line for line in csv.reader(file, "excel-tab") if not line[0].startswith("#")]
    return [Question(Asked(text=words), category, unit) for category, unit, words in lines]


async def teach(store: Store) -> Model:
    """Learn in this process, as the program that learns does."""
    known = await store.read(rows.matters)
    lessons, last = [Lesson(*each) for each in rows.first_lessons(known)], 0
    while True:
        found, until = await store.read(partial(rows.lessons, last=last, most=PORTION))
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


async def quality(service: Suggestions, model: Model, questions: list[Question]) -> None:
    for name, way in ways(service.matters, model).items():
        ranks = [rank(each.category, [one.code for one in way(each.asked)]) for each in questions]
        print(f"  matter, {name:28} {Ranks(ranks)}")

    began = time.process_time()
    found = [await service.propose(each.asked, at=NOW, similar=False) for each in questions]
    took = time.process_time() - began
    dispatched = [(each, one) for each, one in zip(questions, found, strict=True) if each.unit]
    chosen = [
        await service.propose(replace(each.asked, category=each.category), at=NOW, similar=False)
        for each, _ in dispatched
    ]
    matters = [rank(each.category, one.shown.categories) for each, one in zip(questions, found, strict=True)]
    given = [
        rank(each.unit or "", one.shown.units) for (each, _), one in zip(dispatched, chosen, strict=True)
    ]
    alone = [rank(each.unit or "", one.shown.units) for each, one in dispatched]
    print(f"  matter, {'all together':28} {Ranks(matters)}")
    print(f"  unit, {'matter already chosen':30} {Ranks(given)}")
    print(f"  unit, {'matter only proposed':30} {Ranks(alone)}")
    print(f"  {took / len(questions) * 1e6:.0f} µs of processor for each, store included")


def merged(conn: Connection) -> list[Question]:
    """Return cases that were merged into another one; both are known."""
    where = select(CASE.c.id, CASE.c.master).where(CASE.c.master.is_not(None)).limit(MERGED)
    masters = {row.id: row.master for row in conn.execute(where)}
    texts = select(CASE.c.id, CASE.c.title, TEXT.c.text, CASE.c.address).join(TEXT, TEXT.c.case == CASE.c.id)
    return [
        Question(Asked(title=row.title, text=row.text, address=row.address), "", None, masters[row.id])
        for row in conn.execute(texts.where(TEXT.c.version == 1, CASE.c.id.in_(masters)))
    ]


async def similar(service: Suggestions, store: Store) -> None:
    """Look for the case into which each of these was merged."""
    questions = await store.read(merged)
    found = [await service.propose(each.asked, at=NOW, similar=True) for each in questions]
    ranks = [
        rank(str(each.master), [str(past.id) for past, _ in one.similar])
        for each, one in zip(questions, found, strict=True)
    ]
    print(f"  the case it was merged into: {Ranks(ranks)}")


def speed(texts: list[str], questions: list[Question]) -> None:
    """Compare the index with going through all texts, in one run; the texts are repeated until there are enough."""
    dice, index = random.Random(SEED), Likeness()
    texts = [texts[n % len(texts)] for n in range(MOST)]
    for first in range(0, MOST, PORTION):
        some = enumerate(texts[first : first + PORTION], first)
        index.add([Known(n, "", n, pairs(text)) for n, text in some])
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
        own = {wanted[n : n + 2] for n in range(len(wanted) - 1)}
        sorted(range(len(sets)), key=lambda n: -len(own & sets[n]))[:48]
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
        await quality(service, model, questions)
        await similar(service, store)
        for name in ("fresh", "last"):
            print(f"written by hand, {name}:")
            await quality(service, model, written_by_hand(f"hand_written_{name}.tsv"))
        print("similar cases:")
        found, last = list[Past](), 0
        while True:
            some, until = await store.read(partial(rows.after, last=last, most=PORTION))
            found += some
            if until <= last:
                break
            last = until
        speed([f"{each.title} {each.content} {each.address}" for each in found], questions)
    finally:
        store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="city-month", choices=sorted(PROFILES))
    parser.add_argument("--database", help="a copy of one that was generated before")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        url = f"sqlite:///{given.database or f'{folder}/bench.db'}"
        if not given.database:
            generate(url, given.profile)
        asyncio.run(run(url))


if __name__ == "__main__":
    main()
