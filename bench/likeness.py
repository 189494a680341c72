"""How quickly the cases like a text are found among 100,000 that are all different, and how often it is the right one.

What it costs in memory is told, too, and a scan of the same texts stands beside it in the same run.

    python -m bench.likeness [--texts 100000] [--asked 1000]

The texts come from bench.talk. What is asked is what another caller says of one of them: in another order, with a third
left out, words of their own, and some heard wrongly. Half of the questions come while another thread takes in new cases.
"""

import argparse
import statistics
import threading
import time
import tracemalloc
from collections.abc import Sequence
from itertools import islice
from random import Random

from bench.talk import Talk, again, shape, talks
from cases.likeness import MOST, PILE, Known, Likeness, pairs

SEED = 11
NAIVE = 7
PORTION = 400
"""As the service takes them in."""
LIMIT_MS = 50.0


def known(first: int, some: Sequence[Talk]) -> list[Known]:
    return [Known(number, "", number, pairs(one.text)) for number, one in enumerate(some, first)]


def fill(every: Sequence[Talk]) -> Likeness:
    """Take them in as the service does, and say what they cost."""
    tracemalloc.start()
    index, began = Likeness(), time.perf_counter()
    for first in range(0, len(every), PORTION):
        index.add(known(first, every[first : first + PORTION]))
    took = time.perf_counter() - began
    held, most = (size / 1e6 for size in tracemalloc.get_traced_memory())
    tracemalloc.stop()
    print(
        f"index: {index.count} cases in {took:.1f} s, {held:.0f} MB held, {most:.0f} MB at most while filling"
    )
    return index


def bounded(index: Likeness, more: Sequence[Talk]) -> None:
    """Show that what is too much is dropped."""
    index.add(known(MOST, more))
    print(f"  after {len(more)} more: {index.count} cases, at most {MOST + 2 * PILE} ever")


def ask(index: Likeness, questions: Sequence[tuple[int, str]], title: str) -> float:
    """Ask one after the other; return the p95 in milliseconds."""
    took, ranks = [], []
    for right, text in questions:
        began = time.perf_counter()
        found = [like.id for like in index.find(text)]
        took.append(1000 * (time.perf_counter() - began))
        ranks.append(found.index(right) + 1 if right in found else 0)
    cuts = statistics.quantiles(took, n=20)
    first, three = (sum(0 < rank <= most for rank in ranks) / len(ranks) for most in (1, 3))
    print(
        f"  {title:34} p50 {cuts[9]:5.1f} ms  p95 {cuts[18]:5.1f} ms  worst {max(took):5.1f} ms"
        f"   right one first {first:.1%}, among three {three:.1%}, of {len(ranks)}"
    )
    return cuts[18]


def ask_while_adding(index: Likeness, questions: Sequence[tuple[int, str]], more: Sequence[Talk]) -> float:
    """Ask while another thread takes in twenty cases a second, a city's worst minute."""
    over = threading.Event()

    def add() -> None:
        for number, one in enumerate(more, 2 * MOST):
            if over.wait(0.05):
                return
            index.add(known(number, [one]))

    adding = threading.Thread(target=add)
    adding.start()
    try:
        return ask(index, questions, "while 20 cases come each second")
    finally:
        over.set()
        adding.join()


def scan(every: Sequence[Talk], questions: Sequence[tuple[int, str]]) -> float:
    """Go through all of them, each as a set made beforehand; return the median in milliseconds."""
    sets = [{one.text[n : n + 2] for n in range(len(one.text) - 1)} for one in every]
    took = []
    for _, text in questions[:NAIVE]:
        began = time.perf_counter()
        own = {text[n : n + 2] for n in range(len(text) - 1)}
        sorted(range(len(sets)), key=lambda n: -len(own & sets[n]))[:48]
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=MOST)
    parser.add_argument("--asked", type=int, default=1_000)
    given = parser.parse_args()
    source = talks(SEED, given.texts + 2 * PILE)
    every = list(islice(source, given.texts))
    more = list(source)
    print(shape([one.text for one in every]))
    dice = Random(SEED)
    chosen = [dice.randrange(len(every)) for _ in range(given.asked)]
    questions = [(number, again(dice, every[number]).text) for number in chosen]
    half = len(questions) // 2
    index = fill(every)
    quiet = ask(index, questions[:half], "one after the other")
    busy = ask_while_adding(index, questions[half:], more)
    longest = max(range(len(every)), key=lambda number: len(every[number].text))
    page = every[longest].text * 8
    ask(index, [(longest, page)] * 20, f"{len(page)} characters")
    slow = scan(every, questions)
    print(f"  scan of {len(every)}: {slow:.0f} ms, {slow / max(quiet, busy):.0f} times the p95 of the index")
    bounded(index, more)
    print("PASS" if max(quiet, busy) <= LIMIT_MS else f"FAIL: more than {LIMIT_MS:.0f} ms")


if __name__ == "__main__":
    main()
