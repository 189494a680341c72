"""Where the model is: the one the city names, the one it installed, or the synthetic one that ships for tests."""

from pathlib import Path

SYNTHETIC = Path(__file__).parent / "zh-mini-synth"
INSTALLED = "speech"  # folder of the state folder into which `hotline speech install` puts a model


class NoModel(Exception):
    """Why no model can be used, in words for the person who runs the hotline."""


def find(configured: str, state_dir: Path) -> Path:
    """Return the folder of the model to use. Raises NoModel if the city names one that is none."""
    if configured:
        folder = Path(configured)
        if not is_model(folder):
            raise NoModel(f"speech_model: 不是语音模型目录 this is no folder of a Vosk model: {folder}")
        return folder
    installed = state_dir / INSTALLED / "model"
    return installed if is_model(installed) else SYNTHETIC


def is_model(folder: Path) -> bool:
    """Say whether Vosk would load it: it ends the whole process when it finds no such files."""
    places = ("am/final.mdl", "final.mdl")
    return any((folder / place).is_file() for place in places)


def is_synthetic(folder: Path) -> bool:
    """The model that ships understands a synthesiser; on citizens it is of no use, and pages say so."""
    return folder.resolve().name == SYNTHETIC.name
