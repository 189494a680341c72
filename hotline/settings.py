"""What each part is told of the configuration: the parts receive plain values, never the configuration itself."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
