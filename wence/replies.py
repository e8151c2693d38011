"""The typed vocabulary of a reply, and every fixed sentence that a citizen can read.

    Status      the outcomes of a turn (contract: docs/contract.md)
    Reply       text, status, facts, citations and options, as every channel receives it

A sentence stands here once, as a constant; what is said about the policy is composed from facts in
`wence.answers` and never here.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any

MAX_TEXT = 500
MAX_CHARACTERS = 300  # of a question


class Status(str, enum.Enum):
    """The outcome of a turn."""

    ANSWERED = "answered"
    NOT_IN_SOURCE = "not_in_source"
    CLARIFY = "clarify"
    OUT_OF_SCOPE = "out_of_scope"
    SMALLTALK = "smalltalk"
    INVALID = "invalid"
    UNAVAILABLE = "unavailable"


@dataclasses.dataclass(frozen=True)
class Option:
    """A button: what it shows and the plain question it sends."""

    title: str
    payload: str

    def as_dict(self) -> dict[str, str]:
        """Return the option as Rasa and the contract write a button."""
        return {"title": self.title, "payload": self.payload}


@dataclasses.dataclass(frozen=True)
class Reply:
    """What a citizen is told: `citations` prove `text`, `options` are sensible next questions."""

    status: Status
    text: str
    facts: tuple[str, ...] = ()
    citations: tuple[dict[str, str], ...] = ()
    options: tuple[Option, ...] = ()

    def custom(self) -> dict[str, Any]:
        """Return the machine-readable part of the reply (contract: docs/contract.md)."""
        custom: dict[str, Any] = {
            "status": self.status.value,
            "facts": list(self.facts),
            "citations": list(self.citations),
        }
        if self.status is Status.CLARIFY:
            custom["options"] = [option.as_dict() for option in self.options]
        return custom

    def as_dict(self) -> dict[str, Any]:
        """Return the whole reply as JSON can carry it."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Reply:
        """Read back what `as_dict` wrote."""
        return cls(
            status=Status(data["status"]),
            text=data["text"],
            facts=tuple(data["facts"]),
            citations=tuple(data["citations"]),
            options=tuple(Option(**option) for option in data["options"]),
        )


GREETING = "您好，我是问策，回答三门峡市创建省级新型智慧城市示范市工作方案的问题，比如目标、任务、时间、牵头单位、意见采纳情况。请直接说您想问什么。"
GOODBYE = "再见，有政策上的问题随时来问。"
THANKS = "不客气，还有想了解的可以接着问。"
PRAISE = "谢谢您的肯定，还有想了解的可以接着问。"
ABOUT_ASSISTANT = (
    "我是问策，一个自动问答程序，不是真人。我能回答这份工作方案的背景、目标、任务、牵头单位、制定过程、意见采纳、时效、评估和联系电话，"
    "每个回答都附原文；正式内容以官方文件为准。"
)
COMPLAINT = "抱歉没有答好。请换个说法再问一次，或拨打政策解读联系电话{phone}，由工作人员答复。"
ACKNOWLEDGE = "好的，还有想了解的可以接着问。"
HUMAN = "我是自动问答程序，不能转接人工；需要人工答复请拨打政策解读联系电话{phone}。"
SMALLTALK = {
    "greet": GREETING,
    "goodbye": GOODBYE,
    "about_assistant": ABOUT_ASSISTANT,
    "complaint": COMPLAINT,
    "human": HUMAN,
}

OUT_OF_SCOPE = "这个问题不在我能回答的范围内，我只回答三门峡市创建省级新型智慧城市示范市工作方案的问题。市政服务方面的事可以拨打12345热线。"
OUT_OF_SCOPE_EMERGENCY = "如遇紧急情况，请立即拨打110（报警）、119（火警）或120（急救）。我只回答三门峡市创建省级新型智慧城市示范市工作方案的问题。"
OUT_OF_SCOPE_ELSEWHERE = (
    "我只回答三门峡市的这份工作方案，其他地方或其他政策的问题请向当地政府咨询，或拨打当地12345热线。"
)
NOT_STATED = "公开的政策解读材料没有写{what}，可拨打政策解读联系电话{phone}咨询。"
NOT_STATED_NEAR = "能查到的是：{near}"
ASK_BACK = "您想问的是哪一个？请点选，或说得再具体一些。"
ASK_AGAIN = "我没有把握您问的是什么。您是想问下面的哪一个吗？也可以换个说法，或拨打{phone}。"
LAPSED = "按今天（{today}）看，这个时间已经过了；之后是否延续，公开材料没有写。"
CURRENT = "按今天（{today}）看，还在这个时间之内。"

#: Numbers that may stand in a reply without a quote: emergency and city services.
PUBLIC_NUMBERS = ("110", "119", "120", "12345")

EMPTY = "没有看到您的问题。请用一句话写下想了解的内容，例如：智慧社区由哪个单位牵头？"
NO_WORDS = "这条消息里只有符号，没有能读懂的文字。请用一句话写下想了解的内容，例如：智慧社区由哪个单位牵头？"
TOO_LONG = f"您的问题太长了。请缩短到{MAX_CHARACTERS}字以内再发送；有几个问题时，请分开来问。"
COMMAND = "问题不能以“/”或“@”开头。请去掉开头的这个符号，直接写下想了解的内容。"
UNAVAILABLE = "抱歉，服务暂时出了故障，没能回答您的问题。请稍后再试，或拨打政策解读联系电话{phone}咨询。"

#: What the web page says before the first question.
TITLE = "问策"
NOTICE = "回答由程序自动生成，每个回答都附原文；以官方文件为准。"
PRIVACY = (
    "您的问题和回答会保存30天，供您回看；没有答好的保存{days}天，供工作人员改进回答；手机号、身份证号、银行卡号、邮箱、车牌号保存前会被隐去，"
    "请不要填写个人信息。您可以随时删除对话。"
)

# What only WeChat's citizens read.
WECHAT_SOURCE = "出处：{places}"
WECHAT_CHOOSE = "回复数字选择："
WECHAT_NEXT = "还可以问（回复数字）："
WECHAT_MORE = "（还有，回复“继续”接着看）"
WECHAT_CONTINUE = "继续"
WECHAT_NOTHING_MORE = "上一个回答已经完了。还想了解什么，请直接说。"
WECHAT_LATE = "您的问题还在查。请过十秒左右回复 1 看回答。"
WECHAT_STILL_LATE = "您的问题还在查，请再过十秒左右回复 1。也可以拨打政策解读联系电话{phone}咨询。"
WECHAT_GREETING = "欢迎关注。"
WECHAT_VOICE = "没有听清您的话。请用文字写下您的问题。"
WECHAT_IMAGE = "我看不了图片。请用文字写下您想了解的内容。"
WECHAT_VIDEO = "我看不了视频。请用文字写下您想了解的内容。"
WECHAT_LOCATION = "我用不上位置信息。请用文字写下您想了解的内容。"
WECHAT_LINK = "我打不开链接。请用文字写下您想了解的内容。"
WECHAT_OTHER = "我只看得懂文字。请用文字写下您想了解的内容。"
