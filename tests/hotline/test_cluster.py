"""Who the other nodes are, and what the configuration of a cluster must have."""

from pathlib import Path

import pytest

from hotline import cluster
from hotline.cluster import BadNode, Node, parse, parse_all
from hotline.config import ConfigError, load

OTHER = "hotline2=10.0.0.12:5038/10.0.1.12:5060"
NEEDS = {"HOTLINE_NODES": OTHER, "HOTLINE_REDIS_URL": "redis://r", "HOTLINE_DATABASE_URL": "postgresql://d"}


def test_a_node_is_a_name_where_it_hears_ami_and_where_it_hears_sip() -> None:
    assert parse(OTHER) == Node("hotline2", "10.0.0.12", 5038, "10.0.1.12", 5060)


@pytest.mark.parametrize(
    "text",
    [
        "hotline2",
        "hotline2=10.0.0.12:5038",
        "hotline2=example.org:5038/10.0.1.12:5060",
        "hotline2=10.0.0.999:5038/10.0.1.12:5060",
        "hotline2=10.0.0.12:0/10.0.1.12:5060",
        "hotline2=10.0.0.12:5038/10.0.1.12:70000",
        "hot]line=10.0.0.12:5038/10.0.1.12:5060",
        "hotline2=10.0.0.12:5038/10.0.1.12:5060\n[general]",
    ],
)
def test_what_is_no_node_is_refused_and_never_reaches_asterisks_files(text: str) -> None:
    with pytest.raises(BadNode):
        parse(text)


def test_no_name_comes_twice() -> None:
    with pytest.raises(BadNode):
        parse_all([OTHER, OTHER], here="hotline1")
    with pytest.raises(BadNode):
        parse_all([OTHER], here="hotline2")


@pytest.mark.parametrize("missing", ["HOTLINE_REDIS_URL", "HOTLINE_DATABASE_URL"])
def test_a_cluster_needs_redis_and_postgresql(missing: str, tmp_path: Path) -> None:
    environ = {name: value for name, value in NEEDS.items() if name != missing}
    with pytest.raises(ConfigError, match=missing.removeprefix("HOTLINE_").lower()):
        load(environ, tmp_path)
    assert load(NEEDS, tmp_path).nodes == (OTHER,)


def test_calls_of_a_node_are_never_taken_for_citizens_calls(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="hotline2"):
        load(NEEDS | {"HOTLINE_TRUNK": "10.0.1.0/24"}, tmp_path)


def test_ami_lets_in_the_other_nodes_and_itself_and_nobody_else() -> None:
    text = cluster.manager([parse(OTHER)], bind="10.0.0.11")
    assert "bindaddr = 10.0.0.11\n" in text
    account, watch = text.partition("[hotline]")[2].split("[hotline-watch](+)")
    assert [line for line in account.splitlines() if line.startswith("permit")] == [
        "permit = 10.0.0.12/255.255.255.255",
        "permit = 10.0.0.11/255.255.255.255",
    ]
    assert watch.split() == ["permit", "=", "10.0.0.11/255.255.255.255"]
    assert "permit" not in cluster.manager([], bind="127.0.0.1")


def test_a_process_that_stands_by_is_well_and_one_that_misses_something_is_not() -> None:
    assert cluster.stands_by(b'{"ready": false, "role": "stand_by", "missing": []}')
    assert not cluster.stands_by(b'{"ready": false, "role": "stand_by", "missing": ["x"]}')
    assert not cluster.stands_by(b'{"ready": false, "role": "lead", "missing": []}')
    assert not cluster.stands_by(b"<html>")
