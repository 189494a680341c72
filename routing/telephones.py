"""Which seats' telephones each node can ring, as it has said itself. A page may only believe that it is registered."""

from routing.switch import Snapshot


class Telephones:
    """What was heard last, by node and seat; kept for seats to which nobody has come yet."""

    def __init__(self) -> None:
        self._heard: dict[tuple[str, str], bool] = {}
        self._telling: set[str] = set()
        """The nodes that tell of telephones at all; of any other, what a page says is all there is."""

    def heard(self, node: str, seat: str, reachable: bool) -> None:
        self._heard[node, seat] = reachable

    def take_in(self, snapshot: Snapshot, *, anew: bool = False) -> None:
        """Believe a whole picture; `anew` is the first one after a loss, and nothing from before it counts."""
        if snapshot.telephones is None:
            return
        node = snapshot.node
        self._telling.add(node)
        if anew:
            self._heard = {place: said for place, said in self._heard.items() if place[0] != node}
        for member in snapshot.members:
            self._heard[node, member.seat] = member.seat in snapshot.telephones

    def reachable(self, node: str, seat: str) -> bool:
        """Tell whether the node can ring the seat. One that it has said nothing of it cannot."""
        return self._heard.get((node, seat), node not in self._telling)
