"""The published synchronisation, small: every figure that can be foretold is what was foretold."""

from __future__ import annotations

from contextlib import closing

import pytest

from inventory_core.services.stock_management import StockManagement
from inventory_core.stores.sql.address import connect
from workbench.published_warehouse_sync import page_of
from workbench.warehouse_sync_figures import Figures
from workbench.warehouse_sync_measured import SCHEMA, differing, digests, measure, town_of
from workbench.warehouse_sync_town import ENGINES, Size

pytestmark = pytest.mark.timeout(600)  # servers, three processes, and whoever else is here
SMALL = Size(skus=2_000, page=100)
ALONE_S = 1.0


@pytest.fixture(scope="module")
def found() -> Figures:
    return measure(SMALL, ALONE_S)


@pytest.mark.slow
@pytest.mark.live
def test_a_full_synchronisation_beside_a_sale_changes_what_differed(found: Figures) -> None:
    assert (found.counts, found.pages, found.stale) == (10_000, 100, 0)
    assert (found.changed, found.absent) == (found.changed_foretold, found.absent_foretold)
    assert (found.changed_foretold, found.absent_foretold) == (sum(SMALL.drifted), 50)
    assert found.changed_foretold > 50
    assert found.shelves_that_differ == 0
    assert found.orders_shipped > 0


@pytest.mark.slow
@pytest.mark.live
def test_the_law_holds_at_every_sample(found: Figures) -> None:
    assert found.law_samples > 0
    assert found.law_comparable > 0
    assert (found.law_breaches, found.breaches_at_rest) == (0, 0)


@pytest.mark.slow
@pytest.mark.live
def test_a_system_killed_at_a_page_changes_nothing_and_the_next_run_is_whole(
    found: Figures,
) -> None:
    assert (found.cut_state, found.cut_changed_tables) == ("abandoned", 0)
    assert found.cut_at_page * 100 <= found.cut_staged < SMALL.skus
    assert found.again_state == "done"


@pytest.mark.slow
@pytest.mark.live
def test_the_page_has_every_figure(found: Figures) -> None:
    page = "".join(page_of([found]))
    assert "2,000 SKUs" in page
    assert f"| `changed` | {found.changed} |" in page


@pytest.mark.slow
@pytest.mark.live
def test_a_unit_that_moves_is_noticed_by_digests_and_by_shelves() -> None:
    with (
        town_of(Size(skus=50, hot=5, drift_every=1_000)) as town,
        closing(connect(town.sql_url)) as connection,
    ):
        before = digests(town)
        assert (differing(town), digests(town)) == (0, before)
        connection.execute(
            f"UPDATE {SCHEMA}.warehouse_stock SET physical = physical + 1"
            " WHERE (sku, warehouse) = ('s000007', 'w2')"
        )
        changed = [one != other for one, other in zip(before, digests(town), strict=True)]
        assert (differing(town), sum(changed)) == (1, 1)
        assert town.do(StockManagement(ENGINES).audit())


def test_a_town_drifts_as_it_says() -> None:
    size = Size(skus=1_000)
    for at, differ in enumerate(size.drifted):
        drifts = [size.drift(article, at) for article in range(size.skus)]
        assert sum(one != 0 for one in drifts) == differ
        assert min(size.lies(article, at) + drifts[article] for article in range(1_000)) >= 0
