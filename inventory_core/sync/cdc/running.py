"""Keeping a capture or a consumer running over lost connections, until it is told to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing

from inventory_core.problems import Problem
from inventory_core.sync.cdc.broker import open_broker
from inventory_core.sync.cdc.capture import open_capture
from inventory_core.sync.cdc.consumer import Consumer, Product
from inventory_core.sync.cdc.errors import BrokerLost, ProductLost, SourceLost, Stopped
from inventory_core.sync.cdc.lag import CaptureFigures, ConsumerFigures
from inventory_core.sync.cdc.limits import PipelineLimits
from inventory_core.sync.cdc.pipeline import Pipeline
from inventory_core.sync.cdc.relay import Relay
from inventory_core.sync.cdc.state import CaptureState

GoOn = Callable[[], bool]


def run_capture(pipeline: Pipeline, figures: CaptureFigures, go_on: GoOn) -> None:
    """Capture and relay. A broken relay begins anew from what was acknowledged."""
    with closing(CaptureState(pipeline.state, pipeline.name)) as state:
        _again(lambda alive: _relayed(pipeline, state, figures, alive), pipeline.limits, go_on)


def run_consumer(
    pipeline: Pipeline, product: Product, figures: ConsumerFigures, go_on: GoOn
) -> None:
    """Consume. A broken consumer begins anew with what it has not acknowledged."""
    with closing(CaptureState(pipeline.state, pipeline.name)) as state:
        _again(
            lambda alive: _consumed(pipeline, product, figures, state, alive),
            pipeline.limits,
            go_on,
        )


def _relayed(pipeline: Pipeline, state: CaptureState, figures: CaptureFigures, alive: GoOn) -> None:
    limits = pipeline.limits
    with (
        closing(open_broker(pipeline.broker, pipeline.name, pipeline.consumer, limits)) as broker,
        closing(
            open_capture(
                pipeline.source, pipeline.name, pipeline.rules, limits.retained_warning_bytes
            )
        ) as capture,
    ):
        relay = Relay(pipeline.name, capture, pipeline.rules, broker, state, limits, figures, alive)
        relay.run()


def _consumed(
    pipeline: Pipeline,
    product: Product,
    figures: ConsumerFigures,
    state: CaptureState,
    alive: GoOn,
) -> None:
    limits = pipeline.limits
    opened = open_broker(pipeline.broker, pipeline.name, pipeline.consumer, limits)
    with closing(opened) as broker:
        consumer = Consumer(broker, product, limits, figures, state.want_snapshot)
        while alive():
            consumer.turn()


def _again(work: Callable[[GoOn], None], limits: PipelineLimits, go_on: GoOn) -> None:
    """Do the work again whenever a server was lost; give up when none was there for long."""
    pause_s, alive_s = limits.retry_s, time.monotonic()

    def alive() -> bool:
        nonlocal pause_s, alive_s
        pause_s, alive_s = limits.retry_s, time.monotonic()
        return go_on()

    while go_on():
        try:
            work(alive)
        except Stopped:
            return
        except (SourceLost, BrokerLost, ProductLost) as lost:
            if time.monotonic() - alive_s > limits.patience_s:
                raise Problem(
                    f"a server of the pipeline has been away for {limits.patience_s:g} s"
                    f" ({lost}): start it, and run the pipeline again"
                ) from lost
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, limits.retry_most_s)
