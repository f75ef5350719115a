"""The catalogue: one way of deducting stock a file, enrolled by existing."""
