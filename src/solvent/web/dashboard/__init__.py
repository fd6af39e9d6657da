"""Dashboard: where people of the merchant see how billing stands, and act on single accounts.

Owns its routes, who is in, and its pages; each page is one module. Does not own what is decided (`core`), done
(`flows`) or stored, nor the look of pages (`pages`). It speaks English: it is for people who run it.
"""
