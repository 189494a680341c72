"""What is decoded: what somebody may have said, and nothing of the silence around it."""

from array import array

from ivr.speech.gate import BEFORE, CHUNK, OPEN_CHUNKS, SILENCE, Gate, is_loud, level


def sound(size: int) -> bytes:
    return array("h", [size, -size] * (CHUNK // 4)).tobytes()


HISS, VOICE, QUIET_VOICE = sound(20), sound(3000), sound(300)


def test_a_silent_caller_costs_nothing() -> None:
    gate = Gate()
    assert not any(gate.passed(HISS) for _ in range(100))
    assert not gate.is_open


def test_the_beginning_of_a_word_is_not_cut_off() -> None:
    gate = Gate()
    for _ in range(20):
        gate.passed(HISS)
    assert gate.passed(QUIET_VOICE) == HISS * BEFORE + QUIET_VOICE
    assert gate.passed(VOICE) == VOICE


def test_enough_silence_follows_a_word_for_the_recogniser_to_see_its_end() -> None:
    gate = Gate()
    gate.passed(VOICE)
    passed = [gate.passed(SILENCE) for _ in range(40)]
    assert [bool(chunk) for chunk in passed] == [True] * OPEN_CHUNKS + [False] * (40 - OPEN_CHUNKS)


def test_seconds_without_voice_are_counted() -> None:
    gate = Gate()
    gate.passed(VOICE)
    gate.passed(VOICE)
    assert (gate.quiet, round(gate.voiced, 1)) == (0.0, 0.2)
    gate.passed(HISS)
    assert round(gate.quiet, 1) == 0.1


def test_clicks_with_pauses_between_them_are_no_longer_voice_than_one() -> None:
    gate = Gate()
    for _ in range(10):
        for chunk in (VOICE, HISS, HISS, HISS):
            gate.passed(chunk)
    assert round(gate.voiced, 1) == 0.1


def test_steady_noise_is_decoded_but_after_a_while_it_is_no_voice() -> None:
    gate = Gate()
    for _ in range(80):
        assert gate.passed(QUIET_VOICE)
    assert gate.quiet > 1
    gate.passed(VOICE)
    assert gate.quiet == 0


def test_the_loudness_of_nothing_is_nothing() -> None:
    assert level(b"") == 0
    assert not is_loud(SILENCE)
    assert is_loud(QUIET_VOICE)
