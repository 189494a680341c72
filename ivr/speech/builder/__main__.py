"""Builds the synthetic test model.

python -m ivr.speech.builder lexicon            the words anew, with the sounds as they were learnt (seconds)
python -m ivr.speech.builder full --to DIR      everything (an hour of one core; needs the extra `train`)
"""

import argparse
import logging
import shutil
import sys
from pathlib import Path

from ivr.speech.builder import espeak, graph, lexicon, phones

ASSET = Path(__file__).resolve().parents[1] / "zh-mini-synth"
# Wide lattices of tones under a small grammar keep Vosk busy for a minute, and one caller's telephone would take the ears
# from all others: the beam is narrow, and there is an end to the memory.
MODEL_CONF = """\
--min-active=200
--max-active=3000
--beam=13.0
--lattice-beam=2.0
--max-mem=1000000
--acoustic-scale=0.8
--frame-subsampling-factor=3
--endpoint.silence-phones=1:2
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
"""

log = logging.getLogger(__name__)


def rebuild_words(model: Path, to: Path, words: lexicon.Words | None = None) -> None:
    """Write the model to `to` with these words, or those of today's list, and the sounds it has."""
    if model.resolve() != to.resolve():
        shutil.copytree(model, to, dirs_exist_ok=True)
    known = phones.of_model(model)
    spoken = lexicon.pronounced(words or lexicon.words())
    if strange := {word for word, heard in spoken.items() if not set(heard) <= set(known.sounds)}:
        raise lexicon.BadLexicon(f"the model never learnt a sound of {', '.join(sorted(strange))}")
    graph.write(to / "graph", known, spoken)
    for alike in lexicon.homophones(spoken):
        log.info("sound alike, told apart by the grammar alone: %s", " ".join(alike))
    log.info("%d words in %s", len(spoken), to)


def build(to: Path, *, count: int, epochs: int, threads: int, seed: int) -> None:
    """Synthesise, train and write the whole model."""
    from ivr.speech.builder import acoustic, features, train, utterances

    to.mkdir(parents=True, exist_ok=True)
    log.info("speaking %d utterances", count)
    examples = utterances.material(seed, count)
    log.info("%.1f h of sound", sum(len(example.features) for example in examples) / 360_000)
    course = train.Course(epochs=epochs, threads=threads, seed=seed)
    learnt = train.train(train.lessons(examples), course)
    learnt.save(to / "learnt.npz")  # so that priors may be tried again without training
    acoustic.write(to / "am" / "final.mdl", learnt)
    (to / "conf").mkdir(exist_ok=True)
    (to / "conf" / "mfcc.conf").write_text(features.CONF)
    (to / "conf" / "model.conf").write_text(MODEL_CONF)
    graph.write(to / "graph", phones.Phones(learnt.phones), lexicon.pronounced(lexicon.words()))
    log.info("built %s", to)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m ivr.speech.builder",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    words = kinds.add_parser("lexicon", help="the words anew; needs espeak-ng alone")
    words.add_argument("--model", type=Path, default=ASSET, help="whose sounds to keep; default: ours")
    words.add_argument("--to", type=Path, default=ASSET, help="default: in place")
    full = kinds.add_parser("full", help="everything; needs the extra `train`")
    full.add_argument("--to", type=Path, required=True)
    full.add_argument("--count", type=int, default=16_000, help="utterances to learn from")
    full.add_argument("--epochs", type=int, default=8)
    full.add_argument("--threads", type=int, default=1)
    full.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    try:
        if given.kind == "lexicon":
            rebuild_words(given.model, given.to)
        else:
            build(given.to, count=given.count, epochs=given.epochs, threads=given.threads, seed=given.seed)
    except (espeak.NoLibrary, lexicon.BadLexicon, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
