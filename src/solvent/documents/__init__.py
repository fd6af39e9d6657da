"""Documents: money documents on paper.

Owns words, fonts, places and the typesetting library; nothing else knows it. Does not own what a document says
(`core.document`) nor where its facts come from (`store.printing`).
"""
