"""The command line, run as an operator runs it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hotline.__main__ import main


def hotline(folder: Path, *words: str, **environ: str) -> Result:
    given = {"HOTLINE_STATE_DIR": str(folder), "HOTLINE_CONFIG": None, **environ}
    return CliRunner().invoke(main, words, env=given)


GOLDEN_DAYS = [
    ("2026-02-13", 2, "2026-02-24"),
    ("2026-02-13", 5, "2026-02-27"),
    ("2026-02-13", 7, "2026-03-02"),
    ("2026-02-13", 10, "2026-03-05"),
    ("2026-02-14", 2, "2026-02-25"),
    ("2026-02-14", 10, "2026-03-06"),
    ("2026-09-18", 2, "2026-09-21"),
    ("2026-09-18", 5, "2026-09-24"),
    ("2026-09-18", 7, "2026-09-29"),
    ("2026-09-18", 10, "2026-10-09"),
    ("2026-09-30", 2, "2026-10-09"),
    ("2026-09-30", 5, "2026-10-13"),
    ("2026-09-30", 10, "2026-10-20"),
    ("2026-04-30", 2, "2026-05-07"),
    ("2026-04-30", 5, "2026-05-11"),
    ("2026-04-30", 10, "2026-05-18"),
    ("2025-01-24", 2, "2025-01-27"),
    ("2025-01-24", 10, "2025-02-13"),
    ("2026-12-21", 2, "2026-12-23"),
    ("2026-12-21", 5, "2026-12-28"),
    ("2026-12-21", 7, "2026-12-30"),
    ("2026-12-21", 10, "2027-01-05"),
    ("2010-02-12", 2, "2010-02-21"),
    ("2010-02-12", 10, "2010-03-03"),
]
GOLDEN_MINUTES = [
    ("2026-07-31T11:40", "2026-07-31T15:40"),
    ("2026-07-31T17:30", "2026-08-03T09:00"),
    ("2026-09-18T17:50", "2026-09-20T09:20"),
    ("2026-09-30T17:50", "2026-10-08T09:20"),
    ("2026-02-13T17:00", "2026-02-14T09:00"),
    ("2026-02-16T09:00", "2026-02-24T09:30"),
    ("2026-05-31T23:00", "2026-06-01T09:30"),
]


@pytest.mark.parametrize(("start", "days", "due"), GOLDEN_DAYS)
def test_due_gives_the_golden_working_days(tmp_path: Path, start: str, days: int, due: str) -> None:
    said = hotline(tmp_path, "due", "--from", f"{start}T10:00", "--days", str(days))
    assert (said.exit_code, said.stdout) == (0, f"{due}T23:59:59+08:00\n")


@pytest.mark.parametrize(("start", "due"), GOLDEN_MINUTES)
def test_due_gives_the_golden_working_hours(tmp_path: Path, start: str, due: str) -> None:
    assert hotline(tmp_path, "due", "--from", start, "--hours", "1").stdout == f"{due}:00+08:00\n"


@pytest.mark.parametrize(
    ("start", "days", "pause", "due"),
    [
        ("2026-02-13T10:00", "10", ("2026-02-26T10:00", "2026-03-10T10:00"), "2026-03-18"),
        ("2026-09-21T10:00", "7", ("2026-09-28T10:00", "2026-10-09T10:00"), "2026-10-13"),
    ],
)
def test_due_keeps_what_was_left_over_a_pause(
    tmp_path: Path, start: str, days: str, pause: tuple[str, str], due: str
) -> None:
    said = hotline(tmp_path, "due", "--from", start, "--days", days, "--pause", *pause)
    assert said.stdout == f"{due}T23:59:59+08:00\n", said.output


def test_due_asks_the_rule_set_that_is_named(tmp_path: Path) -> None:
    """F10-03, F10-04: read within two working days, replied within ten."""
    asked = ("due", "--policy", "fuzhou-2010", "--intent", "投诉", "--from", "2026-02-13T10:00", "--clock")
    assert hotline(tmp_path, *asked, "read").stdout == "2026-02-24T23:59:59+08:00\n"
    assert hotline(tmp_path, *asked, "reply").stdout == "2026-03-05T23:59:59+08:00\n"


def test_due_takes_a_moment_with_a_zone_as_it_is(tmp_path: Path) -> None:
    said = hotline(tmp_path, "due", "--from", "2026-02-12T17:00:00+00:00", "--days", "2")
    assert said.stdout == "2026-02-24T23:59:59+08:00\n"  # 01:00 on the 13th in the city


@pytest.mark.parametrize(
    "words",
    [
        ("--from", "昨天", "--days", "2"),
        ("--from", "2026-02-30", "--days", "2"),
        ("--from", "2026-02-13", "--days", "0"),
        ("--from", "2026-02-13", "--days", "-3"),
        ("--from", "2026-02-13", "--policy", "atlantis-2010"),
        ("--from", "2026-02-13", "--policy", "fuzhou-2010", "--days", "2"),
        ("--from", "2026-02-13", "--policy", "fuzhou-2010", "--intent", "唱歌"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_in_words(tmp_path: Path, words: tuple[str, ...]) -> None:
    said = hotline(tmp_path, "due", *words)
    assert said.exit_code != 0
    assert said.stdout == ""
    assert "Error" in said.stderr
    assert "Traceback" not in said.output


def test_every_command_explains_itself(tmp_path: Path) -> None:
    for command in main.commands:
        said = hotline(tmp_path, command, "--help")
        assert said.exit_code == 0
        assert len(said.output) > 80


def test_a_wrong_configuration_is_refused_by_name_not_by_traceback(tmp_path: Path) -> None:
    said = hotline(tmp_path, "check", HOTLINE_AGI_PROT="1")
    assert said.exit_code == 1
    assert "agi_prot" in said.stderr


def test_check_says_of_an_empty_machine_what_is_missing_and_how_to_mend_it(tmp_path: Path) -> None:
    said = hotline(tmp_path, "check", HOTLINE_AMI_PORT="1", HOTLINE_AGI_PORT="1", HOTLINE_CONSOLE_PORT="1")
    assert said.exit_code == 1
    for part in ("密钥", "数据库", "语音", "AMI", "网页"):
        assert f"✗ {part}" in said.stdout, said.stdout
    assert "hotline demo" in said.stdout


def test_run_without_preparation_says_what_to_do(tmp_path: Path) -> None:
    said = hotline(tmp_path, "run")
    assert said.exit_code == 1
    assert "make setup" in said.stderr
