"""What a facet's answer needs beyond its facts: a rule for each facet where something must be computed or told apart.

A rule takes the knowledge and a question and returns an Answer, or None where the plain facts answer better.
"""

from __future__ import annotations

from collections.abc import Callable

from wence import lists
from wence.answer import Answer
from wence.asked import Question
from wence.knowledge import Knowledge
from wence.rules import documents, evaluation, opinions, process, terms, units, unstated

Rule = Callable[[Knowledge, Question], Answer | None]

RULES: dict[str, Rule] = {
    "consulted_units": lists.consulted_units,
    "tasks": lists.of_list,
    "systems": lists.of_list,
    "infrastructure_tasks": lists.of_list,
    "aspects": lists.of_list,
    "task_membership": lists.of_list,
    "pilot_tasks": lists.of_list,
    "task_aspect": lists.task_aspect,
    "opinion_counts": opinions.opinion_counts,
    "adopted_opinions": opinions.adopted_opinions,
    "rejected_opinions": opinions.without_opinion,
    "process_event": process.process_event,
    "legal_review": process.legal_review,
    "consultation_round": process.consultation_round,
    "lead_unit": units.lead_unit,
    "supporting_units": units.lead_unit,
    "unit_tasks": units.unit_tasks,
    "unit_role": units.unit_role,
    "proposal": opinions.proposal,
    "adoption_check": opinions.adoption_check,
    "rejection_reason": opinions.about_opinions,
    "proposal_place": opinions.about_opinions,
    "proposal_grounds": opinions.without_opinion,
    "basis": documents.basis,
    "contact": unstated.contact,
    "assessment": evaluation.assessment,
    "term_definition": terms.term,
    "unknown_detail": unstated.detail,
    "unknown_official": unstated.official,
    "unknown_fulltext": unstated.fulltext,
    "unknown_other_pilots": unstated.other_pilots,
    "unknown_money": unstated.money,
    "certification": evaluation.certification,
    "document_order": documents.document_order,
    "document_date": documents.documents,
    "document_number": documents.documents,
    "document_issuer": documents.documents,
    "document_title": documents.documents,
    "document_content": documents.documents,
}
