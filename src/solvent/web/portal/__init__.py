"""Portal: where a customer sees how its account stands, and changes and pays what it has.

Owns its routes and pages; each page is one module. Does not own what is decided (`core`), done (`flows`) or stored, nor
the look of pages (`pages`).
"""
