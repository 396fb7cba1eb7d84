"""The shapes of the SDK v0, as extensions import them: `orket_extension_sdk` and the modules in it."""

import array
import dataclasses
import hashlib
import json
import random
import sys
import types
import typing

from orket_guest.wire import CapabilityError


@dataclasses.dataclass
class ArtifactRef:
    """A file below the artifact folder."""

    path: str
    digest_sha256: str = ""
    kind: typing.Optional[str] = None


@dataclasses.dataclass
class Issue:
    """A finding."""

    code: str
    message: str
    severity: str = "error"
    path: typing.Optional[str] = None


@dataclasses.dataclass
class WorkloadResult:
    """What a workload gives back."""

    ok: bool = True
    output: dict = dataclasses.field(default_factory=dict)
    artifacts: list = dataclasses.field(default_factory=list)
    issues: list = dataclasses.field(default_factory=list)
    metrics: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class AudioClip:
    """Samples of 16 bits, as bytes or numbers."""

    sample_rate: int
    channels: int
    samples: typing.Any


@dataclasses.dataclass
class RunAction:
    """A step of a legacy plan."""

    op: str
    target: str
    params: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class RunPlan:
    """A legacy plan."""

    workload_id: str
    workload_version: str
    actions: typing.Any = ()
    metadata: dict = dataclasses.field(default_factory=dict)


class CapabilityRegistry:
    """Powers by name, with the typed ways to some of them."""

    def __init__(self, providers=None):
        self.providers = dict(providers or {})

    def register(self, name, provider):
        if name in self.providers:
            raise ValueError("`%s` is provided already" % name)
        self.providers[name] = provider

    def get(self, name):
        try:
            return self.providers[name]
        except KeyError:
            raise CapabilityError("capability.undeclared", "`%s` is not declared by the workload" % name) from None

    def has(self, name):
        return name in self.providers

    __contains__ = has

    def llm(self):
        return self.get("model.generate")

    def memory_writer(self):
        return self.get("memory.write")

    def memory_query(self):
        return self.get("memory.query")

    def stt(self):
        return self.get("speech.transcribe")

    def screen(self):
        return self.get("screen.render")

    def voice_turn_controller(self):
        return self.get("voice.turn_control")


@dataclasses.dataclass
class WorkloadContext:
    """What a workload runs with."""

    extension_id: str
    workload_id: str
    run_id: str
    workspace_root: typing.Any
    input_dir: typing.Any
    output_dir: typing.Any
    capabilities: CapabilityRegistry
    seed: int = 0
    config: dict = dataclasses.field(default_factory=dict)


def run_workload(workload, ctx, payload):
    """Runs a class with `run`, an object with `run`, or a callable."""
    if isinstance(workload, type):
        workload = workload()
    run = getattr(workload, "run", workload)
    if not callable(run):
        raise TypeError("a workload is a class or object with `run`, or a callable")
    return waited_for(run(ctx, payload))


def waited_for(value):
    """What a coroutine comes to. There is no loop that it could wait in."""
    if not (hasattr(value, "__await__") and hasattr(value, "send")):
        return value
    try:
        value.send(None)
    except StopIteration as end:
        return end.value
    raise RuntimeError("the workload waits for something, and nothing can come in the sandbox")


def canonical_json(value):
    """JSON with sorted keys and nothing between them."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_digest(value):
    """The digest of bytes, of text, or of a value's canonical JSON."""
    if isinstance(value, str):
        value = value.encode()
    elif not isinstance(value, (bytes, bytearray)):
        value = canonical_json(value).encode()
    return hashlib.sha256(value).hexdigest()


class GoldenArtifact:
    """A digest that must not change."""

    def __init__(self, digest_sha256):
        self.digest_sha256 = digest_sha256

    def assert_matches(self, value):
        found = sha256_digest(value)
        if found != self.digest_sha256:
            raise AssertionError("the digest is %s, expected was %s" % (found, self.digest_sha256))


class FakeCapabilities(CapabilityRegistry):
    """Powers for tests."""

    @classmethod
    def from_mapping(cls, providers):
        return cls(providers)


class DeterminismHarness:
    """Runs something several times and compares."""

    def __init__(self, runs=3):
        self.runs = runs

    def assert_repeatable(self, function):
        found = [sha256_digest(shown(function())) for _ in range(self.runs)]
        if len(set(found)) > 1:
            raise AssertionError("it does not repeat: %s" % ", ".join(found))


def shown(value):
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) else value


def sample_bytes(samples):
    """Samples as 16-bit little-endian bytes."""
    if isinstance(samples, (bytes, bytearray, memoryview)):
        return bytes(samples)
    packed = array.array("h", samples)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def seeded(key):
    """A generator from the key of a stream."""
    return random.Random(int(key, 16))


NAMES = {
    "artifact": [ArtifactRef],
    "audio": [AudioClip],
    "capabilities": [CapabilityRegistry, CapabilityError],
    "legacy": [RunAction, RunPlan],
    "result": [ArtifactRef, Issue, WorkloadResult],
    "testing": [canonical_json, sha256_digest, GoldenArtifact, FakeCapabilities, DeterminismHarness],
    "workload": [WorkloadContext, run_workload],
}


def offer():
    """Puts the modules where `import` finds them."""
    sdk = types.ModuleType("orket_extension_sdk", __doc__)
    sdk.__path__ = []
    sys.modules[sdk.__name__] = sdk
    for name, members in NAMES.items():
        module = types.ModuleType("orket_extension_sdk." + name)
        for member in members:
            setattr(module, member.__name__, member)
            if name != "testing":
                setattr(sdk, member.__name__, member)
        setattr(sdk, name, module)
        sys.modules[module.__name__] = module
