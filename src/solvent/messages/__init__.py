"""Messages: letters in words, and the way to a mail server.

Knows the template engine and the library of formats. Does not own what is told, when, nor to whom (`core.messages`).
"""
