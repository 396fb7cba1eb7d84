"""Looks through the sources of an extension, as syntax trees: what they import, and what could import unseen.

A file that cannot be read or parsed is a finding.
"""

import ast
import os

BYTES_MAX = 4 << 20
FINDINGS_MAX = 1_000
# Modules that import or run what no one sees in the source.
DYNAMIC_MODULES = ("_imp", "builtins", "code", "codeop", "imp", "importlib", "pkgutil", "runpy", "zipimport")
DYNAMIC_NAMES = ("__builtins__", "__import__", "__loader__", "__spec__", "compile", "eval", "exec")
DYNAMIC_PARTS = ("__builtins__", "__import__", "__loader__", "__spec__")
SYSTEM_PARTS = ("meta_path", "modules", "path", "path_hooks", "path_importer_cache")
COMPILED = (".pyc", ".pyd", ".pyo", ".so")


def findings(folder, rule, entrypoints):
    """All findings, in the order of the files."""
    found, defined = [], {}
    for path in files(folder):
        name = os.path.relpath(path, folder)
        if name.endswith(COMPILED):
            found.append(issue("import.unreadable", name, None, "a compiled module cannot be looked into"))
        elif name.endswith((".py", ".pyw")):
            tree = parsed(path, name, found)
            if tree is not None:
                Visitor(name, tree.lines, rule, found).visit(tree)
                defined[name] = names(tree)
        if len(found) >= FINDINGS_MAX:
            return found[:FINDINGS_MAX]
    for entrypoint in entrypoints:
        found.extend(missing(folder, defined, *entrypoint))
    return found


def files(folder):
    for above, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            yield os.path.join(above, name)


def parsed(path, name, found):
    try:
        with open(path, "rb") as file:
            source = file.read(BYTES_MAX + 1)
        if len(source) > BYTES_MAX:
            raise ValueError("it is larger than %d bytes" % BYTES_MAX)
        tree = ast.parse(source, name)
        tree.lines = source.splitlines()
        return tree
    except SyntaxError as error:
        place = (error.lineno or 1, max(error.offset or 1, 1))
        found.append(issue("import.unreadable", name, place, "it cannot be parsed: %s" % error.msg))
    except (OSError, ValueError, MemoryError, RecursionError) as error:
        found.append(issue("import.unreadable", name, None, "it cannot be read: %s" % error))
    return None


class Visitor(ast.NodeVisitor):
    """Collects the findings of one file. Deep trees are walked without recursion."""

    def __init__(self, name, lines, rule, found):
        self.name, self.lines, self.rule, self.found = name, lines, rule, found

    def visit(self, tree):
        for node in ordered(tree):
            look = getattr(self, "at_" + type(node).__name__.lower(), None)
            if look is not None:
                look(node)

    def tell(self, code, node, message):
        # Offsets are in bytes, columns in characters.
        line = self.lines[node.lineno - 1] if node.lineno <= len(self.lines) else b""
        column = len(line[: node.col_offset].decode(errors="replace")) + 1
        self.found.append(issue(code, self.name, (node.lineno, column), message))

    def module(self, node, module, names=()):
        reason = self.rule.against(module, names)
        if reason:
            self.tell("import.forbidden", node, reason)
        top = module.partition(".")[0]
        if top in DYNAMIC_MODULES and top not in self.rule.own:
            self.tell("import.dynamic", node, "`%s` can import or run what the source does not show" % module)

    def at_import(self, node):
        for alias in node.names:
            self.module(node, alias.name)

    def at_importfrom(self, node):
        if node.level == 0:
            self.module(node, node.module, [alias.name for alias in node.names])
            if node.module == "sys":
                for alias in node.names:
                    if alias.name in SYSTEM_PARTS + ("*",):
                        self.tell("import.dynamic", node, "`sys.%s` changes what is imported" % alias.name)

    def at_name(self, node):
        if node.id in DYNAMIC_NAMES:
            self.tell("import.dynamic", node, "`%s` can import or run what the source does not show" % node.id)

    def at_attribute(self, node):
        of_system = isinstance(node.value, ast.Name) and node.value.id == "sys" and node.attr in SYSTEM_PARTS
        if of_system or node.attr in DYNAMIC_PARTS:
            self.tell("import.dynamic", node, "`%s` can import or change what is imported" % node.attr)

    def at_constant(self, node):
        if isinstance(node.value, str) and node.value in DYNAMIC_PARTS:
            self.tell("import.dynamic", node, "`%s` can import what the source does not show" % node.value)


def ordered(tree):
    """Every node, in the order of the source."""
    nodes = [node for node in ast.walk(tree) if hasattr(node, "lineno")]
    return sorted(nodes, key=lambda node: (node.lineno, node.col_offset))


def names(tree):
    """What a module defines at its top; `None` when that does not show."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            if any(alias.name == "*" for alias in node.names):
                return None
            found.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def missing(folder, defined, workload, module, symbol):
    """What is wrong with an entrypoint. That its file is there, the host has seen."""
    path = module.replace(".", "/")
    places = [above + end for above in (path, "src/" + path) for end in (".py", "/__init__.py")]
    name = next((place for place in places if place in defined), None)
    if name is None or defined[name] is None or symbol in defined[name]:
        return []
    message = "the workload `%s` begins at `%s`, which `%s` does not define" % (workload, symbol, module)
    return [issue("entrypoint.missing", name, (1, 1), message)]


def issue(code, name, place, message):
    location = {"file": name}
    if place is not None:
        location["line"], location["column"] = place
    return {"code": code, "message": message, "severity": "error", "location": location}
