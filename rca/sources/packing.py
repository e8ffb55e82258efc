"""A file's bytes -> plain UTF-8 bytes that can be read by line.

In: a binary stream. Out: a buffered stream, unpacked. Decides by the first bytes, never by the name:
gzip by its magic number, UTF-16 (what PowerShell's `>` writes) and UTF-8 by their byte order marks.
"""

import codecs
import io
import zlib
from collections.abc import Iterator

_CHUNK = 1 << 18
_BOMB, _BOMB_RATIO = 1 << 28, 200
"""Bytes unpacked, and how many for each packed one, from which on it is no log: those shrink ten- to thirtyfold."""

_GZIP = b"\x1f\x8b"
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Unpacked(io.RawIOBase):
    """The bytes behind gzip and byte order marks; `damage` says, once read, what was wrong with them."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        super().__init__()
        self.damage: str | None = None
        self.packed = False
        """Once read: whether the bytes are not the file's own."""

        self._chunks = self._unpack(stream)
        self._left = b""
        self._plain: io.BufferedIOBase | None = None
        """What is read as it is, once its beginning said so."""

    def readable(self) -> bool:
        """True: it is there to be read."""
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override] # typeshed's name for it is private
        """Fills the buffer with what comes next; 0 at the end, or where the bytes are damaged."""
        if not self._left:
            self._left = next(self._chunks, b"")
            if not self._left and self._plain is not None:
                return self._plain.readinto(buffer)
        given = self._left[: len(buffer)]
        self._left = self._left[len(given) :]
        buffer[: len(given)] = given
        return len(given)

    def _unpack(self, stream: io.BufferedIOBase) -> Iterator[bytes]:
        chunks = _chunks(stream)
        first = next(chunks, b"")
        if first.startswith(_GZIP):
            self.packed = True
            chunks = self._inflate(first, chunks)
            first = next(chunks, b"")
        encoding = _UTF16.get(first[:2])
        if encoding is not None:
            self.packed = True
            decoder = codecs.getincrementaldecoder(encoding)("replace")
            yield decoder.decode(first[2:]).encode("utf-8", "replace")
            for chunk in chunks:
                yield from filter(None, (decoder.decode(chunk).encode("utf-8", "replace"),))
            return
        yield from filter(None, (first.removeprefix(codecs.BOM_UTF8),))
        if self.packed:
            yield from chunks
        else:
            self._plain = stream

    def _inflate(self, first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """What a gzip stream of one or more members holds, as far as it can be read."""
        inflater = zlib.decompressobj(wbits=31)
        packed, taken, given = first, len(first), 0
        while True:
            try:
                while packed:
                    if inflater.eof:
                        if not packed.startswith(_GZIP):  # padding after the last member
                            return
                        inflater = zlib.decompressobj(wbits=31)
                    plain = inflater.decompress(packed, _CHUNK)
                    packed = inflater.unconsumed_tail or inflater.unused_data
                    given += len(plain)
                    if given > _BOMB and given > _BOMB_RATIO * taken:
                        self.damage = f"it unpacks to more than {_BOMB_RATIO} times its size, as no log does"
                        return
                    if plain:
                        yield plain
            except zlib.error as error:
                self.damage = f"its gzip data is damaged ({error})"
                return
            packed = next(chunks, b"")
            taken += len(packed)
            if not packed:
                break
        if not inflater.eof:
            self.damage = "its gzip data ends early"


def _chunks(stream: io.BufferedIOBase) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk
