"""The one place where this project changes Rasa's own code: what, why, and what it brings.

Rasa offers no other way to mend these; each gives exactly what it gave before, only sooner
(milliseconds of a message's 57, with 90 intents, on the machine where they were measured):

    what an action server answers     Rasa checks the JSON schema itself at every call before it checks
                                      the answer against it; the schema is a constant           -46 ms
    the graph of a model              Rasa plans the same small graph three times a message, and runs it
                                      through a scheduler made for clusters                      -3 ms
    the rules that may apply          Rasa tries every rule of every intent, three times         -1 ms
    an event by its name              Rasa walks all classes of events for each event that it
                                      reads, seven times for each turn of the past             -0.2 ms

The others are for training alone (`install_for_training()`); the last four together take a training of 27,000
examples from 203 s to 131 s of processor time, and the model is the same to the last bit:

    the fingerprints of training      Rasa hashes everything that passes between two components, word by
                                      word, to find it again in a cache; ours is switched off, because a
                                      model whose inputs did not change is not trained at all    -60 %
    the hash of an example            Rasa hashes all of an example, anew at each of a dozen steps,
                                      where it drops those that are there twice; a text tells them
                                      apart as well, and equal texts are still compared as ever
    the copy of an example            Rasa copies all examples at each of these steps, value by
                                      value; most values are texts, which never change
    the files of examples             Rasa reads each three times, once for each language that its
                                      parts ask for; what it reads is the same
    the archive                       Rasa packs it as small as gzip can; 7 % larger is packed in
                                      a fraction of the time

`install()` puts the others in place, before a model is loaded. `tests/test_rasa_patch.py` holds the
fingerprints of what is replaced, so that a changed Rasa fails there and nowhere else, and proves that the
results are the same.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from functools import cache
from typing import Any

import rasa.core.processor
import rasa.engine.storage.local_model_storage
import rasa.shared.importers.utils
from jsonschema import ValidationError
from jsonschema.exceptions import best_match
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.training.hooks import TrainingHook
from rasa.shared.constants import DOCS_BASE_URL
from rasa.shared.core.constants import PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.domain import State
from rasa.shared.core.events import Event
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import all_subclasses
from tarsafe import TarSafe

_stock_get_possible_keys = RulePolicy._get_possible_keys
_stock_resolve_by_type = Event.resolve_by_type
_stock_training_data_from_paths = rasa.shared.importers.utils.training_data_from_paths


def install() -> None:
    """Put all patches in place; calling it again changes nothing."""
    RemoteAction._validate_action_result = validate_action_result
    rasa.core.processor.DaskGraphRunner = SequentialGraphRunner
    RulePolicy._get_possible_keys = get_possible_keys
    Event.resolve_by_type = staticmethod(resolve_by_type)


def install_for_training() -> None:
    """Let a training whose cache is switched off calculate nothing for the cache; calling it again changes nothing."""
    TrainingHook.on_before_node = before_uncached_node
    TrainingHook.on_after_node = after_uncached_node
    Message.__hash__ = hash_of_example
    Message.__deepcopy__ = copy_of_example
    rasa.shared.importers.utils.training_data_from_paths = training_data_from_paths
    rasa.engine.storage.local_model_storage.TarSafe = QuickTar


# --- the fingerprints of training


def before_uncached_node(_hook: TrainingHook, *_: Any, **__: Any) -> dict[str, Any]:
    """Take the place of `TrainingHook.on_before_node`: there is nothing to be found again."""
    return {}


def after_uncached_node(_hook: TrainingHook, *_: Any, **__: Any) -> None:
    """Take the place of `TrainingHook.on_after_node`: there is nothing to be kept."""


# --- what is done to examples before they are learnt


def hash_of_example(message: Message) -> int:
    """Take the place of `Message.__hash__`: messages that are equal have the same text."""
    return hash(message.data.get(TEXT))


def copy_of_example(message: Message, memo: dict[int, Any]) -> Message:
    """Copy a message as `copy.deepcopy` does."""
    twin = Message.__new__(Message)
    memo[id(message)] = twin
    vars(twin).update({name: _copied(value, memo) for name, value in vars(message).items() if name != "data"})
    twin.data = {key: _copied(value, memo) for key, value in message.data.items()}
    return twin


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    return value if value is None or type(value) in (str, float, int) else copy.deepcopy(value, memo)


def training_data_from_paths(paths: Iterable[str], language: str) -> TrainingData:
    """Take the place of `rasa.shared.importers.utils.training_data_from_paths`; YAML is in no language."""
    # Whoever gets it merges it into data of its own, which copies it.
    return _read_once(tuple(paths))


@cache
def _read_once(paths: tuple[str, ...]) -> TrainingData:
    return _stock_training_data_from_paths(paths, "")


class QuickTar(TarSafe):
    """A tar file that is packed a little less, and much sooner."""

    LEVEL = 4

    @classmethod
    def gzopen(cls, name: Any, mode: Any = "r", fileobj: Any = None, compresslevel: int = LEVEL, **more: Any) -> Any:
        """Open a packed archive."""
        return super().gzopen(name, mode, fileobj, compresslevel, **more)


# --- what an action server answers


def validate_action_result(_action: RemoteAction | None, result: Any) -> bool:
    """Take the place of `RemoteAction._validate_action_result`.

    What is seen at a glance to be right passes. Everything else goes to Rasa's schema, compiled once,
    and is refused in Rasa's words.
    """
    if is_plainly_valid(result):
        return True
    error = best_match(_compiled_schema().iter_errors(result))
    if error is None:
        return True
    raise _with_advice(error)


def is_plainly_valid(result: object) -> bool:
    """Whether an answer holds only replies, slots and the action to follow, all well formed.

    `False` says no more than that the schema has to decide.
    """
    if not isinstance(result, dict):
        return False
    responses = result.get("responses", [])
    events = result.get("events", [])
    return (
        isinstance(responses, list)
        and isinstance(events, list)
        and all(isinstance(response, dict) for response in responses)
        and all(_is_plain_event(event) for event in events)
    )


def _is_plain_event(event: object) -> bool:
    if not isinstance(event, dict):
        return False
    if event.get("timestamp") is not None or event.get("metadata") is not None:
        return False
    name = event.get("event")
    return name == "followup" or (name == "slot" and isinstance(event.get("name"), str) and "value" in event)


@cache
def _compiled_schema() -> Validator:
    schema = RemoteAction.action_response_format_spec()
    validator_class = validator_for(schema)
    validator_class.check_schema(schema)
    return validator_class(schema)


def _with_advice(error: ValidationError) -> ValidationError:
    error.message += (
        ". Failed to validate Action server response from API, "
        "make sure your response from the Action endpoint is valid. "
        f"For more information about the format visit {DOCS_BASE_URL}/custom-actions"
    )
    return error


# --- the graph of a model


class SequentialGraphRunner(DaskGraphRunner):
    """Runs the nodes of a graph one after the other, in an order found once for each set of targets."""

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Run what the targets need; their outputs by name."""
        targets = targets or self._graph_schema.target_names
        outputs = {name: (name, value) for name, value in (inputs or {}).items()}
        for name, node, needs in self._plan(tuple(targets)):
            # A need that nothing provides is passed by its name: the node itself says what it misses.
            outputs[name] = node(*(outputs.get(need, need) for need in needs))
        return dict(outputs[target] for target in targets)

    def _plan(self, targets: tuple[str, ...]) -> list[tuple[str, GraphNode, list[str]]]:
        plans = self.__dict__.setdefault("_plans", {})
        if targets not in plans:
            plans[targets] = [
                (name, self._instantiated_nodes[name], list(self._graph_schema.nodes[name].needs.values()))
                for name in self._needed_first(targets)
            ]
        plan: list[tuple[str, GraphNode, list[str]]] = plans[targets]
        return plan

    def _needed_first(self, targets: tuple[str, ...]) -> list[str]:
        ordered: dict[str, None] = {}
        for target in targets:
            self._visit(target, ordered)
        return list(ordered)

    # No function inside a function: it would hold itself and this runner, which then outlives its model.
    def _visit(self, name: str, ordered: dict[str, None]) -> None:
        if name in ordered or name not in self._graph_schema.nodes:
            return
        for need in self._graph_schema.nodes[name].needs.values():
            self._visit(need, ordered)
        ordered[name] = None


# --- the rules that may apply


def get_possible_keys(policy: RulePolicy, lookup: dict[str, str], states: list[State]) -> set[str]:
    """Take the place of `RulePolicy._get_possible_keys`.

    A rule whose last state names an intent applies to no state with another one; so Rasa is left to try
    the rules that name this intent, and those that name none.
    """
    # Where nothing was done before, Rasa asks no rule for its intent.
    if states and states[-1].get(PREVIOUS_ACTION):
        by_intent = _rules_by_intent(policy, lookup)
        intent = states[-1].get(USER, {}).get(INTENT)
        lookup = by_intent.get(None, {}) | (by_intent.get(intent, {}) if intent else {})
    keys: set[str] = _stock_get_possible_keys(policy, lookup, states)
    return keys


def _rules_by_intent(policy: RulePolicy, lookup: dict[str, str]) -> dict[str | None, dict[str, str]]:
    sorted_of, size, by_intent = policy.__dict__.get("_rules_by_intent", (None, 0, {}))
    # The rules of a model never change; while one is trained, they are replaced or become fewer.
    if sorted_of is not lookup or size != len(lookup):
        by_intent = {}
        for key, action in lookup.items():
            by_intent.setdefault(_intent_of(policy, key), {})[key] = action
        policy.__dict__["_rules_by_intent"] = (lookup, len(lookup), by_intent)
    rules: dict[str | None, dict[str, str]] = by_intent
    return rules


def _intent_of(policy: RulePolicy, rule_key: str) -> str | None:
    states = policy._rule_key_to_state(rule_key)
    intent = states[-1].get(USER, {}).get(INTENT) if states else None
    return intent if isinstance(intent, str) and intent != SHOULD_NOT_BE_SET else None


# --- an event by its name


def resolve_by_type(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
    """Take the place of `Event.resolve_by_type`; what is not known at once, Rasa looks for itself."""
    return _event_classes().get(type_name) or _stock_resolve_by_type(type_name, default)


@cache
def _event_classes() -> dict[str, type[Event]]:
    # The first class of a name wins, as in Rasa.
    return {event_class.type_name: event_class for event_class in reversed(all_subclasses(Event))}
