"""Greets, then does what the host asks for until it closes the stream."""

import dataclasses
import importlib
import json
import os
import pathlib
import sys

from orket_guest import ambient, imports, legacy, powers, scan, sdk
from orket_guest.wire import VERSION, Failure, Wire, failure

EXTENSION = "python/extension.json"
WORKSPACE = "workspace"
ARTIFACTS = "artifacts"
SEVERITIES = ("info", "warning", "error")


class Guest:
    """One extension, and the talk about it."""

    def __init__(self, extension, is_scan):
        self.extension, self.is_scan, self.wire = extension, is_scan, Wire()
        self.rule = imports.Rule(WORKSPACE, extension["allowed_stdlib_modules"])
        self.is_legacy = extension["dialect"] == "legacy"
        self.held = []

    def serve(self):
        # The host compares what lies beside the sources with the manifest that it has read.
        with open(os.path.join(WORKSPACE, self.extension["manifest"]), encoding="utf-8", newline="") as file:
            self.wire.send("hello", {"protocol": VERSION, "notes": [file.read()]})
        while True:
            frame = self.wire.receive()
            if frame is None:
                return 0
            name, body, _ = frame
            self.wire.calls = 0
            self.answer(*self.performed(name, body))

    def performed(self, name, body):
        tasks = {
            "grant": self.grant,
            "plan": self.plan,
            "start": self.start,
            "validate": self.validate,
            "summarize": self.summarize,
        }
        try:
            ambient.begin(int(body.get("seed") or body.get("context", {}).get("seed") or 0))
            return tasks[name](body)
        except BaseException as error:  # also what wants to end the program: that is the host's to decide
            return "failed", {"failure": failure(error, WORKSPACE)}

    def answer(self, name, body):
        """Sends what a task gave; where that cannot be sent, says so instead."""
        sys.stdout.flush()
        try:
            self.wire.send(name, body)
        except Failure as error:
            self.wire.send("failed", {"failure": failure(error, WORKSPACE)})

    def grant(self, body):
        self.held = sorted(body["capabilities"])
        return "holding", {"capabilities": self.held}

    def plan(self, body):
        workload = self.workload(body["workload"])
        legacy.require(workload, WORKSPACE)
        return "planned", {"plan": legacy.plan(workload, body["input"])}

    def start(self, body):
        workload, payload, context = self.workload(body["workload"]), body["input"], body["context"]
        run = lambda: sdk.run_workload(workload, self.context(body["workload"], context), payload)
        given = legacy.perform(workload, context["params"], run) if self.is_legacy else run()
        return "done", {"result": self.result({"ok": True} if given is None and self.is_legacy else given)}

    def validate(self, body):
        if self.is_scan:
            entrypoints = sorted((name, *point) for name, point in self.extension["entrypoints"].items())
            return "validated", {"issues": scan.findings(WORKSPACE, self.rule, entrypoints)}
        workload = self.workload(body["workload"])
        found = legacy.validate(workload, body["result"], ARTIFACTS)
        return "validated", {"issues": [issue(one) for one in found]}

    def summarize(self, body):
        value = legacy.summarize(self.workload(body["workload"]), ARTIFACTS)
        return "summary", {"value": value}

    def workload(self, name):
        """The workload as its author wrote it."""
        module, symbol = self.extension["entrypoints"][name]
        module = importlib.import_module(module)
        if not hasattr(module, symbol):
            raise Failure("entrypoint.missing", "`%s` does not define `%s`" % (module.__name__, symbol))
        self.listen()
        found = getattr(module, symbol)
        return legacy.find(found, name) if self.is_legacy else found

    def listen(self):
        """What goes to `logging` becomes lines of the run's log."""
        logging = sys.modules.get("logging")
        if logging is None or logging.root.handlers:
            return
        handler = logging.Handler()
        levels = ((logging.ERROR, "error"), (logging.WARNING, "warn"), (logging.INFO, "info"))
        level = lambda record: next((name for number, name in levels if record.levelno >= number), "debug")
        handler.emit = lambda record: self.wire.log(level(record), handler.format(record))
        logging.root.addHandler(handler)

    def context(self, name, context):
        aliases = self.extension["aliases"]
        return sdk.WorkloadContext(
            extension_id=self.extension["id"],
            workload_id=name,
            run_id=context["run_id"],
            workspace_root=pathlib.Path(WORKSPACE),
            input_dir=pathlib.Path(WORKSPACE),
            output_dir=pathlib.Path(ARTIFACTS),
            capabilities=powers.of_run(self.wire, self.held, aliases),
            seed=int(context["seed"]),
        )

    def result(self, given):
        """The author's result as the host wants it; every file in the artifact folder is reported."""
        read = lambda name, default=None: legacy.field(given, name, default)
        if read("ok") is None or not isinstance(read("output", {}), dict):
            message = "a workload gives a WorkloadResult, whose output is a dict; not %s" % type(given).__name__
            raise Failure("result.shape", message)
        if read("metrics"):
            self.wire.log("info", "metrics: %s" % read("metrics"))
        return {
            "status": "ok" if read("ok") else "error",
            "output": read("output", {}),
            "artifacts": self.artifacts(read("artifacts") or ()),
            "issues": [issue(one) for one in read("issues") or ()],
        }

    def artifacts(self, named):
        named = {relative(legacy.field(one, "path")): one for one in named}
        kinds = {path: legacy.field(one, "kind") for path, one in named.items()}
        found = {path: self.wire.artifact(path, kinds.get(path)) for path in sorted(written())}
        for path, one in named.items():
            if path not in found:
                raise Failure("artifact.missing", "`%s` is listed and not there" % path)
            digest = legacy.field(one, "digest_sha256") or found[path]["sha256"]
            if digest.split(":")[-1] != found[path]["sha256"]:
                raise Failure("artifact.mismatch", "`%s` has the digest %s" % (path, found[path]["sha256"]))
        return list(found.values())


def written():
    """The files of the artifact folder, as the host names them."""
    for above, folders, names in os.walk(ARTIFACTS):
        folders.sort()
        links = [name for name in folders if os.path.islink(os.path.join(above, name))]
        for name in names + links:
            yield os.path.relpath(os.path.join(above, name), ARTIFACTS)


def relative(path):
    """A path that an author names, below the artifact folder."""
    path = os.path.normpath(str(path))
    return path[len(ARTIFACTS) + 1 :] if path.startswith(ARTIFACTS + "/") else path


def issue(one):
    """An author's finding; a text alone is an error."""
    if isinstance(one, str):
        one = {"code": "legacy.invalid", "message": one}
    read = one if isinstance(one, dict) else dataclasses.asdict(one) if dataclasses.is_dataclass(one) else vars(one)
    severity = str(read.get("severity") or "error").lower()
    told = {
        "code": str(read.get("code") or "legacy.invalid"),
        "message": str(read.get("message") or ""),
        "severity": severity if severity in SEVERITIES else "error",
    }
    if read.get("path"):
        told["location"] = {"file": str(read["path"])}
    return told


def main(words):
    with open(EXTENSION, encoding="utf-8") as file:
        guest = Guest(json.load(file), words == ["scan"])
    library = tuple(path + "/" for path in sys.path[1:])
    # The extension's own folders take the place of this file's.
    sys.path[:1] = [WORKSPACE, os.path.join(WORKSPACE, "src")]
    sdk.offer()
    imports.guard(guest.rule, library + ("python/", "./python/"))
    return guest.serve()
