"""How each node of the exchange is heard: linked or not, when it last spoke, when it was last looked at as a whole."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from routing.live import node_of


@dataclass(frozen=True, slots=True)
class Link:
    """One node. With one exchange its name is ''."""

    linked: bool = False
    heard_at: datetime | None = None
    """The last word of any kind."""
    compared_at: datetime | None = None
    """The moment of the last whole picture of it."""
    changed_at: datetime | None = None
    """When the link came up or broke."""
    epoch: str = ""
    """Which start of the exchange this is; a new one means that all calls of before are over."""


class Links:
    """All nodes. A name that was never linked belongs to the only node, if there is only one."""

    def __init__(self) -> None:
        self.nodes: dict[str, Link] = {}

    @property
    def any_linked(self) -> bool:
        return any(link.linked for link in self.nodes.values())

    @property
    def heard_at(self) -> datetime | None:
        """Return the age of the oldest part of the picture: the last word of the quietest linked node."""
        linked = [link.heard_at for link in self.nodes.values() if link.linked and link.heard_at]
        every = [link.heard_at for link in self.nodes.values() if link.heard_at]
        return min(linked) if linked else max(every, default=None)

    def linked(self, node: str) -> bool:
        return self.nodes.get(self.known(node), Link()).linked

    def deaf(self) -> frozenset[str]:
        """Return the nodes that are not heard now."""
        return frozenset(node for node, link in self.nodes.items() if not link.linked)

    def set(self, node: str, at: datetime, *, linked: bool) -> bool:
        """Take in that the node is heard, or is not any more; tell whether this is news."""
        link = self.nodes.get(node, Link())
        news = linked != link.linked
        heard = at if linked else link.heard_at
        changed = at if news or link.changed_at is None else link.changed_at
        self.nodes[node] = replace(link, linked=linked, heard_at=heard, changed_at=changed)
        return news

    def heard(self, node: str, at: datetime) -> None:
        node = self.known(node)
        link = self.nodes.get(node, Link())
        if link.heard_at is None or at > link.heard_at:
            self.nodes[node] = replace(link, heard_at=at)

    def compared(self, node: str, at: datetime, epoch: str) -> None:
        self.nodes[node] = replace(self.nodes.get(node, Link()), compared_at=at, epoch=epoch)

    def rewind(self, node: str, at: datetime) -> None:
        """The clock was set back: words of the future are words of now."""
        link = self.nodes.get(node, Link())
        self.nodes[node] = replace(link, heard_at=at)

    def known(self, node: str) -> str:
        return node if node in self.nodes else ""


def within(node: str) -> Callable[[str], bool]:
    """Return what tells whether a call belongs to the node; every call belongs to the only one."""
    return lambda call: not node or node_of(call) == node
