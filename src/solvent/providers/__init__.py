"""The payment providers: one adapter each, behind `solvent.ports.provider`.

Owns the adapters and the registry that finds them by name. Does not own what follows from an outcome (flows).
"""
