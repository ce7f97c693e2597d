"""Documents that try to exhaust the parser, the checks or the execution."""

MARKER = "bogeyman"


def nest(levels, fan):
    """Fragments that each spread the next one `fan` times."""
    fragments = [f"fragment F{n} on Query {{ {' '.join([f'...F{n + 1}'] * fan)} }}" for n in range(levels)]
    return f"{{ ...F0 }} {' '.join(fragments)} fragment F{levels} on Query {{ {MARKER}: __typename }}"


def directives(count):
    return " ".join(f"@{MARKER}{n}" for n in range(count))


def parents(depth, way):
    """An organization and its parents to a depth: by fields, fragments, inline fragments or all of them alternately."""
    selection, fragments = "code", ""
    for level in range(depth - 2):
        kind = ("field", "fragment", "inline")[level % 3] if way == "mixed" else way
        if kind == "fragment":
            fragments += f" fragment P{level} on Organization {{ {selection} }}"
            selection = f"parent {{ ...P{level} }}"
        elif kind == "inline":
            selection = f"parent {{ ... on Organization {{ {selection} }} }}"
        else:
            selection = f"parent {{ {selection} }}"
    return f'{{ authority(code: "{MARKER}") {{ {selection} }} }}{fragments}'


ALIASES = "{ " + " ".join(f"{MARKER}{n}: __typename" for n in range(10_000)) + " }"
CYCLES = [
    f"{{ ...A }} fragment A on Query {{ {MARKER}: __typename ...A }}",
    "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "{ ...A } fragment A on Query { ...B } fragment B on Query { ...C } fragment C on Query { ...A }",
]
DIRECTIVES = [
    f"{{ __typename {directives(10_000)} }}",
    f"query {directives(10_000)} {{ __typename }}",
    f"{{ ... {directives(10_000)} {{ __typename }} }}",
    f"{{ ...A }} fragment A on Query {directives(10_000)} {{ __typename }}",
]
DUPLICATES = "{ " + "a " * 100_000 + "}"
BRACES = "{ a" * 60_000
LISTS = f"{{ {MARKER}(a: {'[' * 60_000}"
COSTLY = "{ pages(first: 100) { nodes { owner { pages(first: 100) { nodes { title } } } } } }"
INTROSPECTION = "{ __schema { types { name fields { name type { name kind ofType { name } } } } } }"
