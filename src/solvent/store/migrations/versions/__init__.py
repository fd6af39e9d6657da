"""The steps, each beside the SQL that it runs."""
