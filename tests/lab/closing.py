"""Bytes of one direction of a WebSocket -> its close frame, if one passes. Source: RFC 6455, section 5.2."""

from dataclasses import dataclass

_CLOSE = 8
_SHORT_LENGTH = 126
_LONG_LENGTH = 127


@dataclass(frozen=True, slots=True)
class CloseFrame:
    """Code (1005 when the frame has none) and reason, as sent."""

    code: int
    reason: str


class CloseWatch:
    """Follows the frames of one direction; `seen` holds the first close frame."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self.seen: CloseFrame | None = None

    def feed(self, data: bytes) -> None:
        """Frames in `data`, and what was left before, have been looked at."""
        if self.seen is not None:
            return
        self._bytes += data
        while self._take_frame():
            pass

    def _take_frame(self) -> bool:
        head = self._header()
        if head is None:
            return False
        start, length, mask = head
        if len(self._bytes) < start + length:
            return False
        if self._bytes[0] & 0x0F == _CLOSE:
            body = bytes(
                byte ^ mask[i % 4] if mask else byte
                for i, byte in enumerate(self._bytes[start : start + length])
            )
            code = int.from_bytes(body[:2], "big") if length else 1005
            self.seen = CloseFrame(code, body[2:].decode("utf-8", "replace"))
            return False
        del self._bytes[: start + length]
        return True

    def _header(self) -> tuple[int, int, bytes] | None:
        raw = self._bytes
        if len(raw) < 2:
            return None
        length, at = raw[1] & 0x7F, 2
        width = {_SHORT_LENGTH: 2, _LONG_LENGTH: 8}.get(length, 0)
        masked = bool(raw[1] & 0x80)
        if len(raw) < at + width + 4 * masked:
            return None
        if width:
            length = int.from_bytes(raw[at : at + width], "big")
        at += width
        return at + 4 * masked, length, bytes(raw[at : at + 4]) if masked else b""
