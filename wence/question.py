"""What a question says besides its facet and subjects: its form, ordinals, numbers and dates.

All functions read normalised text (`wence.text.normalise`): 二〇二一年九月 is already 2021年9月.
"""

from __future__ import annotations

import dataclasses
import re

from wence.knowledge import Knowledge, Subject

LAST = -1

_FORMS = {
    "whom": r"向谁|发给谁|问了谁|问过谁|征求了谁|给谁看|向哪些|发给哪些|向哪|发到哪",
    "who": r"谁|哪位|何人|(?:哪[个家些几级]?|哪一[个家级]|什么|哪几[个家])(?:单位|部门|机关|机构|局|委|方面的人)|哪家|哪一家",
    "when": r"什么时候|哪天|哪一天|哪年|哪一年|哪个月|几月|几号|哪几个月|何[年月日]|日期|时间|多久|年份|截止|哪2个月|哪几个月|时候",
    "why": r"为什么|原因|理由|怎么(?:就)?[没不]|道理|何以|缘故|因为什么|根据什么|依据什么",
    "count": r"几[个条项家份次部大人类种]|多少(?!钱|年|分)|总数|数量|一共|总共|共有|合计",
    "list": r"哪些|哪几|分别|名单|列[出一举]|清单|都有|念|逐|罗列|全部|有谁|哪[2-9]|是哪[0-9]",
    "where": r"哪里|什么地方|哪个位置|第几页|哪一?页|哪一?个?部分|何处",
    "how": r"怎么|方式|方法|如何|途径|手段",
    "yesno": r"是不是|有没有|对不对|对吧|对吗|是吗|吗|在不在|算不算|能不能|会不会|属不属于|了没|没有?[?？]?$|吧[?？。!]?$|(?<!对)不[?？]?$|是吧|难道|不是吧|真的假的|属实",
    "choice": r"还是",
    "compare": r"比|差|多了|少了|更[多少早晚]|哪[次个回]多|增加|减少|不同|区别|各是|各",
    "what": r"什么|多少",
    "money": r"钱|资金|预算|经费",
}
_FORM_PATTERNS = {form: re.compile(pattern) for form, pattern in _FORMS.items()}
_ORDINAL = re.compile(
    r"倒数第?([0-9])|(?:第|头)([0-9]{1,2})(?!个?月|轮)|(最后(?=[1一]?[个条项份块步段轮次句张]|那|的|[1一]?部分|面|方面|$|[呢是])|末尾|最末|压轴|收尾)|(首个|首先|头一|打头|最前|第一)"
)
_ORDINALS = re.compile(r"第([0-9]{1,2})(?:个|条|项|份|部分)?(?:[、,和跟与]|以及)+第?([0-9]{1,2})(?=个|条|项|份|部分)")
_FIRST_FEW = re.compile(r"(前|头|后|最后)([2-4])(?=个|条|项|份|部分)")
#: The middle of three.
_MIDDLE = re.compile(r"中间(?:的)?(?:那)?(?:[1一]?个)?部分")
_LATTER = re.compile(
    r"后[一那1](?:份|个|条|项|次|封)|后面那|后者|另[一1]?(?:份|个|条)|(前[一那1](?:份|个|条|项|次|封)|前面那|前者)"
)
_DATE = re.compile(
    r"(?:((?:20)?2\d(?=年)|20\d\d|今|去|前|当)年?[年.\-/][\u4e00-\u9fff]{0,2}?)?(?:0?(\d{1,2})(?:[月.\-/]|(?=月))?(?:份)?(?:[\-—~～至到、和与]+0?(\d{1,2}))?月(?:份)?(?:(\d{1,2})[日号])?)"
)
_YEAR = re.compile(r"(?<!\d)(20[12]\d)(?!\d)")
_NUMBER = re.compile(
    r"(?<![第\d])(\d+)(?=(?:个|条|项|家|份|部分|方面|大系统|次|页))(个|条|项|家|份|部分|方面|大系统|次|页)"
)
_DEICTIC = re.compile(
    r"^(?:那|它|这|其|他|哦|行|好|嗯|对|不是|不对|再|还有|另外)|那[个条份次]|这[个条份次2两些]|当时|它|其中|刚才|上面|呢$"
)


@dataclasses.dataclass(frozen=True)
class Date:
    """A date as it is said: any part may be missing (0)."""

    year: int = 0
    month: int = 0
    day: int = 0


def forms(text: str) -> frozenset[str]:
    """Return the forms of a question: who, whom, when, why, count, list, where, how, yesno, choice, compare, money."""
    return frozenset(form for form, pattern in _FORM_PATTERNS.items() if pattern.search(text))


_ASKING = re.compile(
    "|".join(f"(?:{pattern})" for pattern in _FORMS.values())
    + r"|什么|[的了呢吗吧呀啊嘛是有在么请问]|我想|知道|告诉|一下"
)


def strip_forms(text: str) -> str:
    """Return a question without the words that only make it a question."""
    return _ASKING.sub(" ", text)


def ordinal(text: str) -> int:
    """Return the place in a list that is asked for: 1 for the first, -1 for the last, 0 for none."""
    match = _ORDINAL.search(text)
    if match:
        if match[1]:
            return -int(match[1])
        if match[2]:
            return int(match[2])
        return LAST if match[3] else 1
    match = _LATTER.search(text)
    if match:
        return 1 if match[1] else LAST
    return 0


#: What is left of a list of which some were named.
REST = re.compile(r"剩|其余|其他|没(?:有)?(?:被)?点名|另外(?:的)?\d*[个家]")


def ordinals(text: str) -> tuple[int, ...]:
    """Return the places where several are asked for: 第3、第4条 gives 3 and 4, 后2条 gives -2 and -1."""
    match = _ORDINALS.search(text)
    if match:
        return int(match[1]), int(match[2])
    match = _FIRST_FEW.search(text)
    if match:
        count = int(match[2])
        return tuple(range(1, count + 1)) if match[1] in "前头" else tuple(range(-count, 0))
    if _MIDDLE.search(text):
        return (2,)
    place = ordinal(text)
    return (place,) if place else ()


def numbers(text: str) -> list[tuple[int, str]]:
    """Return the counts in a question with their measure words: 16项 gives (16, 项)."""
    return [(int(n), unit) for n, unit in _NUMBER.findall(text)]


def dates(text: str) -> list[Date]:
    """Return the dates in a question in order; a range gives its first and last month."""
    found: list[Date] = []
    year = 0
    for match in _DATE.finditer(text):
        if match[1] and match[1].isdigit():
            year = 2000 + int(match[1]) % 100
        first, last, day = int(match[2]), int(match[3] or 0), int(match[4] or 0)
        found += [Date(year, month, day) for month in (first, last) if 1 <= month <= 12]
    if not found:
        found = [Date(int(y)) for y in _YEAR.findall(text)]
    return found


def is_elliptic(text: str) -> bool:
    """Say whether a question leans on what was said before it."""
    return bool(_DEICTIC.search(text))


def stages_at(knowledge: Knowledge, date: Date) -> list[Subject]:
    """Return the stages that contain a date; without a year every year counts, 2021 first."""

    def contains(stage: Subject) -> bool:
        since, until = _parts(stage.since), _parts(stage.until)
        if date.day and (len(since) < 3 or since[2] != date.day):
            return False
        years = (date.year,) if date.year else (2021, 2020, 2023)
        if not date.month:
            return any(since[0] <= y <= until[0] for y in years)
        return any(since[:2] <= (y, date.month) <= until[:2] for y in years)

    found = [s for s in knowledge.of_type("stage") if s.since and s.id != "stage.annual" and contains(s)]
    if not found and date.year and not date.month:
        return []
    if date.month and not date.year:
        found.sort(key=lambda s: not s.since.startswith("2021") and not s.until.startswith("2021"))
        first = found[0].since[:4] if found else ""
        if first == "2021" and len(found) > 1:
            found = [s for s in found if s.until.startswith("2021")]
    return found


def _parts(date: str) -> tuple[int, ...]:
    return tuple(int(part) for part in date.split("-"))


_ABSENT_WORDS = re.compile(
    r"(?:有没有|有无|包括|包含|含|问过|征求过|征求|问|那|里有|里面有|里头有|中有|有)?(?:把|向|对)?(?P<name>(?:三门峡|市|省|县)?[\u4e00-\u9fff0-9a-z+]{2,12}?)"
    r"(?=也?(?:在|是不是|是|算不算|算|属于|属不属于|有没有|没有|被|名列|列|进|纳入|写进|写|参与|征求|不在|呢|吗|没$|进没进|入没入|包不包括))"
)
_FILLER_WORDS = re.compile(
    r"^(?:请问|那么|那|这|就是|听说|我听说|我们|我|你|他们|是不是|有没有|会不会|里|中|里面|里头|其中|当中|名单|单位|被征求意见的?|征求意见|"
    r"重点任务|16项|29个|29家|\d+[个项家条]|方案|工作方案|政策|任务|还|都|也|问|过|向|把|对|的|和|跟|系统|6大|7个方面|试点|不|没|在)+"
)
_NOT_IN_A_NAME = re.compile(r"\d|意见|单位|采纳|征求")
_NOT_A_NAME = re.compile(
    r"^(?:什么|哪|谁|几|多少|怎么|为什么|名单|单位|重点|任务|方案|意见|这|那|它|他|全部|所有|一共|总共|\d)"
)


def asked_name(text: str) -> str:
    """Return the name in a question that no subject of the knowledge bears (市教育局, 区块链平台), or nothing."""
    for match in _ABSENT_WORDS.finditer(text):
        name = _FILLER_WORDS.sub("", match["name"])
        if len(name) >= 2 and not _NOT_A_NAME.match(name) and not _NOT_IN_A_NAME.search(name):
            return name
    return ""
