"""What there is to do because there is a speech service: ask how it is, have talks written down, and messages."""

from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime

from agi_scripts.nodes import Nodes
from hotline.config import Config
from hotline.message_words import MessageWords
from hotline.note_words import NoteWords
from ivr.speech.probe import Probe
from ivr.speech.transcriber import Transcriber
from routing.dictation import Dictation
from routing.engine import Engine
from storage.engine import Store


@dataclass(frozen=True, slots=True)
class Hearing:
    """The parts of our process that follow from it. A city may want no drafts and have its menus listen all the same."""

    probe: Probe
    dictation: Dictation | None = None
    messages: MessageWords | None = None
    notes: NoteWords | None = None

    def tasks(self) -> dict[str, Coroutine[object, object, None]]:
        """Return what is to run beside everything else."""
        tasks = {"health of the speech service": self.probe.run()}
        if self.dictation is not None:
            tasks["drafts of talks"] = self.dictation.run()
        if self.messages is not None:
            tasks["words of messages"] = self.messages.run()
        if self.notes is not None:
            tasks["words of what is added to cases"] = self.notes.run()
        return tasks


def hearing(config: Config, store: Store, engine: Engine, nodes: Nodes) -> Hearing | None:
    """Put them together; None if the city has no speech service."""
    if not config.speech:
        return None
    probe = Probe(config.speech_port + 1)
    if not config.transcripts:
        return Hearing(probe)
    transcribe = Transcriber(config.speech_port)
    messages = MessageWords(
        store=store,
        folder=config.state_dir / "spool" / "messages",
        there=probe,
        transcribe=transcribe,
        now=now,
    )
    notes = NoteWords(
        store=store, folder=config.state_dir / "recordings", there=probe, transcribe=transcribe, now=now
    )
    return Hearing(probe, Dictation(engine, nodes, probe), messages, notes)


def now() -> datetime:
    return datetime.now(UTC)
