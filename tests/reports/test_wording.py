"""How figures and lists are put into words."""

import math

import numpy as np
import pytest

from reports.wording import count, figure, label_of, listed, many, number_word, value_of


@pytest.mark.parametrize(
    "value, text",
    [
        (31_456.0, "31,500"),
        (8_200, "8,200"),
        (12.345, "12.3"),
        (0.01612, "0.0161"),
        (0, "0"),
        (99.96, "100"),
        (None, "–"),
        (math.nan, "–"),
        (-3.14159, "-3.14"),
    ],
)
def test_a_figure_has_three_significant_digits(value: float | None, text: str) -> None:
    assert figure(value) == text


@pytest.mark.parametrize("value", [12345, 12345.0, np.int64(12345)])
def test_a_count_has_all_its_digits(value: float) -> None:
    assert count(value) == "12,345"


def test_lists_read_like_sentences() -> None:
    assert [listed(list(names)) for names in ("", "a", "ab", "abc")] == [
        *("", "a", "a and b", "a, b and c")
    ]
    assert many(1, "unit") == "one unit"
    assert many(3, "strategy", "strategies") == "three strategies"
    assert number_word(2.5) == "2.5"


def test_a_key_carries_its_unit_last() -> None:
    assert label_of("machinery_us_per_step") == "machinery us per step"
    assert label_of("fsync_us") == "fsync, µs"
    assert label_of("rate_per_s") == "rate, /s"
    assert label_of("memory_gib") == "memory, GiB"


def test_values_of_any_kind_can_be_shown() -> None:
    assert value_of({"cpu_mhz": 2400, "turbo": True}) == "cpu, MHz 2,400; turbo yes"
    assert value_of(["a", None]) == "a, –"
