"""Measures this project and the pipeline that Rasa's documentation gives for Chinese, side by side in one run.

run              `make bench`: all parts in order, then the table and the plot
sides            the two assistants: how each is trained, started and ended
reference        the reference: its configuration, its action, and its data as that pipeline needs them
measures         latency, throughput, long conversations, right answers
clients          the asking: many messages over kept connections, at little cost
memory           what the processes of an assistant hold together
bm25             the floor: the best sentence of the sources as the answer
results          the table (results.md) and the plot (results.svg)
"""
