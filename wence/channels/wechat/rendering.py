"""A reply as WeChat shows it: text of at most 2,000 bytes, or several, one for each "继续".

    render(reply, names, links=False)     the pages of a reply: its text, where it is from, its numbered options
    pages(blocks)                         any blocks of text as pages

A page ends where a block ends, or at the end of a sentence; only where a single sentence is longer than a
page is it cut between two characters. A list of options is never torn apart.
"""

from __future__ import annotations

import html
import re
import urllib.parse
from collections.abc import Iterable, Mapping, Sequence

from wence import replies
from wence.replies import Option, Reply, Status

MAX_BYTES = 2_000
MAX_OPTIONS = 9
_SENTENCE = re.compile(r"[^。！？；!?;\n]*(?:[。！？；!?;\n]+[”’」』）)]*|$)")
_LEADS = (replies.WECHAT_CHOOSE, replies.WECHAT_NEXT)
_MENU_LINK = "weixin://bizmsgmenu?msgmenucontent={content}&msgmenuid={number}"


def render(reply: Reply, names: Mapping[str, str], links: bool = False) -> list[str]:
    """Return the pages of a reply; `names` tells how a source is called."""
    lead = replies.WECHAT_CHOOSE if reply.status is Status.CLARIFY else replies.WECHAT_NEXT
    return pages(filter(None, (reply.text.strip(), source_line(reply, names), option_list(reply.options, lead, links))))


def source_line(reply: Reply, names: Mapping[str, str]) -> str:
    """Return where a reply's facts are from, each place once; nothing for a reply without facts."""
    places: dict[str, list[str]] = {}
    for citation in reply.citations:
        source = citation.get("source", "")
        sections = places.setdefault(names.get(source, source), [])
        section = citation.get("section", "")
        if section and section not in sections and section != names.get(source, source):
            sections.append(section)
    said = (f"{name}“{'”“'.join(sections)}”" if sections else name for name, sections in places.items())
    return replies.WECHAT_SOURCE.format(places="；".join(said)) if places else ""


def option_list(options: Sequence[Option], lead: str, links: bool = False) -> str:
    """Return options as numbered lines under a word on how to choose; nothing for none."""
    shown = options[:MAX_OPTIONS]
    if not shown:
        return ""
    lines = (
        f"{number}. {_linked(option, number) if links else option.title}" for number, option in enumerate(shown, 1)
    )
    return "\n".join((lead, *lines))


def _linked(option: Option, number: int) -> str:
    """An option that can be tapped: WeChat then sends its title as if the citizen had written it."""
    content = urllib.parse.quote(option.title, safe="")
    address = _MENU_LINK.format(content=content, number=number)
    return f'<a href="{html.escape(address)}">{html.escape(option.title)}</a>'


def pages(blocks: Iterable[str], limit: int = MAX_BYTES) -> list[str]:
    """Return blocks of text as pages of at most `limit` bytes; each but the last says how to read on."""
    whole = "\n\n".join(blocks)
    if _size(whole) <= limit:
        return [whole]
    room = limit - _size(_more())
    cut = _fill(_pieces(whole, room), room)
    return [page + (_more() if number < len(cut) else "") for number, page in enumerate(cut, 1)]


def _more() -> str:
    return f"\n\n{replies.WECHAT_MORE}"


def _pieces(text: str, room: int) -> list[str]:
    """A text in pieces that each fit: blocks that may not be torn, or sentences, or what fits of a long one."""
    pieces: list[str] = []
    for block in re.split(r"(?<=\n\n)", text):
        if _size(block) <= room and block.startswith(_LEADS):
            pieces.append(block)
        else:
            pieces += (part for sentence in _SENTENCE.findall(block) if sentence for part in _torn(sentence, room))
    return pieces


def _torn(sentence: str, room: int) -> Iterable[str]:
    part = ""
    for character in sentence:
        if _size(part) + _size(character) > room:
            yield part
            part = ""
        part += character
    yield part


def _fill(pieces: Iterable[str], room: int) -> list[str]:
    filled: list[str] = []
    page = ""
    for piece in pieces:
        if page.strip() and _size(page + piece.rstrip()) > room:
            filled.append(page.strip())
            page = ""
        page += piece
    if page.strip():
        filled.append(page.strip())
    return filled


def _size(text: str) -> int:
    return len(text.encode())
