"""The HTTP interface of the product system: what there is of an article, and as of when."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

from product_system.shelf import Shelf


class PlaceOut(BaseModel):
    """Units of an article at one place, as of the newest change of them."""

    place: str = Field(examples=["mall"])
    total: int = Field(examples=[7])
    as_of_us: int = Field(examples=[1_764_412_350_000_000], description="µs since 1970")


class StockOut(BaseModel):
    """An article, place by place."""

    sku: str = Field(examples=["pen-blue"])
    total: int = Field(examples=[7])
    places: list[PlaceOut]


class HealthOut(BaseModel):
    """It answers.."""

    status: str = Field(examples=["ok"])
    complete: bool = Field(examples=[True], description="every source has told a whole snapshot")
    dead_letters: int = Field(examples=[0])


def application(shelf: Shelf) -> FastAPI:
    """The application over a product's database."""
    app = FastAPI(title="Product system", version="1", docs_url=None, redoc_url=None)

    @app.get("/health")
    def read_health() -> HealthOut:
        figures = shelf.figures().values()
        return HealthOut(
            status="ok",
            complete=bool(figures) and all(each["complete"] for each in figures),
            dead_letters=len(shelf.dead_letters()),
        )

    @app.get("/stock/{sku:path}", responses={404: {"description": "No such article"}})
    def read_stock(sku: str) -> StockOut:
        places = shelf.stock(sku)
        if not places:
            raise HTTPException(404, f"nothing is known of article {sku!r}")
        return StockOut(
            sku=sku,
            total=sum(each.total for each in places),
            places=[
                PlaceOut(place=each.place, total=each.total, as_of_us=each.as_of_us)
                for each in places
            ],
        )

    return app
