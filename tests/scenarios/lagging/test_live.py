"""The same sale on private servers: nothing is oversold, nothing is left wrong, bugs are seen."""

from __future__ import annotations

import pytest

from inventory_core.stores.embedded import EmbeddedPostgresql
from scenarios.lagging.campaign import MEASURED, World, broken
from scenarios.lagging.cases import Case, Control, Fault, streamed
from scenarios.lagging.evolution import ARTICLES, FORGOTTEN_OF, study
from scenarios.lagging.judging import judge
from scenarios.lagging.paths import Kind, SyncPath
from scenarios.lagging.scenario import load_lag
from scenarios.predicting.lagging import simulate
from workbench.lag_live import measure

pytestmark = [pytest.mark.live, pytest.mark.slow]
SCENARIO = load_lag(
    None,
    [
        *("sale.articles=5", "sale.quantity=10", "sale.shoppers_per_s=100", "sale.seconds=3"),
        *("sale.come_back_after_s=0.5", "sale.refill=3", "sale.refill_every_s=1"),
        *("faults.at_s=0.5", "faults.for_s=1"),
    ],
)


@pytest.mark.parametrize("kind", [Kind.POLLING, Kind.ON_DEMAND])
def test_a_reader_of_the_source_shows_what_is_predicted_of_it(kind: Kind) -> None:
    case = Case(SyncPath(kind, 0.5))
    found, predicted = (judge(run(SCENARIO, case, 1), case.path) for run in (measure, simulate))
    assert found.looks == predicted.looks
    assert (found.oversold, found.differing) == (0, 0)
    assert found.stale_share == pytest.approx(predicted.stale_share, abs=0.15)
    assert found.lost_sales > 0
    assert 0 < found.writes_per_change < 1


@pytest.mark.parametrize("fault", [Fault.CONSUMER_STOPPED, Fault.CONSUMER_KILLED])
def test_a_pipeline_whose_consumer_is_away_is_late_and_ends_right(fault: Fault) -> None:
    rows = list(World(MEASURED, measure, 1).rows(SCENARIO, [streamed(SCENARIO, fault)]))
    assert broken(rows) == []
    assert rows[0]["behind_ms_p99"] > 500
    assert rows[0]["stale_share"] > 0.1
    assert rows[0]["sold"] > 0


def test_a_shop_that_sells_by_its_window_oversells_on_real_servers_too() -> None:
    case = Case(SyncPath(Kind.POLLING, 0.5), control=Control.SELLS_BY_THE_COPY)
    found = judge(measure(SCENARIO, case, 1), case.path)
    assert found.oversold > 10
    assert (found.refused, found.differing) == (0, 0)


def test_a_core_of_its_own_writes_less_log_and_forgets_no_sale() -> None:
    with EmbeddedPostgresql(settings={"wal_level": "logical"}) as server:
        v1, v2 = study(server.url, sales=2 * ARTICLES, beside_editor=30)
    assert (v1.copies, v2.copies) == (1, 3)
    assert (v1.rows_per_sale, v2.rows_per_sale) == (1, 3)
    assert v1.wal_bytes_per_sale > v2.wal_bytes_per_sale
    assert (v1.forgotten_sales, v2.forgotten_sales) == (FORGOTTEN_OF, 0)
    assert v1.sale_ms_p99 > 5 * v2.sale_ms_p50  # some wait for an editor
