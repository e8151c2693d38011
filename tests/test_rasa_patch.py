import ast
import hashlib
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import rasa.core.processor
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.core.actions.action import RemoteAction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphNode, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.training.hooks import TrainingHook
from rasa.shared.core.events import Event
from rasa.shared.utils.common import all_subclasses
from rasa.utils.endpoints import EndpointConfig

from wence import rasa_patch
from wence.rasa_patch import (
    SequentialGraphRunner,
    get_possible_keys,
    is_plainly_valid,
    resolve_by_type,
    validate_action_result,
)

# What the patches replace or build on, as it was when they were written. If one of these has changed, read
# what Rasa does now, mend or drop the patch, and only then write down the new fingerprint.
FINGERPRINTS = {
    "RemoteAction._validate_action_result": (RemoteAction, "_validate_action_result", "b6cd4cd8707c08a2"),
    "RemoteAction.action_response_format_spec": (RemoteAction, "action_response_format_spec", "181d4a1fa039ba79"),
    "RemoteAction.run": (RemoteAction, "run", "ed27415fa478f75e"),
    "EndpointConfig.session": (EndpointConfig, "session", "4e12413172ccc5dd"),
    "EndpointConfig.request": (EndpointConfig, "request", "7692239c9c8eb9f2"),
    "DaskGraphRunner.run": (DaskGraphRunner, "run", "c454898e368785f5"),
    "DaskGraphRunner._build_dask_graph": (DaskGraphRunner, "_build_dask_graph", "b9672688ffbc7f29"),
    "GraphNode.__call__": (GraphNode, "__call__", "b5e762a047e6bbd7"),
    "MessageProcessor._load_model": (MessageProcessor, "_load_model", "2910746ea8147794"),
    "RulePolicy._get_possible_keys": (RulePolicy, "_get_possible_keys", "7a85243f6463a2b9"),
    "RulePolicy._is_rule_applicable": (RulePolicy, "_is_rule_applicable", "4c112a20a47f71e5"),
    "RulePolicy._does_rule_match_state": (RulePolicy, "_does_rule_match_state", "77fbcd8d5fc90323"),
    "Event.resolve_by_type": (Event, "resolve_by_type", "729eef3a4e29ff40"),
    "TrainingHook.on_before_node": (TrainingHook, "on_before_node", "2b78ca57b55de789"),
    "TrainingHook.on_after_node": (TrainingHook, "on_after_node", "fab530c169c080b6"),
}


@pytest.fixture(autouse=True)
def unpatched() -> Iterator[None]:
    check, runner = RemoteAction._validate_action_result, rasa.core.processor.DaskGraphRunner
    rules, by_type = RulePolicy._get_possible_keys, Event.resolve_by_type
    before, after = TrainingHook.on_before_node, TrainingHook.on_after_node
    yield
    TrainingHook.on_before_node, TrainingHook.on_after_node = before, after
    RemoteAction._validate_action_result, rasa.core.processor.DaskGraphRunner = check, runner
    RulePolicy._get_possible_keys, Event.resolve_by_type = rules, staticmethod(by_type)


def source_of(owner: type, name: str) -> str:
    """The source of a method as Rasa's file has it, whatever stands in its place now."""
    source = inspect.getsource(owner)
    (cls,) = ast.parse(source).body
    assert isinstance(cls, ast.ClassDef)
    (method,) = (node for node in cls.body if getattr(node, "name", None) == name)
    return ast.unparse(method)


@pytest.mark.parametrize(("owner", "name", "fingerprint"), FINGERPRINTS.values(), ids=FINGERPRINTS)
def test_rasa_is_still_what_the_patches_were_written_for(owner: type, name: str, fingerprint: str) -> None:
    assert hashlib.sha256(source_of(owner, name).encode()).hexdigest()[:16] == fingerprint


class Unhashable:
    """What passes between two components; its fingerprint must not be asked for."""

    def fingerprint(self) -> str:
        raise AssertionError("somebody calculated a fingerprint")


def test_a_training_without_a_cache_calculates_no_fingerprints() -> None:
    hook = TrainingHook(cache=None, model_storage=None, pruned_schema=GraphSchema({}))
    for _ in range(2):
        rasa_patch.install_for_training()
    context = ExecutionContext(GraphSchema({}))
    data = hook.on_before_node("node", context, {}, {"training_data": Unhashable()})

    assert data == {}
    assert hook.on_after_node("node", context, {}, Unhashable(), data) is None


def test_the_patches_are_put_in_place_and_again_change_nothing() -> None:
    for _ in range(2):
        rasa_patch.install()
        assert RemoteAction._validate_action_result is validate_action_result
        assert rasa.core.processor.DaskGraphRunner is SequentialGraphRunner
        assert RulePolicy._get_possible_keys is get_possible_keys
        assert Event.resolve_by_type is resolve_by_type


# --- what an action server answers

SLOT = {"event": "slot", "timestamp": None, "name": "facet", "value": "lead_unit"}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
events = st.fixed_dictionaries(
    {},
    optional={
        "event": st.sampled_from(["slot", "followup", "bot", "user", "nonsense", 7, None]),
        "name": st.just("facet") | json_values,
        "value": json_values,
        "timestamp": st.just(None) | json_values,
        "metadata": st.just(None) | json_values,
    },
)
results = st.fixed_dictionaries(
    {},
    optional={
        "events": st.lists(st.just(SLOT) | events | json_values, max_size=3) | json_values,
        "responses": st.lists(st.just({"text": "好"}) | json_values, max_size=2) | json_values,
    },
)


def verdict_of_rasa(result: Any) -> str | None:
    """What stock Rasa says against a result; None when it accepts it."""
    try:
        jsonschema.validate(result, RemoteAction.action_response_format_spec())
    except jsonschema.ValidationError as error:
        return error.message
    return None


@settings(max_examples=60, deadline=None)
@given(results | json_values)
def test_the_patched_check_says_what_rasa_says(result: Any) -> None:
    refused = verdict_of_rasa(result)
    if refused is None:
        assert validate_action_result(None, result)
    else:
        with pytest.raises(jsonschema.ValidationError) as caught:
            validate_action_result(None, result)
        assert caught.value.message.startswith(f"{refused}. Failed to validate Action server response")


COMPILED = jsonschema.Draft202012Validator(RemoteAction.action_response_format_spec())


@settings(max_examples=500, deadline=None)
@given(results)
def test_nothing_passes_at_a_glance_that_the_schema_refuses(result: Any) -> None:
    if is_plainly_valid(result):
        assert COMPILED.is_valid(result)


def test_what_our_actions_return_passes_at_a_glance() -> None:
    assert is_plainly_valid(
        {
            "events": [SLOT, {"event": "followup", "timestamp": None, "name": "action_listen"}],
            "responses": [{"text": "市民政局。", "buttons": [], "custom": {}}],
        }
    )


@pytest.mark.parametrize(
    "result",
    [
        None,
        [],
        "text",
        {"events": {}},
        {"events": [{}]},
        {"events": [{"event": "slot", "value": 1}]},
        {"events": [{"event": "slot", "name": 7, "value": 1}]},
        {"events": [{"event": "slot", "name": "facet"}]},
        {"events": [{"event": "nonsense"}]},
        {"responses": ["text"]},
    ],
)
def test_a_bad_answer_is_refused(result: Any) -> None:
    with pytest.raises(jsonschema.ValidationError, match="Failed to validate Action server response"):
        validate_action_result(None, result)


def test_the_schema_is_checked_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    validate_action_result(None, {"events": [{"event": "restart"}]})
    monkeypatch.setattr(jsonschema.Draft202012Validator, "check_schema", None)
    assert validate_action_result(None, {"events": [{"event": "restart"}]})


# --- the graph of a model


class Joins(GraphComponent):
    """A component that joins its inputs, and counts how often it ran."""

    runs: list[str] = []  # noqa: RUF012

    @classmethod
    def create(cls, config: dict[str, Any], *_: Any, **__: Any) -> "Joins":
        component = cls()
        component.name = config["name"]
        return component

    def join(self, **inputs: str) -> str:
        Joins.runs.append(self.name)
        return f"{self.name}({','.join(inputs[key] for key in sorted(inputs))})"

    def fail(self, **inputs: str) -> str:
        raise ZeroDivisionError


def node(name: str, fn: str = "join", is_target: bool = False, **needs: str) -> SchemaNode:
    return SchemaNode(needs, Joins, "create", fn, {"name": name}, eager=True, is_target=is_target)


SCHEMA = GraphSchema(
    {
        "last": node("last", is_target=True, a="left", b="right", c="__message__"),
        "left": node("left", a="first"),
        "right": node("right", a="first", b="left"),
        "first": node("first", a="__message__"),
        "other": node("other", is_target=True, a="__tracker__", b="first"),
        "broken": node("broken", fn="fail", a="__message__"),
        "needy": node("needy", a="nobody"),
    }
)
INPUTS = {"__message__": "m", "__tracker__": "t"}


@pytest.fixture
def runners(tmp_path: Path) -> tuple[DaskGraphRunner, SequentialGraphRunner]:
    storage = LocalModelStorage.create(tmp_path)
    context = ExecutionContext(SCHEMA, "model")
    Joins.runs.clear()
    return DaskGraphRunner(SCHEMA, storage, context), SequentialGraphRunner(SCHEMA, storage, context)


Runners = tuple[DaskGraphRunner, SequentialGraphRunner]


@pytest.mark.parametrize("targets", [["last"], ["other"], ["last", "other"], ["right"]])
def test_a_graph_gives_the_same_as_with_rasas_runner(runners: Runners, targets: list[str]) -> None:
    stock, ours = runners
    for _ in range(2):
        assert ours.run(INPUTS, targets) == stock.run(INPUTS, targets)


def test_each_node_that_is_needed_runs_once_and_no_other(runners: Runners) -> None:
    runners[1].run(INPUTS, ["last"])
    assert sorted(Joins.runs) == ["first", "last", "left", "right"]
    assert (Joins.runs[0], Joins.runs[-1]) == ("first", "last")


@pytest.mark.parametrize("targets", [["broken"], ["needy"], ["other"]])
def test_an_error_in_a_graph_is_the_same_as_with_rasas_runner(runners: Runners, targets: list[str]) -> None:
    said = []
    for runner in runners:
        with pytest.raises(Exception) as caught:  # noqa: PT011
            runner.run({"__message__": "m"}, targets)
        said.append((type(caught.value), str(caught.value)))
    assert said[0] == said[1]


def test_a_node_without_its_input_is_an_error(runners: Runners) -> None:
    with pytest.raises(GraphRunError, match="needy"):
        runners[1].run(INPUTS, ["needy"])


# --- the rules that may apply

STOCK_RULES = rasa_patch._stock_get_possible_keys
names = st.sampled_from(["a", "b", "c"])
rule_states = st.fixed_dictionaries(
    {},
    optional={
        "user": st.fixed_dictionaries(
            {}, optional={"intent": names | st.just("should_not_be_set"), "entities": st.lists(names, max_size=1)}
        ),
        "prev_action": st.fixed_dictionaries({"action_name": names}),
        "slots": st.fixed_dictionaries({}, optional={"s": st.just("should_not_be_set") | st.just([1.0])}),
    },
)
conversation_states = st.fixed_dictionaries(
    {},
    optional={
        "user": st.fixed_dictionaries(
            {}, optional={"intent": names, "entities": st.lists(names, max_size=1).map(tuple)}
        ),
        "prev_action": st.fixed_dictionaries({"action_name": names}),
        "slots": st.fixed_dictionaries({}, optional={"s": st.just((1.0,))}),
    },
)
lookups = st.lists(st.lists(rule_states, max_size=3), max_size=12).map(
    lambda rules: {json.dumps(rule): "action" for rule in rules}
)


@settings(max_examples=300, deadline=None)
@given(lookups, st.lists(st.lists(conversation_states, max_size=4), min_size=1, max_size=4))
def test_the_rules_that_may_apply_are_those_that_rasa_finds(
    lookup: dict[str, str], conversations: list[list[dict[str, Any]]]
) -> None:
    policy = RulePolicy.__new__(RulePolicy)
    for states in conversations:
        assert get_possible_keys(policy, lookup, states) == STOCK_RULES(policy, lookup, states)


def test_rules_that_were_taken_away_or_replaced_apply_no_more() -> None:
    policy = RulePolicy.__new__(RulePolicy)
    states = [{"prev_action": {"action_name": "a"}, "user": {"intent": "b"}}]
    rule, general = json.dumps(states), json.dumps([{"prev_action": {"action_name": "a"}}])
    lookup = {rule: "action", general: "action"}
    assert get_possible_keys(policy, lookup, states) == {rule, general}
    del lookup[rule]
    assert get_possible_keys(policy, lookup, states) == {general}
    assert get_possible_keys(policy, {rule: "action"}, states) == {rule}


# --- an event by its name


@pytest.mark.parametrize("name", sorted({cls.type_name for cls in all_subclasses(Event)}))
def test_an_event_is_found_by_its_name_as_rasa_finds_it(name: str) -> None:
    assert resolve_by_type(name) is rasa_patch._stock_resolve_by_type(name)


def test_an_event_that_nobody_knows_is_what_rasa_makes_of_it() -> None:
    assert resolve_by_type("topic") is None
    assert resolve_by_type("nonsense", Event) is Event
    with pytest.raises(ValueError, match="nonsense"):
        resolve_by_type("nonsense")


def test_a_message_is_read_with_patches_as_without() -> None:
    data = json.loads(json.dumps({"event": "slot", "name": "facet", "value": ["a"], "timestamp": 1.0}))
    stock = Event.from_parameters(data)
    rasa_patch.install()
    assert Event.from_parameters(data) == stock
