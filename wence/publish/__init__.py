"""Publishing: from what officials settled to a version that every serving process answers with.

errors        what can go wrong
progress      how far it has come, and the lock
versions      the versions on the disk
outcomes      what a model made of each question
evaluating    a model is asked everything, in a process of its own
gate          what may not become worse, and what a batch must not hold
report        what it came to
publishing    the steps in their order; rolling back; what `wence run` serves
command       `wence publish`, `wence versions`
"""
