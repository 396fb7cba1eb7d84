"""The frames of docs/protocol.md over descriptor 3, and failures in the words of the host."""

import json
import os
import re
import sys

SOCKET = 3
VERSION = 1
JSON_BYTES_MAX = 8 << 20
BLOB_BYTES_MAX = 32 << 20
MESSAGE_MAX = 4_000

_read, _write = os.read, os.write


class Failure(Exception):
    """Something that cannot be done, with a code of docs/codes or the author's own."""

    def __init__(self, code, message, location=None):
        super().__init__(message)
        self.code = code
        self.location = location


class CapabilityError(RuntimeError):
    """What the host answers to a call that it refuses or cannot carry out."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Wire:
    """One end of the conversation."""

    def __init__(self):
        self.calls = 0

    def send(self, name, body, blob=b""):
        text = encoded({name: body})
        if len(text) > JSON_BYTES_MAX or len(blob) > BLOB_BYTES_MAX:
            raise Failure("protocol.too-large", "`%s` is larger than a message may be" % name)
        lengths = len(text).to_bytes(4, "big") + len(blob).to_bytes(4, "big")
        for part in (lengths + text, blob):
            view = memoryview(part)
            while view:
                view = view[_write(SOCKET, view) :]

    def receive(self):
        """The name, body and attachment of the next frame; `None` when the host has closed the stream."""
        lengths = self.exactly(8)
        if lengths is None:
            return None
        text = self.exactly(int.from_bytes(lengths[:4], "big"))
        blob = self.exactly(int.from_bytes(lengths[4:], "big"))
        if text is None or blob is None:
            return None
        [(name, body)] = json.loads(text).items()
        return name, body, blob

    def exactly(self, size):
        read = bytearray()
        while len(read) < size:
            part = _read(SOCKET, min(size - len(read), 1 << 20))
            if not part:
                return None
            read += part
        return bytes(read)

    def call(self, capability, op, args=None, blob=b""):
        """Calls a capability and gives the host's answer, with its attachment where there is one."""
        seq = self.calls
        self.send("call", {"seq": seq, "capability": capability, "op": op, "args": args or {}}, blob)
        self.calls += 1
        return self.answer("reply", CapabilityError)

    def artifact(self, path, kind):
        """Reports a file; its reference."""
        self.send("artifact", {"path": path, "kind": kind})
        return self.answer("artifact", Failure)[0]

    def answer(self, awaited, error):
        frame = self.receive()
        if frame is None:
            raise SystemExit(1)
        name, body, blob = frame
        if name != awaited:
            raise Failure("protocol.out-of-turn", "the host sent `%s` instead of `%s`" % (name, awaited))
        answer = body["answer"]
        if "error" in answer:
            raise error(answer["error"]["code"], answer["error"]["message"])
        return answer["ok"], blob

    def log(self, level, message):
        self.send("log", {"level": level, "message": message[:MESSAGE_MAX]})


def encoded(frame):
    try:
        return json.dumps(frame, allow_nan=False, separators=(",", ":")).encode()
    except ValueError as error:
        raise Failure("json.number", "a number has no place in JSON: %s" % error) from None
    except (TypeError, RecursionError) as error:
        raise Failure("result.shape", "what is given back is not JSON: %s" % error) from None


def failure(error, folder):
    """An exception as the host is told of it: its code, its words, and the author's line that it comes from."""
    code = getattr(error, "code", None)
    if not (isinstance(code, str) and re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+", code)):
        code = "guest.panicked"
    message = str(error)
    if not isinstance(error, (Failure, CapabilityError)):
        message = "%s: %s" % (type(error).__name__, message) if message else type(error).__name__
    told = {"code": code, "message": message[:MESSAGE_MAX]}
    location = getattr(error, "location", None) or place(error, folder)
    if location:
        told["location"] = location
    return told


def place(error, folder):
    """`file:line:column` of the innermost line of the author's; of a syntax error the line that has it."""
    if isinstance(error, SyntaxError) and below(error.filename, folder):
        return "%s:%d:%d" % (below(error.filename, folder), error.lineno or 1, max(error.offset or 1, 1))
    found, trace = None, error.__traceback__
    while trace is not None:
        file = below(trace.tb_frame.f_code.co_filename, folder)
        if file:
            found = "%s:%d:%d" % (file, trace.tb_lineno, column(trace))
        trace = trace.tb_next
    return found


def below(file, folder):
    """The path of a file as it is below a folder; `None` when it lies elsewhere."""
    path = os.path.normpath(file or "")
    return path[len(folder) + 1 :] if path.startswith(folder + "/") else None


def column(trace):
    """The column of what failed, where this Python knows it."""
    if sys.version_info < (3, 11) or trace.tb_lasti < 0:
        return 1
    positions = list(trace.tb_frame.f_code.co_positions())
    start = positions[trace.tb_lasti // 2][2]
    return 1 if start is None else start + 1
