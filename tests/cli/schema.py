"""schema.py SCHEMA FILE...: does each JSON file follow the schema, and has it no key that the schema does not know?

Knows the words of JSON schema that the schemas of this tree use, and refuses others.
"""

import json
import re
import sys

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}
WORDS = set(
    "$schema $defs $ref title description type required properties additionalProperties items enum const pattern anyOf minimum maximum minItems maxItems".split()
)


def is_type(value, name):
    return isinstance(value, TYPES[name]) and not (name in ("integer", "number") and isinstance(value, bool))


def check(value, schema, root, at):
    """Yields what is wrong."""
    for word in schema:
        if word not in WORDS:
            yield "the schema has a word that this does not know: " + word
    if "$ref" in schema:
        yield from check(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, at)
        return
    if "anyOf" in schema and all(list(check(value, s, root, at)) for s in schema["anyOf"]):
        yield "%s: %r is none of what it can be" % (at, value)
    if "anyOf" in schema:
        return
    if "const" in schema and value != schema["const"]:
        yield "%s: %r is not %r" % (at, value, schema["const"])
    if "enum" in schema and value not in schema["enum"]:
        yield "%s: %r is none of %s" % (at, value, schema["enum"])
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    if names and not any(is_type(value, name) for name in names):
        yield "%s: %r is not of type %s" % (at, value, " or ".join(names))
        return
    if isinstance(value, dict):
        yield from check_object(value, schema, root, at)
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield "%s: %d elements" % (at, len(value))
        for i, element in enumerate(value):
            yield from check(element, schema["items"], root, "%s[%d]" % (at, i))
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield "%s: %r does not match %s" % (at, value, schema["pattern"])
    if is_type(value, "integer") and value < schema.get("minimum", value):
        yield "%s: %d is too small" % (at, value)
    if is_type(value, "integer") and value > schema.get("maximum", value):
        yield "%s: %d is too large" % (at, value)


def check_object(value, schema, root, at):
    for key in schema.get("required", []):
        if key not in value:
            yield "%s: no %s" % (at, key)
    for key, element in value.items():
        below = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
        if below is None or below is False:
            yield "%s: the schema does not know %s" % (at, key)
        else:
            yield from check(element, below, root, at + "." + key)


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        schema = json.load(f)
    bad = 0
    for name in sys.argv[2:]:
        with open(name, encoding="utf-8") as f:
            for problem in check(json.load(f), schema, schema, ""):
                print("%s: %s" % (name, problem))
                bad = 1
    return bad


sys.exit(main())
