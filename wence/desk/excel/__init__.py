"""Excel files, in and out: nothing that leaves is ever a formula, nothing that comes in is ever run.

cells        how a text stands in a cell, and how it is read back, unchanged
sheets       a workbook from plain rows
reading      the rows of an uploaded file, once it is known to be harmless
template     the file to be filled in, and what its columns mean
proposals    what the rows of a filled-in file ask for, and why some of them cannot be
exports      which lists can be had as a file
errors       what can be wrong with a file
"""
