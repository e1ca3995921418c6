"""The plain-data language between the judge and a submission's process.

Only values cross: None, bool, int, float, complex, str, bytes, list, tuple, dict, numeric, boolean
and text arrays, and six small kinds that stand for what cannot cross (`Rng`, `Tensor`, `Handle`,
`Remote`, `Own`, `Prop`). No pickle, no construction of foreign objects; the only text that is run
is the judge's own, in the submission's process. Every limit is checked before memory is taken,
because the bytes may come from hostile code.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

MAX_DEPTH, MAX_NODES, MAX_NDIM, MAX_INT_BYTES = 32, 200_000, 16, 512
_DTYPES = [
    np.dtype(name)
    for name in (
        *("?", "<i1", "<i2", "<i4", "<i8", "<u1", "<u2", "<u4", "<u8"),
        *("<f2", "<f4", "<f8", "<c8", "<c16"),
    )
]
_CODES = {dtype: code for code, dtype in enumerate(_DTYPES)}
_U64, _F64, _I64 = struct.Struct("<Q"), struct.Struct("<d"), struct.Struct("<q")
HEADER = _U64  # a frame is its payload's length, then the payload


@dataclass(frozen=True)
class Rng:
    """A `numpy.random.Generator`, made from `seed` in the child.

    In one that came back, `seed` is a fingerprint of its state.
    """

    seed: int


@dataclass(frozen=True, eq=False)
class Tensor:
    """A torch tensor as its array; `requires_grad` asks the child to track gradients."""

    array: np.ndarray
    requires_grad: bool = False


@dataclass(frozen=True)
class Handle:
    """An object that stays in the submission's process, by number; `kind` is its class's name."""

    number: int
    kind: str


@dataclass(frozen=True)
class Remote:
    """A judge's object that the submission may call: itself, or the named `methods`."""

    number: int
    methods: tuple[str, ...] = ()


@dataclass(frozen=True)
class Own:
    """The submission's own function called `name`, to be handed to another one of it."""

    name: str


@dataclass(frozen=True)
class Prop:
    """What the judge's text `source` defines as `name`, made on the submission's side.

    For arguments that no plain value stands for and that cannot be called from afar: a module to
    train, a loss to differentiate through, a data frame. All props of one source share a namespace.
    """

    source: str
    name: str


class WireError(Exception):
    """The value cannot cross, or the bytes are not a value."""


def encode(value: Any) -> list[bytes | bytearray | memoryview]:
    """The frame for `value` as buffers to write in order (large arrays are not copied)."""
    encoder = _Encoder()
    encoder.put(value, 0)
    return encoder.frame()


def decode(payload: bytes | bytearray | memoryview) -> Any:
    """The value of exactly one payload; arrays are read-only views of it. Raises only WireError."""
    return _Decoder(memoryview(payload)).value()


class _Encoder:
    def __init__(self) -> None:
        self.parts: list[bytes | bytearray | memoryview] = []
        self.current = bytearray()
        self.length = 0
        self.nodes = 0

    def frame(self) -> list[bytes | bytearray | memoryview]:
        parts = [HEADER.pack(self.length), *self.parts, self.current]
        return [part for part in parts if len(part)]

    def _write(self, data: bytes) -> None:
        self.current += data
        self.length += len(data)

    def _write_text(self, text: str) -> None:
        try:
            data = text.encode("utf-8", "strict")
        except UnicodeEncodeError:
            raise WireError("text holds half a surrogate pair") from None
        self._write(_U64.pack(len(data)) + data)

    def put(self, value: Any, depth: int) -> None:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise WireError("the value is nested too deeply or has too many parts")
        kind = type(value)
        if value is None:
            self._write(b"N")
        elif kind is bool:
            self._write(b"T" if value else b"F")
        elif kind is int:
            self._put_int(value)
        elif kind is float:
            self._write(b"f" + _F64.pack(value))
        elif kind is complex:
            self._write(b"c" + _F64.pack(value.real) + _F64.pack(value.imag))
        elif kind is str:
            self._write(b"s")
            self._write_text(value)
        elif kind is bytes:
            self._write(b"b" + _U64.pack(len(value)) + value)
        elif kind in (list, tuple):
            self._write((b"l" if kind is list else b"t") + _U64.pack(len(value)))
            for item in value:
                self.put(item, depth + 1)
        elif kind is dict:
            self._write(b"d" + _U64.pack(len(value)))
            for key, item in value.items():
                self.put(key, depth + 1)
                self.put(item, depth + 1)
        elif kind is np.ndarray:
            self._put_array(value)
        elif kind is Rng:
            self._write(b"R" + _I64.pack(value.seed))
        elif kind is Tensor:
            self._write(b"x" + bytes((value.requires_grad,)))
            self._put_array(value.array)
        elif kind is Handle:
            self._write(b"h" + _U64.pack(value.number))
            self._write_text(value.kind)
        elif kind is Remote:
            self._write(b"r" + _U64.pack(value.number))
            self.put(list(value.methods), depth + 1)
        elif kind is Own:
            self._write(b"o")
            self._write_text(value.name)
        elif kind is Prop:
            self._write(b"p")
            self._write_text(value.source)
            self._write_text(value.name)
        else:
            raise WireError(f"a value of type {kind.__name__} is not plain data")

    def _put_int(self, value: int) -> None:
        if -(1 << 63) <= value < 1 << 63:
            self._write(b"i" + _I64.pack(value))
            return
        size = (value.bit_length() + 8) // 8
        if size > MAX_INT_BYTES:
            raise WireError("an integer is too large")
        self._write(b"I" + _U64.pack(size) + value.to_bytes(size, "little", signed=True))

    def _put_array(self, array: np.ndarray) -> None:
        if array.ndim > MAX_NDIM:
            raise WireError(f"an array of {array.ndim} dimensions is too deep")
        shape = b"".join(_U64.pack(size) for size in array.shape)
        if array.dtype.kind == "U":
            self.nodes += array.size
            if self.nodes > MAX_NODES:
                raise WireError("a text array has too many parts")
            self._write(b"u" + bytes((array.ndim,)) + shape)
            for text in array.ravel().tolist():
                self._write_text(text)
            return
        dtype = array.dtype.newbyteorder("<")
        code = _CODES.get(dtype)
        if code is None:
            raise WireError(f"an array of dtype {array.dtype} is not plain data")
        # not ascontiguousarray: it would turn a 0-d array into a 1-d one
        flat = np.asarray(array, dtype=dtype, order="C").reshape(-1)
        self._write(b"a" + bytes((code, array.ndim)) + shape)
        self._write(b"\0" * (-self.length % 16))
        if flat.nbytes:
            self.parts += [self.current, memoryview(flat.data).cast("B")]
            self.length += flat.nbytes
            self.current = bytearray()


class _Decoder:
    """A cursor over one payload. Hostile input can only end in WireError or a bounded value."""

    def __init__(self, payload: memoryview) -> None:
        self.payload, self.end = payload, len(payload)
        self.at = self.nodes = 0

    def value(self) -> Any:
        value = self._get(0)
        if self.at != self.end:
            raise WireError("trailing bytes")
        return value

    def _take(self, size: int) -> memoryview:
        if size < 0 or self.at + size > self.end:
            raise WireError("truncated")
        self.at += size
        return self.payload[self.at - size : self.at]

    def _count(self) -> int:
        return _U64.unpack(self._take(8))[0]

    def _text(self) -> str:
        try:
            return str(self._take(self._count()), "utf-8", "strict")
        except UnicodeDecodeError:
            raise WireError("text is not UTF-8") from None

    def _get(self, depth: int) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise WireError("too deep, or too many parts")
        reader = self._READERS.get(self._take(1)[0])
        if reader is None:
            raise WireError("unknown tag")
        return reader(self, depth)

    def _complex(self, depth: int) -> complex:
        return complex(_F64.unpack(self._take(8))[0], _F64.unpack(self._take(8))[0])

    def _big_int(self, depth: int) -> int:
        size = self._count()
        if size > MAX_INT_BYTES:
            raise WireError("an integer is too large")
        return int.from_bytes(self._take(size), "little", signed=True)

    def _items(self, depth: int) -> list[Any]:
        count = self._count()
        if count > MAX_NODES:
            raise WireError("too many parts")
        return [self._get(depth + 1) for _ in range(count)]

    def _dict(self, depth: int) -> dict[Any, Any]:
        count = self._count()
        if count > MAX_NODES:
            raise WireError("too many parts")
        result: dict[Any, Any] = {}
        for _ in range(count):
            key = self._get(depth + 1)
            # large integers can be made to collide, and a dict of them keeps the judge busy
            small = type(key) is int and key.bit_length() <= 63
            if not (small or type(key) in (str, float, bool, type(None))):
                raise WireError("bad dictionary key")
            result[key] = self._get(depth + 1)
        if len(result) != count:
            raise WireError("duplicate dictionary keys")
        return result

    def _shape(self) -> tuple[int, ...]:
        ndim = self._take(1)[0]
        if ndim > MAX_NDIM:
            raise WireError("an array has too many dimensions")
        shape = struct.unpack(f"<{ndim}Q", self._take(8 * ndim))
        if any(size > 1 << 40 for size in shape):
            raise WireError("bad shape")
        return shape

    def _array(self, depth: int) -> np.ndarray:
        code = self._take(1)[0]
        if code >= len(_DTYPES):
            raise WireError("unknown dtype")
        dtype, shape = _DTYPES[code], self._shape()
        self._take(-self.at % 16)
        size = dtype.itemsize
        for length in shape:
            size *= length
        data = self._take(size)
        if not size:
            return np.empty(shape, dtype)
        array = np.frombuffer(data, dtype).reshape(shape)
        if dtype.kind == "b" and array.view("u1").max() > 1:
            raise WireError("a truth value is neither 0 nor 1")
        return array

    def _text_array(self, depth: int) -> np.ndarray:
        shape, count = self._shape(), 1
        for length in shape:
            count *= length
        self.nodes += count
        if self.nodes > MAX_NODES:
            raise WireError("too many parts")
        texts = [self._text() for _ in range(count)]
        if texts and max(map(len, texts)) * count > 1 << 24:
            raise WireError("a text array is too large")
        return np.array(texts, dtype=np.str_).reshape(shape)

    def _tensor(self, depth: int) -> Tensor:
        requires_grad = self._take(1)[0] == 1
        if self._take(1)[0] != ord("a"):
            raise WireError("a tensor without numbers")
        return Tensor(self._array(depth), requires_grad)

    def _remote(self, depth: int) -> Remote:
        number, methods = self._count(), self._get(depth + 1)
        if type(methods) is not list or not all(type(name) is str for name in methods):
            raise WireError("bad remote object")
        return Remote(number, tuple(methods))

    _READERS: ClassVar[dict[int, Any]] = {
        ord("N"): lambda self, depth: None,
        ord("T"): lambda self, depth: True,
        ord("F"): lambda self, depth: False,
        ord("i"): lambda self, depth: _I64.unpack(self._take(8))[0],
        ord("f"): lambda self, depth: _F64.unpack(self._take(8))[0],
        ord("c"): _complex,
        ord("I"): _big_int,
        ord("s"): lambda self, depth: self._text(),
        ord("b"): lambda self, depth: bytes(self._take(self._count())),
        ord("l"): _items,
        ord("t"): lambda self, depth: tuple(self._items(depth)),
        ord("d"): _dict,
        ord("a"): _array,
        ord("u"): _text_array,
        ord("R"): lambda self, depth: Rng(_I64.unpack(self._take(8))[0]),
        ord("x"): _tensor,
        ord("h"): lambda self, depth: Handle(self._count(), self._text()),
        ord("r"): _remote,
        ord("o"): lambda self, depth: Own(self._text()),
        ord("p"): lambda self, depth: Prop(self._text(), self._text()),
    }
