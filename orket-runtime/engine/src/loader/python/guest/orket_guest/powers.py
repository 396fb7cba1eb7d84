"""The powers of a run: every method is a call of docs/protocol.md, which the host authorises and records."""

import pathlib
import types

from orket_guest import sdk


class Power:
    """A capability whose operations are its methods: `power.op(key=value)` is a call."""

    def __init__(self, wire, name):
        self._wire, self._name = wire, name

    def _call(self, op, blob=b"", **args):
        return self._wire.call(self._name, op, args, blob)[0]

    def __getattr__(self, op):
        if op.startswith("_"):
            raise AttributeError(op)
        return lambda *given, **args: unfolded(self._call(op, **folded(given, args)))


def folded(given, args):
    """Arguments of a call; a request object stands for its fields."""
    folded = {}
    for one in given:
        fields = one if isinstance(one, dict) else getattr(one, "__dict__", None)
        if fields is None:
            raise TypeError("a capability is called with keywords, or with one request object")
        folded.update(fields)
    folded.update(args)
    return folded


def unfolded(answer):
    """An answer whose keys are attributes, too."""
    return types.SimpleNamespace(**answer) if isinstance(answer, dict) else answer


class Console(Power):
    def write(self, text):
        self._call("write", text=str(text))

    def write_line(self, text=""):
        self.write("%s\n" % text)

    def read_line(self, prompt=""):
        return self._call("read_line", prompt=prompt)


class Clock(Power):
    """Seconds since 1970; the object itself can be called for them."""

    def now_ns(self):
        return int(self._call("now"))

    def now(self):
        return self.now_ns() / 1_000_000_000

    __call__ = now

    def monotonic(self):
        return int(self._call("monotonic")) / 1_000_000_000

    def sleep(self, seconds):
        self._call("sleep", ns=str(int(seconds * 1_000_000_000)))


class Rng(Power):
    """Streams by name; what else a generator can do, the stream `default` does."""

    def stream(self, name="default"):
        return sdk.seeded(self._call("stream", name=name)["key"])

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if "default" not in self.__dict__:
            self.__dict__["default"] = self.stream()
        return getattr(self.__dict__["default"], name)


class Kv(Power):
    def get(self, namespace, key):
        entry = self._call("get", namespace=namespace, key=key)
        return None if entry is None else (entry["value"], entry["version"])

    def put(self, namespace, key, value, expected_version=None):
        put = self._call("put", namespace=namespace, key=key, value=value, expected=expected_version)
        return put["version"]

    def delete(self, namespace, key):
        return self._call("delete", namespace=namespace, key=key)

    def list(self, namespace, prefix=""):
        return self._call("list", namespace=namespace, prefix=prefix)


class AudioOutput(Power):
    def play(self, clip, blocking=True):
        samples = sdk.sample_bytes(clip.samples)
        self._call("play", samples, sample_rate=clip.sample_rate, channels=clip.channels, blocking=blocking)

    play_clip = play

    def stop(self):
        self._call("stop")


def clip(answer):
    """A clip from an answer and the samples that came with it."""
    told, samples = answer
    return sdk.AudioClip(told["sample_rate"], told["channels"], samples)


class AudioInput(Power):
    def record(self, max_seconds=5.0):
        return clip(self._wire.call(self._name, "record", {"max_ms": round(max_seconds * 1_000)}))


class Model(Power):
    """`generate` takes keywords or a request object; the temperature is a fraction, as it was."""

    def generate(self, *given, **args):
        args = folded(given, args)
        args["system"], args["user"] = args.get("system") or "", args.get("user") or args.pop("prompt", "")
        if "temperature" in args:
            args["temperature_milli"] = round(args.pop("temperature") * 1_000)
        args = {name: value for name, value in args.items() if value is not None}
        return unfolded(self._call("generate", **args))


class MemoryQuery(Power):
    def query(self, query, scope="session_memory", limit=10):
        return [unfolded(one) for one in self._call("query", scope=scope, query=query, limit=limit)]


class MemoryWrite(Power):
    def write(self, key, value, scope="session_memory", metadata=None):
        return unfolded(self._call("write", scope=scope, key=key, value=value, metadata=metadata or {}))

    def delete(self, key, scope="session_memory"):
        return self._call("delete", scope=scope, key=key)


class Screen(Power):
    def render(self, panels):
        self._call("render", panels=[panel if isinstance(panel, dict) else dict(vars(panel)) for panel in panels])

    def clear(self):
        self._call("clear")

    def size(self):
        return unfolded(self._call("size"))


class Transcriber(Power):
    def transcribe(self, sound, mime="audio/wav", language=None):
        return unfolded(self._call("transcribe", bytes(sound), mime=mime, language=language))


class Speech(Power):
    def synthesize(self, text, voice="default", emotion="neutral", speed=1.0):
        args = {"text": text, "voice": voice, "emotion": emotion, "speed_percent": round(speed * 100)}
        return clip(self._wire.call(self._name, "synthesize", args))

    speak = synthesize

    def list_voices(self):
        return [unfolded(one) for one in self._call("list_voices")]


class TurnControl(Power):
    def control(self, command, silence_delay=2.0):
        return self._call("control", command=command, silence_ms=round(silence_delay * 1_000))["state"]

    def state(self):
        return self._call("state")["state"]


KINDS = {
    "audio_input": AudioInput,
    "audio_output": AudioOutput,
    "clock": Clock,
    "console": Console,
    "kv": Kv,
    "memory.query": MemoryQuery,
    "memory.write": MemoryWrite,
    "model.generate": Model,
    "rng": Rng,
    "screen.render": Screen,
    "speech.transcribe": Transcriber,
    "tts.speak": Speech,
    "voice.turn_control": TurnControl,
}


class HostCapabilities(sdk.CapabilityRegistry):
    """What the host offers, by the names of today and of before. What is not declared the host denies, on record."""

    def __init__(self, wire, declared, aliases, folders):
        super().__init__(folders)
        self.wire, self.declared, self.aliases = wire, declared, aliases

    def get(self, name):
        if name not in self.providers:
            current = self.aliases.get(name) or name
            self.providers[name] = KINDS.get(current, Power)(self.wire, current)
        return self.providers[name]

    def has(self, name):
        return name in self.providers or (self.aliases.get(name) or name) in self.declared

    __contains__ = has


def of_run(wire, declared, aliases):
    folders = {"workspace.root": pathlib.Path("workspace"), "artifact.root": pathlib.Path("artifacts")}
    return HostCapabilities(wire, declared, aliases, folders)
