"""The speech service on its own: `python -m ivr.speech --port 8015 --model FOLDER`."""

import argparse
import logging
import sys
from pathlib import Path

from ivr.speech import models, watch
from ivr.speech.settings import MOST, ServiceSettings


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m ivr.speech", description=__doc__)
    options.add_argument(
        "--port", type=int, default=8015, help="of the engine; the next one tells its health"
    )
    options.add_argument("--model", type=Path, default=models.SYNTHETIC, help="folder of a Vosk model")
    options.add_argument("--workers", type=int, default=0, help="processes; 0: one per processor")
    options.add_argument("--menu", type=Path, help="the city's voice menus; default: the ones that ship")
    options.add_argument("--most", type=int, default=MOST, help="callers heard at once in one worker")
    options.add_argument("--words", type=Path, help="socket file where what is said in talks is told")
    given = options.parse_args()
    if not models.is_model(given.model):
        options.error(f"no folder of a Vosk model: {given.model}")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = ServiceSettings(
        model=given.model,
        port=given.port,
        workers=given.workers,
        menu=given.menu,
        most=given.most,
        words=given.words,
    )
    sys.exit(watch.run(settings))


if __name__ == "__main__":
    main()
