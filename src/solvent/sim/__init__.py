"""The simulated world: a merchant, its customers, its two banks and its clock, on one real database.

Owns whatever in a demonstration or a test is not Solvent: time that is moved by hand, customers who act, banks with
faults on the line, a post that delivers late or twice. Does not own any behaviour of Solvent: the world calls the same
flows as the web server and the same round of work as the worker.
"""

from solvent.sim.clock import SimClock
from solvent.sim.customer import Customer
from solvent.sim.world import World

__all__ = ["Customer", "SimClock", "World"]
