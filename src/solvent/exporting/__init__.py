"""Exporting: what accountants load elsewhere, as files: which rows, in which columns, as CSV or Parquet.

Does not own the rows (`store`), nor where a file goes: to a path on the command line, to a client over HTTP.
"""
