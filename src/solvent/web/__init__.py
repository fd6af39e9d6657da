"""Web: the HTTP edge.

Owns HTTP: routes, status codes, problem details, API keys, request and response bodies, and the OpenAPI document.
Does not own any decision: a handler parses, calls a flow, and presents what came of it.
"""
