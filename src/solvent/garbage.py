"""Garbage: how often a process of Solvent that runs for long looks for it.

Owns the collector's settings, and why. Does not own any object.
"""

import gc

# A request or a batch makes thousands of short-lived objects and no cycles to speak of: the collector's usual first
# threshold of 700 costs 7 % of a change and 10 % of a renewal. What a batch of renewals makes lives until it is
# settled, and at 50,000 it was looked through for nothing: 5 % more.
THRESHOLDS = (200_000, 20, 100)


def collect_rarely() -> None:
    """To be called when everything is loaded that lives as long as the process: that is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
