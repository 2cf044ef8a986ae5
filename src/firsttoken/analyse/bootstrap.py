"""Draws of what a figure would have been over as many other calls like these: the bootstrap, at the cost of a sort.

Nothing is left out of a long series, and no resample is ever built for one:

- a quantile of a resample lies between two of its order statistics, whose places among the sorted values follow a Beta
  distribution, so that two random numbers give it exactly;
- a share is a binomial number over the calls, with one call more on either side (Agresti and Caffo), as no error among
  thirty calls is not proof that there never is one;
- a mean comes from resamples as they are up to LONGEST_DRAWN values. Of more, the sorted values stand in CELLS cells:
  how many draws fall into a cell is multinomial, and what they add up to has the cell's mean and variance.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

LONGEST_DRAWN: Final = 4096
CELLS: Final = 256
DRAWN_AT_ONCE: Final = 4_000_000


def quantile(ordered: Values, share: float) -> float:
    """Interpolated between neighbours, as DuckDB's quantile_cont is. The values are sorted."""
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (ordered[above] - ordered[below]) * (place - below))


def quantile_draws(ordered: Values, share: float, rng: np.random.Generator, count: int) -> Values:
    """The values are sorted, and there are at least two."""
    size = len(ordered)
    place = (size - 1) * share
    below = min(int(place), size - 2)
    lower = rng.beta(below + 1, size - below, count)
    upper = lower + (1 - lower) * rng.beta(1, size - below - 1, count)
    low, high = (ordered[np.minimum((each * size).astype(np.int64), size - 1)] for each in (lower, upper))
    return low + (high - low) * (place - below)


def share_draws(hits: int, of: int, rng: np.random.Generator, count: int) -> Values:
    return rng.binomial(of, (hits + 1) / (of + 2), count) / of


def mean_draws(values: Values, rng: np.random.Generator, count: int) -> Values:
    if len(values) <= LONGEST_DRAWN:
        at_once = max(1, DRAWN_AT_ONCE // len(values))
        parts = (min(at_once, count - done) for done in range(0, count, at_once))
        return np.concatenate(
            [values[rng.integers(0, len(values), (part, len(values)))].mean(axis=1) for part in parts]
        )
    cells = np.array_split(np.sort(values), CELLS)
    sizes = np.array([len(cell) for cell in cells])
    means, variances = (np.array([measure(cell) for cell in cells]) for measure in (np.mean, np.var))
    drawn = rng.multinomial(len(values), sizes / len(values), count)
    sums = drawn @ means + np.sqrt(drawn @ variances) * rng.standard_normal(count)
    return sums / len(values)
