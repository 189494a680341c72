"""What was learnt, as plain numbers, and as Kaldi's `final.mdl`: written byte by byte, so that no Kaldi is needed.

Each phone has one emitting state; entering it is one output of the network, staying in it another.
"""

import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ivr.speech.builder.phones import Phones

Numbers = NDArray[np.float64]

STRIDE = 3  # of frames of 10 ms
CONTEXT = 14  # frames on each side: 1 + 1 + 4 × 3
# Divided by priors as they are, rare phones beat silence.
LEAST_SHARE, SHARE_POWER = 0.003, 0.3
PARTS = ("weights", "bias", "mean", "variance")


@dataclass(frozen=True, slots=True)
class Layer:
    """A convolution of three frames, followed by ReLU and a normalisation."""

    weights: Numbers  # outputs × inputs × 3
    bias: Numbers
    mean: Numbers
    variance: Numbers


@dataclass(frozen=True, slots=True)
class Acoustic:
    """The network, and what it takes to read its answers."""

    phones: tuple[str, ...]
    mean: Numbers
    deviation: Numbers
    layers: tuple[Layer, ...]
    output: tuple[Numbers, Numbers]
    share: Numbers  # how often each output was right in training

    def save(self, path: Path) -> None:
        """Keep all of it, so that a model can be written again without training."""
        kept: dict[str, Any] = {
            f"{i}.{k}": getattr(one, k) for i, one in enumerate(self.layers) for k in PARTS
        }
        kept |= {"mean": self.mean, "deviation": self.deviation, "share": self.share}
        kept |= {"phones": np.array(self.phones), "weights": self.output[0], "bias": self.output[1]}
        np.savez(path, **kept)


def load(path: Path) -> Acoustic:
    with np.load(path) as kept:
        count = sum(name.endswith(".variance") for name in kept.files)
        layers = [Layer(*(kept[f"{i}.{k}"] for k in PARTS)) for i in range(count)]
        return Acoustic(
            tuple(map(str, kept["phones"])),
            kept["mean"],
            kept["deviation"],
            tuple(layers),
            (kept["weights"], kept["bias"]),
            kept["share"],
        )


def write(path: Path, learnt: Acoustic) -> None:
    """Write `final.mdl`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    phones = Phones(learnt.phones)
    path.write_bytes(b"\0B" + _transitions(phones) + _network(learnt) + _priors(learnt))


def _transitions(phones: Phones) -> bytes:
    count = len(phones.names) - 1
    every = _ints(range(1, count + 1)) + _ints([-1, *[0] * count])  # all phones have the one topology
    speaking = _int(0) + _int(1) + _int(2) + _int(0) + _float(0.5) + _int(1) + _float(0.5)  # stay, or go
    topology = every + _int(-1) + _int(1) + _int(2) + speaking + _int(-1) + _int(-1) + _int(0)
    tuples = b"".join(
        _int(phone) + _int(0) + _int(2 * phones.owner(phone)) + _int(2 * phones.owner(phone) + 1)
        for phone in range(1, count + 1)
    )
    chances = _vector([0.0, *[math.log(0.5)] * (2 * count)])
    return (
        _word("<TransitionModel>")
        + (_word("<Topology>") + topology + _word("</Topology>"))
        + (_word("<Tuples>") + _int(count) + tuples + _word("</Tuples>"))
        + (_word("<LogProbs>") + chances + _word("</LogProbs>"))
        + _word("</TransitionModel>")
    )


def folded(learnt: Acoustic) -> list[tuple[Numbers, Numbers]]:
    """Return the affine parts with every normalisation taken into the one that follows it."""
    scale, shift = 1 / learnt.deviation, -learnt.mean / learnt.deviation
    affine: list[tuple[Numbers, Numbers]] = []
    for layer in learnt.layers:
        bias = layer.bias + (layer.weights * shift[None, :, None]).sum((1, 2))
        weights = layer.weights * scale[None, :, None]
        affine.append((np.concatenate([weights[:, :, k] for k in range(3)], axis=1), bias))
        scale = 1 / np.sqrt(layer.variance + 1e-5)
        shift = -layer.mean * scale
    last, bias = learnt.output
    return [*affine, (last * scale[None], bias + last @ shift)]


def _network(learnt: Acoustic) -> bytes:
    affine = folded(learnt)
    parts: list[bytes] = []
    for number, (weights, bias) in enumerate(affine[:-1]):
        parts += [_component(f"tdnn{number}.affine", _affine(weights, bias))]
        parts += [_component(f"tdnn{number}.relu", _plain("RectifiedLinearComponent", len(bias)))]
    weights, bias = affine[-1]
    parts += [_component("output.affine", _affine(weights, bias))]
    parts += [_component("output.log-softmax", _plain("LogSoftmaxComponent", len(bias)))]
    head = _word("<Nnet3>") + b"\n" + _wiring(len(affine) - 1).encode() + b"\n"
    return head + _word("<NumComponents>") + _int(len(parts)) + b"".join(parts) + _word("</Nnet3>")


def _wiring(convolutions: int) -> str:
    lines, before = ["input-node name=input dim=40"], "input"
    for number in range(convolutions):
        reach = 1 if number < 2 else STRIDE
        spliced = f"Append(Offset({before}, -{reach}), {before}, Offset({before}, {reach}))"
        affine, before = f"tdnn{number}.affine", f"tdnn{number}.relu"
        lines += [f"component-node name={affine} component={affine} input={spliced}"]
        lines += [f"component-node name={before} component={before} input={affine}"]
    lines += [f"component-node name=output.affine component=output.affine input={before}"]
    lines += ["component-node name=output.log-softmax component=output.log-softmax input=output.affine"]
    lines += ["output-node name=output input=output.log-softmax objective=linear"]
    return "\n".join(lines) + "\n"


def _component(name: str, content: bytes) -> bytes:
    return _word("<ComponentName>") + _word(name) + content


def _affine(weights: Numbers, bias: Numbers) -> bytes:
    linear = _word("<LinearParams>") + _matrix(weights) + _word("<BiasParams>") + _vector(bias)
    return _word("<FixedAffineComponent>") + linear + _word("</FixedAffineComponent>")


def _plain(kind: str, width: int) -> bytes:
    """Write a component without weights; what else Kaldi keeps in it are figures of training."""
    figures = _word("<ValueAvg>") + _vector([]) + _word("<DerivAvg>") + _vector([])
    figures += _word("<Count>") + _double(0) + _word("<OderivRms>") + _vector([])
    figures += _word("<OderivCount>") + _double(0) + _word("<NumDimsSelfRepaired>") + _double(0)
    figures += _word("<NumDimsProcessed>") + _double(0) + _word("<SelfRepairScale>") + _float(0)
    return _word(f"<{kind}>") + _word("<Dim>") + _int(width) + figures + _word(f"</{kind}>")


def _priors(learnt: Acoustic) -> bytes:
    share = np.maximum(learnt.share, LEAST_SHARE) ** SHARE_POWER
    context = _word("<LeftContext>") + _int(CONTEXT) + _word("<RightContext>") + _int(CONTEXT)
    return context + _word("<Priors>") + _vector(share / share.sum())


def _word(text: str) -> bytes:
    return text.encode() + b" "


def _int(value: int) -> bytes:
    return b"\x04" + struct.pack("<i", value)


def _float(value: float) -> bytes:
    return b"\x04" + struct.pack("<f", value)


def _double(value: float) -> bytes:
    return b"\x08" + struct.pack("<d", value)


def _ints(values: Iterable[int]) -> bytes:
    listed = np.asarray(list(values), "<i4")
    return b"\x04" + struct.pack("<i", len(listed)) + listed.tobytes()


def _vector(values: "Numbers | list[float]") -> bytes:
    listed = np.asarray(values, "<f4")
    return b"FV " + _int(len(listed)) + listed.tobytes()


def _matrix(values: Numbers) -> bytes:
    listed = np.ascontiguousarray(values, "<f4")
    return b"FM " + _int(listed.shape[0]) + _int(listed.shape[1]) + listed.tobytes()
