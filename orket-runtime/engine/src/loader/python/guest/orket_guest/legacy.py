"""Workloads of the dialect before the SDK v0, which a function of the extension registers.

Their plans name cards of an engine of that time. There are none here: an action is a step of its own, in which the
workload's method of that name is called, or its `run`; where it has neither, the action is put on record and no more.
"""

import hashlib
import os

from orket_guest.wire import Failure

OP = "run_card"
ALIASES = (OP, "run_epic", "run_issue", "run_rock")


class Registry:
    """What `register(registry)` is given."""

    def __init__(self):
        self.workloads = {}

    def register_workload(self, workload):
        name = workload.workload_id
        if name in self.workloads:
            raise ValueError("`%s` is registered twice" % name)
        self.workloads[name] = workload


def find(register, name):
    """The workload of that name."""
    registry = Registry()
    register(registry)
    if name not in registry.workloads:
        raise Failure("entrypoint.missing", "the extension registers no workload `%s`" % name)
    return registry.workloads[name]


def field(value, name, default=None):
    """A field of an object or of a mapping."""
    return value.get(name, default) if isinstance(value, dict) else getattr(value, name, default)


def plan(workload, payload):
    """The workload's own plan, each action of which is a step that runs the workload."""
    own = workload.compile(payload)
    name = field(own, "workload_id")
    steps = [{"op": "workload.run", "target": name, "params": action(one)} for one in field(own, "actions", ())]
    return {
        "workload_id": name,
        "workload_version": field(own, "workload_version"),
        "actions": steps or [{"op": "workload.run", "target": name, "params": {}}],
        "metadata": dict(field(own, "metadata") or {}),
    }


def action(one):
    op = field(one, "op")
    if op not in ALIASES:
        message = "`%s` is not an operation of a legacy plan; those are %s" % (op, ", ".join(ALIASES))
        raise Failure("legacy.operation", message)
    return {"op": OP, "target": field(one, "target"), "params": dict(field(one, "params") or {})}


def perform(workload, params, run):
    """Carries out one action; `run` runs the workload as one of the SDK v0."""
    if hasattr(workload, OP) and params:
        return workload.run_card(params["target"], params["params"])
    if hasattr(workload, "run"):
        return run()
    return {"ok": True, "output": dict(params, performed=False)}


def require(workload, folder):
    """Looks for the materials that a workload says it needs, before any other code of it runs."""
    needed = getattr(workload, "required_materials", None)
    for material in (needed() if needed else None) or ():
        path = material if isinstance(material, str) else field(material, "path")
        if not isinstance(path, str) or os.path.isabs(path) or ".." in path.split("/"):
            raise Failure("material.path", "`%s` is not a path below the extension" % path)
        if not os.path.isfile(os.path.join(folder, path)):
            raise Failure("material.missing", "the material `%s` is not there" % path)
        wanted = None if isinstance(material, str) else field(material, "sha256") or field(material, "digest_sha256")
        if wanted and digest(os.path.join(folder, path)) != wanted:
            raise Failure("material.changed", "the material `%s` has another digest than `%s`" % (path, wanted))


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def validate(workload, result, folder):
    """What all validators find; each is given the result and the folder of the artifacts."""
    validators = getattr(workload, "validators", None)
    found = []
    for validator in (validators() if validators else None) or ():
        judge = getattr(validator, "validate", validator)
        found.extend(judge(result, folder) or ())
    return found


def summarize(workload, folder):
    """The summary, from a list of the artifacts."""
    if not hasattr(workload, "summarize"):
        return {}
    files = []
    for above, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(above, name)
            listed = {"path": os.path.relpath(path, folder), "sha256": digest(path), "size": os.path.getsize(path)}
            files.append(listed)
    return workload.summarize({"artifact_root": folder, "files": files}) or {}
