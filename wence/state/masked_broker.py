"""An event broker that publishes no personal number: `MaskedBroker(broker, mask)`.

`SqliteTrackerStore` puts it around whatever broker endpoints.yml names, so that no setting can leave it
out; Rasa, when it falls back to a tracker store in memory, takes the same one.
"""

from __future__ import annotations

from typing import Any

from rasa.core.brokers.broker import EventBroker

from wence.privacy import Masker


class MaskedBroker(EventBroker):
    """Hands events on to another broker, masked."""

    def __init__(self, broker: EventBroker, mask: Masker) -> None:
        self._broker = broker
        self._mask = mask

    def publish(self, event: dict[str, Any]) -> None:
        """Publish the event with every personal number in it masked, in the sender's name, too."""
        masked = self._mask.within({key: value for key, value in event.items() if key != "sender_id"})
        if "sender_id" in event:
            masked["sender_id"] = self._mask.sender(str(event["sender_id"]))
        self._broker.publish(masked)

    def is_ready(self) -> bool:
        """Return whether the other broker is ready."""
        return bool(self._broker.is_ready())

    async def close(self) -> None:
        """Close the other broker."""
        await self._broker.close()
