"""What can go wrong with the knowledge.

KnowledgeError
  KnowledgeFileError      missing or unreadable file
  KnowledgeSchemaError    a defect of structure
"""


class KnowledgeError(Exception):
    """Root of what can go wrong with the knowledge."""


class KnowledgeFileError(KnowledgeError):
    """A file of the knowledge is missing or cannot be read."""


class KnowledgeSchemaError(KnowledgeError):
    """A file of the knowledge has a defect of structure; the message names file, line and field."""
