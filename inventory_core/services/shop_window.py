"""What an order names: its channel, its activities, and what they say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inventory_core.records import (
    Activity,
    ActivityState,
    Channel,
    DeductAt,
    OrderLine,
    ShopOrder,
)
from inventory_core.services.answers import because
from inventory_core.services.contract import OrderRequest, Why
from inventory_core.steps import rows


@dataclass(frozen=True, slots=True)
class Window:
    """A channel and those of its activities that an order names."""

    channel: Channel
    activities: Mapping[str, Activity]

    @property
    def deduct_at(self) -> DeductAt:
        """At payment only if every place that the order takes from says so."""
        at_payment = all(rule is DeductAt.PAYMENT for rule in self._rules)
        return DeductAt.PAYMENT if at_payment else DeductAt.ORDER

    @property
    def hold_s(self) -> int:
        """The shortest of its places."""
        activities = self.activities.values()
        return min([self.channel.hold_s, *(activity.hold_s for activity in activities)])

    @property
    def limits(self) -> Mapping[str, int]:
        """The limit per buyer of each activity; 0 is none."""
        return {code: activity.limit_per_buyer for code, activity in self.activities.items()}

    @property
    def _rules(self) -> list[DeductAt]:
        activities = [activity.deduct_at for activity in self.activities.values()]
        return activities or [self.channel.deduct_at]

    def lines_of(self, request: OrderRequest) -> tuple[OrderLine, ...]:
        """The request's lines as rows, divided into one part an engine, or an own part a line."""
        sources = [
            self.activities[one.activity] if one.activity else self.channel for one in request.lines
        ]
        engines = sorted({source.engine for source in sources})
        return tuple(
            OrderLine(
                request.order_id,
                number,
                number if request.partial else engines.index(source.engine) + 1,
                source.engine,
                source.place,
                one.activity,
                one.sku,
                one.quantity,
            )
            for number, (one, source) in enumerate(zip(request.lines, sources, strict=True), 1)
        )

    def why_closed(self, now_ms: int) -> str:
        """Why an activity takes no orders now; empty if all do."""
        for activity in self.activities.values():
            in_time = activity.opens_ms <= now_ms < activity.closes_ms
            if activity.state is not ActivityState.OPEN or not in_time:
                when = "is over" if now_ms >= activity.closes_ms else "has not opened"
                if in_time:
                    when = f"is {activity.state.value}"
                return because(Why.ACTIVITY_NOT_OPEN, f"the activity {activity.code} {when}")
        return ""


async def look_up(channel: str, activities: Sequence[str]) -> Window | str:
    """A channel and its activities; a reason if there is no such thing."""
    found = await rows.Get(Channel, (channel,))
    if found is None or not found.active:
        return because(Why.NO_SUCH_CHANNEL, f"there is no open channel {channel}")
    known: dict[str, Activity] = {}
    for code in sorted({code for code in activities if code}):
        activity = await rows.Get(Activity, (code,))
        if activity is None or activity.channel != channel:
            return because(Why.NO_SUCH_ACTIVITY, f"channel {channel} has no activity {code}")
        known[code] = activity
    return Window(found, known)


async def channel_of(order: ShopOrder) -> Channel:
    """The channel of an order that is placed already; it may have closed since."""
    found = await rows.Get(Channel, (order.channel,))
    assert found is not None, f"the channel of {order.order_id} is gone; rows are kept"
    return found
