"""Questions that the assistant missed: what counts as one, how each is kept, and how to look at them.

    why           what counts as missed: the one place that knows
    understood    what the action hands to the edge with its reply: how the question was understood
    entries       a line of the spool: a miss, a feedback taken back, a sender forgotten
    spool         the files that a serving process writes first
    capture       what the edge calls; never fails
    store         the database where they are kept
    writer        the process that moves them there from the spool
    command       `wence misses`

The first five are what a serving process imports, and light.
"""
