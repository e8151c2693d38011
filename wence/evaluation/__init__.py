"""Measuring the answers: the same contract as the question files, judged by ourselves.

questions           conversations with what a right reply holds, read from JSON lines
judge               one reply against one conversation: the reasons why it fails
report              many judged replies: tables, figures, the failing rows
asking              the way to an assistant that runs somewhere (REST)
in_process          the way to an assistant without a server: model and actions in this process
cross_validation    the intents alone, learnt on four fifths of the examples and tried on the rest
command             `wence evaluate`
"""
