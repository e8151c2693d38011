"""The platform's signatures and its encryption of messages, the same for 公众号 and 企业微信.

    crypto = MessageCrypto(token, aes_key, receiver)            receiver: the AppID, or the CorpID
    crypto.open(encrypted, signature, timestamp, nonce)         the plain message; `Refused` when it is forged
    crypto.seal(plain, timestamp, nonce)                        what is encrypted, and its signature
    is_signed(token, signature, timestamp, nonce)               the signature of an address, without a message

AES-256-CBC with the first 16 bytes of the key as the initialisation vector, padded to 32 bytes. Inside stand
16 random bytes, the length of the message in four bytes, the message, and whom it is for. The signature is
checked before anything is decrypted, and always in constant time: an answer says nothing about how far a
forgery got.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
VECTOR = 16
RANDOM = 16
LENGTH = 4
AES_KEY_CHARACTERS = 43


class Code:
    """The platform's own numbers for what is wrong with a message."""

    SIGNATURE = -40001
    XML = -40002
    AES_KEY = -40004
    RECEIVER = -40005
    DECRYPTION = -40007
    BUFFER = -40008
    BASE64 = -40010


class Refused(Exception):
    """A message that is not taken; `code` is the platform's number, `str()` the reason for the log."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


@dataclasses.dataclass(frozen=True)
class Sealed:
    """An encrypted message with its signature."""

    encrypted: str
    signature: str
    timestamp: str
    nonce: str


def signature_of(*parts: str) -> str:
    """Return the platform's signature of some texts: of all of them sorted, in hexadecimal digits."""
    joined = "".join(sorted(parts)).encode()
    # The platform prescribes SHA-1; the token among the parts is what makes it a signature.
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def is_signed(token: str, signature: str, *parts: str) -> bool:
    """Whether a signature belongs to these texts and the token."""
    return hmac.compare_digest(signature_of(token, *parts).encode(), signature.encode("utf-8", "replace"))


def new_nonce() -> str:
    """Return a nonce for a message of ours: ten digits, as the platform writes its own."""
    return f"{secrets.randbelow(10**10):010d}"


def key_of(aes_key: str) -> bytes:
    """Return the 32 bytes of an EncodingAESKey; `Refused` when it is none."""
    try:
        key = base64.b64decode(f"{aes_key}=", validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(aes_key) != AES_KEY_CHARACTERS or len(key) != BLOCK:
        raise Refused(Code.AES_KEY, f"EncodingAESKey 应当是 {AES_KEY_CHARACTERS} 个字母和数字")
    return key


class MessageCrypto:
    """Opens and seals the messages of one account."""

    def __init__(self, token: str, aes_key: str, receiver: str) -> None:
        self._token = token
        self._receiver = receiver.encode()
        key = key_of(aes_key)
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:VECTOR]))

    def open(self, encrypted: str, signature: str, timestamp: str, nonce: str) -> bytes:
        """Return the message in an encrypted text; `Refused` when it is not the platform's or not for us."""
        if not is_signed(self._token, signature, timestamp, nonce, encrypted):
            raise Refused(Code.SIGNATURE, "msg_signature 与消息不符")
        return self._content(self._decrypted(encrypted))

    def seal(self, plain: bytes, timestamp: str, nonce: str, random: bytes | None = None) -> Sealed:
        """Encrypt and sign a message; `random` is for tests alone."""
        start = secrets.token_bytes(RANDOM) if random is None else random
        whole = start + struct.pack(">I", len(plain)) + plain + self._receiver
        surplus = BLOCK - len(whole) % BLOCK
        encryptor = self._cipher.encryptor()
        cipher = encryptor.update(whole + bytes([surplus]) * surplus) + encryptor.finalize()
        encrypted = base64.b64encode(cipher).decode()
        return Sealed(encrypted, signature_of(self._token, timestamp, nonce, encrypted), timestamp, nonce)

    def _decrypted(self, encrypted: str) -> bytes:
        try:
            cipher = base64.b64decode(encrypted, validate=True)
        except (ValueError, binascii.Error):
            raise Refused(Code.BASE64, "Encrypt 不是 Base64") from None
        if not cipher or len(cipher) % BLOCK:
            raise Refused(Code.DECRYPTION, "Encrypt 的长度不是 32 的倍数，解不开")
        decryptor = self._cipher.decryptor()
        padded = decryptor.update(cipher) + decryptor.finalize()
        surplus = padded[-1]
        if not 1 <= surplus <= BLOCK or padded[-surplus:] != bytes([surplus]) * surplus:
            raise Refused(Code.BUFFER, "解开后的填充不对，多半是 EncodingAESKey 与后台的不同")
        return padded[:-surplus]

    def _content(self, whole: bytes) -> bytes:
        head, rest = whole[RANDOM : RANDOM + LENGTH], whole[RANDOM + LENGTH :]
        if len(head) < LENGTH or struct.unpack(">I", head)[0] > len(rest):
            raise Refused(Code.BUFFER, "解开后的长度不对")
        length = struct.unpack(">I", head)[0]
        if not hmac.compare_digest(rest[length:], self._receiver):
            raise Refused(Code.RECEIVER, "消息不是发给这个 AppID（或 CorpID）的")
        return rest[:length]
