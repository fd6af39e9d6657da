"""Commands: what each command of the command line does.

Owns the work behind `solvent <command>`, and the words in which it tells of it. Does not own the names, options and
help texts (`cli`), nor any rule of billing.
"""
