"""Everything a city may decide for itself, in one value that travels with every unit of work."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from cases.calendar import OFFICE_HOURS, OfficeHours, WorkCalendar
from cases.numbers import WHOLE_DAY, Block, block_of
from cases.policies import POLICIES, Policy


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force. `node_block` holds the case serials that this node may give out."""

    calendar: WorkCalendar
    hours: OfficeHours
    policy: Policy
    city_code: str
    node_block: Block = WHOLE_DAY

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the city: its calendar's, so that the two cannot differ."""
        return self.calendar.zone


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
