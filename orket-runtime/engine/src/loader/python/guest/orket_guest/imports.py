"""Which modules an extension's own files may import: one rule, for the scan and while they run.

`orket` and what lies in it never; `orket_extension_sdk`, what lies in the extension's own folders, and those modules
of the standard library that its manifest allows.
"""

import builtins
import os
import sys

SDK = "orket_extension_sdk"
PRIVATE = ("orket", "orket_guest")
ENDS = ("py", "pyc", "so")


class ForbiddenImport(ImportError):
    """An import that the rule forbids."""

    code = "import.forbidden"


class Rule:
    """The rule of one extension."""

    def __init__(self, folder, allowed):
        self.allowed = None if allowed is None else set(allowed) | {"__future__"}
        self.standard = standard()
        self.own = modules_in(folder) | modules_in(os.path.join(folder, "src"))

    def against(self, module, names=()):
        """Why a module cannot be imported from an extension's file, or `None`."""
        top = module.partition(".")[0]
        if top in PRIVATE:
            return "`%s` is internal to Orket; the SDK is `%s`" % (module, SDK)
        if top == SDK or top in self.own:
            return None
        if top not in self.standard:
            return "`%s` is neither a module of the extension nor of the standard library" % module
        if self.allowed is None or self.allows(module):
            return None
        if names and all(self.allows("%s.%s" % (module, name)) for name in names):
            return None
        return "`%s` is not among the `allowed_stdlib_modules` of the manifest" % module

    def allows(self, module):
        parts = module.split(".")
        return any(".".join(parts[: count + 1]) in self.allowed for count in range(len(parts)))


def standard():
    """The names of the standard library's modules."""
    known = getattr(sys, "stdlib_module_names", None)
    if known is None:
        known = set().union(*map(modules_in, sys.path))
    return set(known) | set(sys.builtin_module_names)


def modules_in(folder):
    """The names of the modules that lie in a folder."""
    found = set()
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        module, dot, end = name.partition(".")
        is_module = end.endswith(ENDS) if dot else os.path.isdir(os.path.join(folder, name))
        if is_module and module.isidentifier():
            found.add(module)
    return found


def guard(rule, trusted):
    """Enforces the rule from now on, for code whose file does not lie in one of the trusted folders."""
    original, importer = builtins.__import__, None

    def is_foreign(frame):
        file = frame.f_code.co_filename
        return not file.startswith(trusted) and not file.startswith("<frozen ")

    def judge(module, names=()):
        reason = rule.against(module, names)
        if reason and module.partition(".")[0] in rule.standard | set(PRIVATE):
            raise ForbiddenImport(reason, name=module)

    def guarded(name, globals=None, locals=None, fromlist=(), level=0):
        if level == 0 and is_foreign(sys._getframe(1)):
            judge(name, fromlist or ())
        return original(name, globals, locals, fromlist, level)

    import importlib

    importer = importlib.import_module

    def import_module(name, package=None):
        if not name.startswith(".") and is_foreign(sys._getframe(1)):
            judge(name)
        return importer(name, package)

    builtins.__import__, importlib.import_module = guarded, import_module
    return importer
