"""What is measured of two assistants that run side by side, in turns, so that both see the same machine.

Every function takes the sides and returns, by the title of the side, what each repeat showed.
"""

from __future__ import annotations

import dataclasses
import itertools
import pathlib
import random
import statistics
from collections.abc import Callable, Mapping, Sequence

from bench import clients
from bench.bm25 import Bm25
from bench.sides import Side
from wence.channels import admission
from wence.evaluation.asking import Say, ask_all, over_rest
from wence.evaluation.judge import Judge
from wence.evaluation.questions import Conversation, read
from wence.evaluation.report import Share

CLIENTS = 32
WARM_UP_SECONDS = 3.0
WARM_UP_MESSAGES = 20
FILLING_CLIENTS = 8
TURNS = 100
LAST_TURNS = 5
ANSWERING_CLIENTS = 4
SEED = 7

Tell = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Extent:
    """How much is measured."""

    starts: int = 3
    latency_blocks: int = 5
    messages_a_block: int = 60
    load_repeats: int = 3
    load_seconds: float = 20.0
    conversations: int = 3
    filled: tuple[int, ...] = (1000, 2000)


QUICK = Extent(
    starts=1, latency_blocks=2, messages_a_block=15, load_repeats=1, load_seconds=4.0, conversations=1, filled=(50, 100)
)


def single_questions(conversations: Sequence[Conversation]) -> list[str]:
    """Return the first messages of conversations, each once, in a fixed disorder."""
    found = sorted({conversation.turns[0] for conversation in conversations if _can_be_asked(conversation.turns[0])})
    random.Random(SEED).shuffle(found)
    return found


def _can_be_asked(text: str) -> bool:
    """Whether the edge hands a text on to Rasa: what it refuses costs next to nothing."""
    try:
        return bool(admission.admit(text))
    except admission.Refusal:
        return False


def starts_and_memory(
    sides: Sequence[Side], questions: Sequence[str], extent: Extent, tell: Tell
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Start each side alone several times; in its last start, fill it with messages and weigh it."""
    seconds: dict[str, list[float]] = {side.title: [] for side in sides}
    memory: dict[str, list[float]] = {}
    for repeat in range(extent.starts):
        for side in sides:
            with side.serving() as started:
                seconds[side.title].append(started)
                tell(f"{side.title} 启动 {started:.1f} 秒")
                if repeat == extent.starts - 1:
                    memory[side.title] = _filled(side, questions, extent.filled)
                    tell(f"{side.title} 内存 {'、'.join(f'{mb:.0f}' for mb in memory[side.title])} MB")
    return seconds, memory


def _filled(side: Side, questions: Sequence[str], counts: Sequence[int]) -> list[float]:
    """Return the memory after each of these numbers of messages, each in a conversation of its own."""
    endless, sent, found = itertools.cycle(questions), 0, []
    for count in counts:
        clients.send(side.address, list(itertools.islice(endless, count - sent)), FILLING_CLIENTS)
        sent = count
        found.append(side.memory)
    return found


@dataclasses.dataclass
class Repeats:
    """What one side showed, repeat by repeat, and how many messages had no real reply."""

    values: list[list[float]] = dataclasses.field(default_factory=list)
    unanswered: int = 0


def latency(sides: Sequence[Side], questions: Sequence[str], extent: Extent, tell: Tell) -> dict[str, Repeats]:
    """Return the milliseconds of each message of one client, block by block."""
    found = {side.title: Repeats() for side in sides}
    endless = itertools.cycle(questions)
    for side in sides:
        clients.latencies(side.address, questions[:WARM_UP_MESSAGES])
    for _ in range(extent.latency_blocks):
        block = list(itertools.islice(endless, extent.messages_a_block))
        for side in sides:
            _add(found[side.title], clients.latencies(side.address, block))
    for title, repeats in found.items():
        tell(f"{title} 每条消息 {statistics.median(itertools.chain.from_iterable(repeats.values)):.1f} 毫秒")
    return found


def _add(repeats: Repeats, timed: clients.Timed) -> None:
    repeats.values.append([1000 * seconds for seconds in timed.seconds])
    repeats.unanswered += timed.unanswered


def throughput(sides: Sequence[Side], questions: Sequence[str], extent: Extent, tell: Tell) -> dict[str, Repeats]:
    """Return the replies a second with many clients, repeat by repeat."""
    found = {side.title: Repeats() for side in sides}
    for _ in range(extent.load_repeats):
        for side in sides:
            load = clients.throughput(side.address, questions, CLIENTS, extent.load_seconds, WARM_UP_SECONDS)
            found[side.title].values.append([load.per_second])
            found[side.title].unanswered += load.unanswered
            tell(f"{side.title} 每秒 {load.per_second:.1f} 条,没有答上 {load.unanswered} 条")
    return found


def long_conversations(
    sides: Sequence[Side], questions: Sequence[str], extent: Extent, tell: Tell
) -> dict[str, Repeats]:
    """Return the milliseconds of the first and of the 100th turn (median of the last five), by conversation."""
    found = {side.title: Repeats() for side in sides}
    endless = itertools.cycle(questions)
    for _ in range(extent.conversations):
        turns = list(itertools.islice(endless, TURNS))
        for side in sides:
            timed = clients.conversation(side.address, turns)
            first, last = timed.seconds[0], statistics.median(timed.seconds[-LAST_TURNS:])
            found[side.title].values.append([1000 * first, 1000 * last])
            found[side.title].unanswered += timed.unanswered
            tell(f"{side.title} 第 1 轮 {1000 * first:.0f} 毫秒,第 {TURNS} 轮 {1000 * last:.0f} 毫秒")
    return found


def right_answers(
    sides: Sequence[Side], floor: Bm25, sources: pathlib.Path, files: Sequence[pathlib.Path], tell: Tell
) -> dict[str, dict[str, Share]]:
    """Return, by file, how many conversations each side and the floor answer rightly."""
    judge = Judge.of_sources(sources)
    ways: Mapping[str, Say] = {**{side.title: over_rest(side.url) for side in sides}, "BM25": floor.say}
    found: dict[str, dict[str, Share]] = {}
    for path in files:
        conversations = read([path])
        shares = found.setdefault(path.stem, {})
        for title, say in ways.items():
            results = list(ask_all(conversations, say, judge, ANSWERING_CLIENTS if title != "BM25" else 1))
            shares[title] = Share(sum(result.passed for result in results), len(results))
            tell(f"{path.stem} {title} 答对 {shares[title]}")
    return found
