"""How old the oldest is, from numbers that only grow and from names that come and go."""

from inventory_core.sync.workers.figures import Figures
from inventory_core.sync.workers.watching import Ages, Stays, Waiting


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_an_age_is_counted_from_when_a_number_as_high_was_first_seen() -> None:
    clock = Clock()
    ages = Ages(clock)
    assert ages.age_s(1, 10) == 0.0
    clock.now_s = 5.0
    assert ages.age_s(1, 20) == 5.0
    clock.now_s = 7.0
    assert ages.age_s(11, 20) == 2.0  # came with the second look
    assert ages.age_s(21, 30) == 0.0


def test_the_longest_stay_ends_with_whoever_stayed() -> None:
    clock = Clock()
    stays = Stays(clock)
    assert stays.longest_s(["a"]) == 0.0
    clock.now_s = 3.0
    assert stays.longest_s(["a", "b"]) == 3.0
    clock.now_s = 4.0
    assert stays.longest_s(["b"]) == 1.0
    assert stays.longest_s([]) == 0.0


def test_figures_add_up() -> None:
    figures = Figures("x")
    figures.applied(3)
    figures.applied(2)
    figures.aside()
    told = figures.looked(Waiting(7, 1.5), held_back=True)
    assert (told.applied, told.set_aside, told.waiting) == (5, 1, 7)
    assert (told.oldest_s, told.held_back) == (1.5, True)
    assert told.applied_per_s > 0
    assert figures.looked(Waiting(), held_back=False).applied_per_s == 0
