"""The machines of a cluster: each runs an Asterisk and a process of ours, and knows the addresses of the others."""

import ipaddress
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

_ADDRESS = re.compile(
    r"(?P<name>[A-Za-z0-9-]+)=(?P<host>[0-9.]+):(?P<ami>\d+)/(?P<sip_host>[0-9.]+):(?P<sip>\d+)"
)

_PAGES = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")


EVERYWHERE = "0.0.0.0"  # noqa: S104 - compared with, not bound to


class BadNode(ValueError):
    """What is wrong with the address of a node, in words for the person who wrote it."""


@dataclass(frozen=True, slots=True)
class Node:
    """Another node, as this one reaches it."""

    name: str
    host: str
    ami_port: int
    sip_host: str
    sip_port: int


def parse(text: str) -> Node:
    """Read `name=host:ami_port/sip_host:sip_port`.

    Addresses are numbers, not names: Asterisk lets an AMI user and a trunk in by their number only, and a name would
    make every call wait for a name server.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise BadNode(
            f"应写作 name=host:ami_port/sip_host:sip_port, 地址用数字 with numeric addresses: {text!r}"
        )
    for host in (found["host"], found["sip_host"]):
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            raise BadNode(f"不是 IPv4 地址 not an IPv4 address: {host}") from None
    for port in (found["ami"], found["sip"]):
        if not 0 < int(port) < 65536:
            raise BadNode(f"端口应在 1–65535 之间 a port is 1–65535: {port}")
    return Node(found["name"], found["host"], int(found["ami"]), found["sip_host"], int(found["sip"]))


def parse_all(texts: Iterable[str], *, here: str) -> tuple[Node, ...]:
    """Read the other nodes; a name that comes twice, or is our own, would mix two nodes' calls."""
    nodes = tuple(parse(text) for text in texts)
    names = [here, *(node.name for node in nodes)]
    for name in names:
        if names.count(name) > 1:
            raise BadNode(f"节点名重复 this name is there twice: {name}")
    return nodes


def parse_pages(texts: Iterable[str], nodes: Iterable[Node]) -> dict[str, str]:
    """Read `name=http://host:port`: where the pages of each of these nodes are reached from here."""
    known, pages = {node.name for node in nodes}, {}
    for text in texts:
        name, _, address = text.partition("=")
        if name not in known or not _PAGES.fullmatch(address):
            raise BadNode(f"应写作 name=http://host:port, 节点在 nodes 中 with a node of `nodes`: {text!r}")
        pages[name] = address
    return pages


def stands_by(readiness: bytes) -> bool:
    """Tell whether what /readyz says is that of a process that is well and leaves the lead to another."""
    try:
        told = json.loads(readiness)
    except ValueError:
        return False
    return isinstance(told, dict) and told.get("role") == "stand_by" and not told.get("missing")


def covers(match: str, host: str) -> bool:
    """Tell whether the address is in the network; what is written as a name is no network."""
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(match, strict=False)
    except ValueError:
        return False


def pjsip(nodes: Iterable[Node]) -> str:
    """Return the trunks to the other nodes: whoever calls from their addresses may ring seats, see pjsip.conf."""
    return "".join(
        f"[node-{node.name}](node)\naors = node-{node.name}\n"
        f"[node-{node.name}](node-place)\ncontact = sip:{node.sip_host}:{node.sip_port}\n"
        f"[node-{node.name}]\ntype = identify\nendpoint = node-{node.name}\nmatch = {node.sip_host}\n"
        for node in nodes
    )


def reached_at(bind: str) -> str:
    """Return where this machine itself finds what is bound there."""
    return "127.0.0.1" if bind == EVERYWHERE else bind


def manager(nodes: Iterable[Node], *, bind: str) -> str:
    """Return where AMI listens, and whom it lets in beside loopback: the other nodes, and ourselves from there."""
    hosts = dict.fromkeys((*(node.host for node in nodes), reached_at(bind)))
    permits = [f"permit = {host}/255.255.255.255\n" for host in hosts if host != "127.0.0.1"]
    own = [line for line in permits if line.startswith(f"permit = {bind}/")]
    accounts = (("hotline", permits), ("hotline-watch", own))
    let_in = "".join(f"[{name}](+)\n" + "".join(lines) for name, lines in accounts if lines)
    return f"[general](+)\nbindaddr = {bind}\n{let_in}"
