"""Everything a city may decide for itself, in one value that travels with every unit of work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from cases.calendar import OFFICE_HOURS, OfficeHours, WorkCalendar
from cases.numbers import WHOLE_DAY, Block, block_of
from cases.policies import POLICIES, Policy


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force. `node_block` holds the case serials that this node may give out.

    `hours` are the centre's own office hours, and those of every unit for which none are named.
    """

    calendar: WorkCalendar
    hours: OfficeHours
    policy: Policy
    city_code: str
    node_block: Block = WHOLE_DAY
    hours_of_kind: Mapping[str, OfficeHours] = field(default_factory=dict)
    hours_of_unit: Mapping[str, OfficeHours] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the city: its calendar's, so that the two cannot differ."""
        return self.calendar.zone

    @property
    def has_own_hours(self) -> bool:
        """Tell whether any unit keeps hours other than the centre's; most cities need not look."""
        return bool(self.hours_of_kind or self.hours_of_unit)

    def hours_for(self, kind: str, *units: str) -> OfficeHours:
        """Return the hours of a unit of this kind; `units` are its code and those above it, nearest first."""
        for unit in units:
            if (own := self.hours_of_unit.get(unit)) is not None:
                return own
        return self.hours_of_kind.get(kind, self.hours)


def rules_for(
    city_code: str,
    *,
    policy: str = "fuzhou-2017",
    hours: str = "fuzhou",
    zone: str = "Asia/Shanghai",
    node: int | None = None,
) -> Rules:
    """Build the rules of a city from names; `node` is 0 to 9 where several nodes share the day's serials.

    Raises KeyError for a name that is not known, so that a wrong configuration stops at the start.
    """
    return Rules(
        calendar=WorkCalendar(ZoneInfo(zone)),
        hours=OFFICE_HOURS[hours],
        policy=POLICIES[policy],
        city_code=city_code.upper(),
        node_block=WHOLE_DAY if node is None else block_of(node),
    )
