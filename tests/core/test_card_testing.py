"""Card testing: the limits, each at its edge."""

from datetime import timedelta

import pytest

from solvent.core.card_testing import TOO_OFTEN, Most, Tries, counted_as, too_often, wait

MOST = Most(of_cart=2, of_account=3, of_address=4)


@pytest.mark.parametrize(
    ("tries", "stopped"), [((1, 2, 4), False), ((2, 2, 1), True), ((0, 3, 1), True), ((0, 0, 5), True)]
)
def test_one_more_than_the_most_is_refused(tries: tuple[int, int, int], stopped: bool) -> None:
    of_cart, of_account, of_address = tries
    refusal = too_often(Tries(of_cart=of_cart, of_account=of_account, of_address=of_address), MOST)
    assert (refusal is not None) is stopped
    assert refusal is None or (refusal.field == TOO_OFTEN and "wait" in refusal.rule)


def test_declines_are_waited_for_longer_than_orders_of_an_address() -> None:
    both = Tries(of_cart=2, of_account=0, of_address=5)
    declined = Tries(of_cart=2, of_account=0, of_address=4)
    waits = [wait(refusal) for tries in (both, declined) if (refusal := too_often(tries, MOST))]
    assert waits == [timedelta(minutes=10), timedelta(hours=1)]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::ffff", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unknown", "unknown"),
    ],
)
def test_of_ipv6_a_network_counts_as_one_address(address: str, counted: str) -> None:
    assert counted_as(address) == counted
