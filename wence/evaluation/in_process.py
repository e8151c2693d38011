"""The assistant without a server: the trained model, the edge and the actions, all in this process.

    with Assistant.load(settings, model) as assistant:
        assistant.say("sender", "试点目标是什么?")     → messages, as the REST channel sends them

Everything but HTTP is what `wence run` serves: a message passes the edge, Rasa's processor with the model's
rules, and the custom actions, whose call goes through JSON as it does between the two servers. Trackers are
kept in memory.
"""

from __future__ import annotations

import asyncio
import json
import os
import pathlib
import types
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wence import without_tensorflow
from wence.evaluation.judge import Message
from wence.preflight import check_model
from wence.privacy import Masker
from wence.quiet import silence_deprecations
from wence.settings import Settings

if TYPE_CHECKING:
    from rasa.core.agent import Agent

    from wence.knowledge import Knowledge
    from wence.nlu.stretches import Stretch
    from wence.state.turns import Turn

ACTIONS = "actions"
CHANNEL = "rest"
PATIENCE_SECONDS = 60.0


class Assistant:
    """A loaded model with its actions, ready to answer."""

    def __init__(self, agent: Agent, known: Knowledge) -> None:
        from wence.channels.edge import Edge
        from wence.channels.to_rasa import way_to_rasa

        self._edge = Edge(known.contact_phone, Masker.of(known), time_limit=PATIENCE_SECONDS)
        self._agent = agent
        self._way = way_to_rasa(agent.handle_message, CHANNEL)
        self._loop = asyncio.new_event_loop()

    @classmethod
    def load(cls, settings: Settings, model: pathlib.Path) -> Assistant:
        """Load a model; raises StartError when it is not whole."""
        os.environ.update(settings.child_environment())
        if not without_tensorflow.names_tensorflow(check_model(model)):
            without_tensorflow.leave_out()
        silence_deprecations()

        from rasa.core.agent import Agent
        from rasa.utils.common import configure_logging_and_warnings
        from rasa.utils.log_utils import configure_structlog

        from wence import knowledge, rasa_patch

        configure_logging_and_warnings()
        configure_structlog()
        rasa_patch.install()
        agent = Agent.load(str(model), action_endpoint=InProcessActions())
        return cls(agent, knowledge.load(settings.knowledge))

    def __enter__(self) -> Assistant:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        self._loop.close()

    def say(self, sender: str, text: str) -> Sequence[Message]:
        """Return the messages of the reply to one message."""
        from wence.channels.rest import as_messages

        return as_messages(self.take_turn(sender, text).reply, sender)

    def take_turn(self, sender: str, text: str) -> Turn:
        """Return the turn of one message, with how it was understood."""
        from wence.channels.edge import Asked

        return self._loop.run_until_complete(self._edge.answer(Asked(CHANNEL, sender, text), self._way))

    def stretch(self, text: str) -> Stretch | None:
        """Return a whole text as the pipeline read it, before its scope was judged; None where it holds no text."""
        from rasa.core.channels.channel import UserMessage
        from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER

        from wence.nlu.stretches import stretches_of

        processor = self._agent.processor
        target = processor.model_metadata.nlu_target
        inputs = {PLACEHOLDER_MESSAGE: [UserMessage(text)], PLACEHOLDER_TRACKER: None}
        found = stretches_of(processor.graph_runner.run(inputs=inputs, targets=[target])[target][0])
        return found[0] if found else None


class InProcessActions:
    """What Rasa takes for the address of an action server: it runs the actions here."""

    url = "in-process"
    kwargs: Mapping[str, Any] = types.MappingProxyType({})

    def __init__(self) -> None:
        from rasa_sdk.executor import ActionExecutor

        self._executor = ActionExecutor()
        self._executor.register_package(ACTIONS)

    async def request(self, *, json: Mapping[str, Any], **_: object) -> Any:
        """Run the action that a call names and return what it did."""
        return _as_sent(await self._executor.run(_as_sent(json)))


def _as_sent(data: object) -> Any:
    """Return data as it arrives when it was sent as JSON."""
    return json.loads(json.dumps(data))
