#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check.py SCHEMA [DOCUMENT]...: do the documents (default: stdin) agree with the schema?

Knows the part of JSON Schema 2020-12 that doc/schema uses, and fails on any other keyword, so that
nothing in a schema is silently left out. Exit 1 with one line per fault.
"""
import json
import re
import sys

TYPES = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
    "integer": int, "number": (int, float),
}
SILENT = {"$schema", "$defs", "title", "description"}


def is_type(value, name):
    if name in ("integer", "number") and isinstance(value, bool):
        return False
    return isinstance(value, TYPES[name])


class Checker:
    def __init__(self, schema):
        self.schema = schema

    def resolve(self, ref):
        node = self.schema
        if not ref.startswith("#/"):
            raise SystemExit(f"check.py: cannot follow {ref}")
        for part in ref[2:].split("/"):
            node = node[part]
        return node

    def faults(self, value, schema, where="$"):
        """List of what is wrong with value."""
        if schema is True:
            return []
        if schema is False:
            return [f"{where}: must not be there"]
        out = []
        for keyword, arg in schema.items():
            if keyword in SILENT or keyword in ("then", "else", "additionalProperties",
                                                "patternProperties"):
                continue
            check = getattr(self, "on_" + keyword.lstrip("$"), None)
            if check is None:
                raise SystemExit(f"check.py: keyword '{keyword}' is not known here")
            out += check(value, arg, schema, where)
        if "properties" not in schema and "additionalProperties" in schema:
            raise SystemExit("check.py: additionalProperties without properties")
        return out

    def on_type(self, value, arg, _schema, where):
        names = [arg] if isinstance(arg, str) else arg
        if any(is_type(value, n) for n in names):
            return []
        return [f"{where}: is {json.dumps(value)[:60]}, wants {' or '.join(names)}"]

    def on_const(self, value, arg, _schema, where):
        return [] if value == arg and type(value) is type(arg) else [f"{where}: is not {arg!r}"]

    def on_enum(self, value, arg, _schema, where):
        return [] if value in arg else [f"{where}: {json.dumps(value)[:60]} is none of {arg}"]

    def on_pattern(self, value, arg, _schema, where):
        if not isinstance(value, str) or re.search(arg, value):
            return []
        return [f"{where}: {value[:60]!r} does not match {arg}"]

    def on_minimum(self, value, arg, _schema, where):
        bad = is_type(value, "number") and value < arg
        return [f"{where}: {value} is below {arg}"] if bad else []

    def on_maximum(self, value, arg, _schema, where):
        bad = is_type(value, "number") and value > arg
        return [f"{where}: {value} is above {arg}"] if bad else []

    def on_required(self, value, arg, _schema, where):
        if not isinstance(value, dict):
            return []
        return [f"{where}: lacks '{k}'" for k in arg if k not in value]

    def on_properties(self, value, arg, schema, where):
        if not isinstance(value, dict):
            return []
        out = []
        for key, member in value.items():
            at = f"{where}.{key}"
            patterns = [s for p, s in schema.get("patternProperties", {}).items()
                        if re.search(p, key)]
            if key in arg:
                out += self.faults(member, arg[key], at)
            for sub in patterns:
                out += self.faults(member, sub, at)
            if key not in arg and not patterns:
                out += self.faults(member, schema.get("additionalProperties", True), at)
        return out

    def on_items(self, value, arg, _schema, where):
        if not isinstance(value, list):
            return []
        return [f for i, v in enumerate(value) for f in self.faults(v, arg, f"{where}[{i}]")]

    def on_ref(self, value, arg, _schema, where):
        return self.faults(value, self.resolve(arg), where)

    def on_allOf(self, value, arg, _schema, where):
        return [f for s in arg for f in self.faults(value, s, where)]

    def on_anyOf(self, value, arg, _schema, where):
        tried = [self.faults(value, s, where) for s in arg]
        return [] if any(not t for t in tried) else min(tried, key=len)

    def on_if(self, value, arg, schema, where):
        branch = "else" if self.faults(value, arg, where) else "then"
        return self.faults(value, schema.get(branch, True), where)


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        checker = Checker(json.load(f))
    bad = False
    for name in sys.argv[2:] or ["-"]:
        with (sys.stdin.buffer if name == "-" else open(name, "rb")) as f:
            text = f.read().decode("utf-8")
        for fault in checker.faults(json.loads(text), checker.schema):
            print(f"{name}: {fault}")
            bad = True
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
