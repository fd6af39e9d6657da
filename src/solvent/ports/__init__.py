"""Ports: what the flows need of the outside world, as protocols.

Owns the shapes of requests and answers at the boundary. Does not own any implementation: those live in `store`,
`providers` and `wiring`.
"""
