"""Excel files, in and out: nothing that leaves is ever a formula, nothing that comes in is ever run.

cells        how a text stands in a cell, and how it is read back, unchanged
sheets       a workbook from plain rows
reading      the rows of an uploaded file, once it is known to be harmless
errors       what can be wrong with a file
"""
