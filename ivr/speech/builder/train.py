"""Trains the acoustic network: six convolutions over 280 ms of sound, one probability for the begin and one for the
rest of each phone. The only file that needs PyTorch.
"""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ivr.speech.builder import espeak, features
from ivr.speech.builder.acoustic import CONTEXT, STRIDE, Acoustic, Layer
from ivr.speech.builder.labels import Example, outputs_of

log = logging.getLogger(__name__)

WIDTH = 192
CONVOLUTIONS = 6
BATCH = 24
IGNORED = -100
Tensor = Any  # torch is an extra; who checks types need not have it


@dataclass(frozen=True, slots=True)
class Course:
    """How long to train."""

    epochs: int = 8
    threads: int = 1
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Lessons:
    """The examples, and what the network needs to read them."""

    examples: Sequence[Example]
    phones: tuple[str, ...]  # SIL first
    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]


def lessons(examples: Sequence[Example]) -> Lessons:
    named = sorted({one.phone for example in examples for one in example.segments} - {espeak.SILENCE})
    some = np.concatenate([example.features.astype(np.float32) for example in examples[::20]])
    return Lessons(examples, (espeak.SILENCE, *named), some.mean(0), some.std(0))


def train(given: Lessons, course: Course) -> Acoustic:
    """Return the network that has learnt from the examples; one in fifty of them is kept to see how it does."""
    torch.set_num_threads(course.threads)
    torch.manual_seed(course.seed)
    draw = random.Random(course.seed)  # noqa: S311  drawn, no secret
    by_length = sorted(range(len(given.examples)), key=lambda i: len(given.examples[i].features))
    kept = by_length[::50]
    batches = _batches([i for i in by_length if i not in set(kept)])
    network = _network(2 * len(given.phones))
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-2)
    steps = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, 3e-3, total_steps=course.epochs * len(batches), pct_start=0.15
    )
    for epoch in range(course.epochs):
        draw.shuffle(batches)
        loss = sum(_step(network, optimiser, steps, _batch(given, batch, draw)) for batch in batches)
        right = _right(network, given, _batches(kept))
        log.info(
            "epoch %d of %d: loss %.4f, frames right %.4f",
            epoch + 1,
            course.epochs,
            loss / len(batches),
            right,
        )
    return _taken(network, given)


def _network(outputs: int) -> Tensor:
    layers: list[Tensor] = []
    for number in range(CONVOLUTIONS):
        width = features.CEPSTRA if number == 0 else WIDTH
        # From the second on one frame in three is enough: that is where most of the time goes.
        layers += [nn.Conv1d(width, WIDTH, 3, stride=STRIDE if number == 1 else 1), nn.ReLU()]
        layers += [nn.BatchNorm1d(WIDTH, affine=False)]
    return nn.Sequential(*layers, nn.Dropout1d(0.1), nn.Conv1d(WIDTH, outputs, 1))


def _batches(places: list[int]) -> list[list[int]]:
    return [places[i : i + BATCH] for i in range(0, len(places), BATCH)]


def _step(network: Tensor, optimiser: Tensor, steps: Tensor, batch: tuple[Tensor, Tensor]) -> float:
    network.train()
    sound, labels = batch
    heard = network(sound)[:, :, : labels.shape[1]]
    loss = nn.functional.cross_entropy(heard, labels, label_smoothing=0.05, ignore_index=IGNORED)
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 2.0)
    optimiser.step()
    steps.step()
    return float(loss.item())


def _right(network: Tensor, given: Lessons, batches: list[list[int]]) -> float:
    """Return the share of frames named rightly."""
    network.eval()
    right = frames = 0
    with torch.no_grad():
        for batch in batches:
            sound, labels = _batch(given, batch, None)
            heard = network(sound)[:, :, : labels.shape[1]].argmax(1)
            counted = labels != IGNORED
            right += int(((heard == labels) & counted).sum().item())
            frames += int(counted.sum().item())
    return right / max(frames, 1)


def _batch(given: Lessons, places: list[int], draw: random.Random | None) -> tuple[Tensor, Tensor]:
    sounds, labels = [], []
    numbers = {phone: number for number, phone in enumerate(given.phones)}
    for place in places:
        example = given.examples[place]
        shift = draw.randint(0, STRIDE - 1) if draw else 0
        sound = (example.features[shift:].astype(np.float32) - given.mean) / given.deviation
        sounds.append(np.pad(sound, ((CONTEXT, CONTEXT), (0, 0)), "edge"))
        labels.append(outputs_of(example, numbers, shift))
    longest, most = max(map(len, sounds)), max(map(len, labels))
    even = [np.pad(one, ((0, longest - len(one)), (0, 0)), "edge") for one in sounds]
    wanted = [np.pad(one, (0, most - len(one)), constant_values=IGNORED) for one in labels]
    return torch.from_numpy(np.stack(even).transpose(0, 2, 1).copy()), torch.from_numpy(np.stack(wanted))


def _taken(network: Tensor, given: Lessons) -> Acoustic:
    """Return what has been learnt as plain numbers."""
    network.eval()
    convolutions = [part for part in network if isinstance(part, nn.Conv1d)]
    norms = [part for part in network if isinstance(part, nn.BatchNorm1d)]
    layers = [
        Layer(
            _numbers(part.weight),
            _numbers(part.bias),
            _numbers(norm.running_mean),
            _numbers(norm.running_var),
        )
        for part, norm in zip(convolutions, norms, strict=False)
    ]
    last = convolutions[-1]
    counts = np.ones(2 * len(given.phones))
    numbers = {phone: number for number, phone in enumerate(given.phones)}
    for example in given.examples[::7]:
        counts += np.bincount(outputs_of(example, numbers, 0), minlength=len(counts))
    return Acoustic(
        phones=given.phones,
        mean=given.mean.astype(np.float64),
        deviation=given.deviation.astype(np.float64),
        layers=tuple(layers),
        output=(_numbers(last.weight)[:, :, 0], _numbers(last.bias)),
        share=counts / counts.sum(),
    )


def _numbers(tensor: Tensor) -> NDArray[np.float64]:
    return np.asarray(tensor.detach().numpy(), np.float64)
