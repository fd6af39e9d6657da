"""Percent: shares in parts per million, as people write them.

Owns the spelling. Does not own how a share of an amount is rounded (`money`).
"""

PPM = 1_000_000


def percent(ppm: int) -> str:
    """Parts per million for people: 190000 → ``19 %``, 88750 → ``8.875 %``."""
    whole, rest = divmod(ppm, 10_000)
    decimals = f"{rest:04}".rstrip("0")
    return f"{whole}.{decimals} %" if decimals else f"{whole} %"
