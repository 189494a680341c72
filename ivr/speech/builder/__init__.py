"""Builds the synthetic test model: speech of a synthesiser in, a folder that Vosk loads out. Needs the extra `train`."""
