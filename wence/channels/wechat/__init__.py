"""WeChat: a channel for 公众号 and one for 企业微信, on the same protocol.

settings.py     what staff enter: Token, EncodingAESKey, AppID …
crypto.py       signatures and the encryption of messages
xml.py          reading what is sent and writing what is answered
messages.py     what a message is, and what it asks
rendering.py    a reply as text of at most 2,000 bytes, or as several
choices.py      "1", "一", "①": which option is meant
ledger.py       what must be known again, by every worker: nonces, tries, options, the rest of a text
gate.py         from a request to a message that is proved to come from the platform
service.py      from a message to what is answered within five seconds
platform.py     calls of ours to the platform: messages sent later, the menu
channel.py      the routes
"""
