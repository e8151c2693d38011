"""The knowledge: every fact of the sources, once, with its proof.

    Knowledge            what `load` returns: sources, quotes, subjects, facets, facts, what is not stated
      .facts_about(facet, subject)   the facts that answer a facet of a subject
      .gap_for(facet, subject)       what the sources do not state, by name
      .citation(quote_id)            source, section and verbatim text, as a reply carries it
    KnowledgeError       root of what can go wrong
      KnowledgeFileError     missing or unreadable file, with the file's name
      KnowledgeSchemaError   a defect of structure, with file, line and field

The files are `policy.yml` (facts) and `facets.yml` (what can be asked), beside `sources/` (the documents
that prove them). `wence.proof` checks the content; this module checks only the structure.
"""

from wence.knowledge._errors import KnowledgeError, KnowledgeFileError, KnowledgeSchemaError
from wence.knowledge._load import FACETS_FILE, POLICY_FILE, lines, load
from wence.knowledge._types import (
    ADDED,
    FACET_KINDS,
    OUTSIDER,
    QUESTION_FORMS,
    SUBJECT_TYPES,
    Facet,
    Fact,
    Gap,
    Knowledge,
    Quote,
    Source,
    Subject,
)

__all__ = [
    "ADDED",
    "FACETS_FILE",
    "FACET_KINDS",
    "OUTSIDER",
    "POLICY_FILE",
    "QUESTION_FORMS",
    "SUBJECT_TYPES",
    "Facet",
    "Fact",
    "Gap",
    "Knowledge",
    "KnowledgeError",
    "KnowledgeFileError",
    "KnowledgeSchemaError",
    "Quote",
    "Source",
    "Subject",
    "lines",
    "load",
]
