"""Whether contenders answer the same."""

import random

# What answers have in common, whatever its containers are called.
COMPARED = {"code", "nativeId", "name", "title", "shortName", "subscribers", "month", "value"}
NUMBERS = {"subscribers", "value"}
# Containers of one contender whose pairs another has right beside the others.
PART_OF = {"keys", "statistics", "latest", "pageLatestByPageId"}
# Search ranks by rules of its own.
RANKED = {"q6"}


def normalized(answer):
    """An answer in a comparable form: its pairs of name and value, and the nodes below it, both sorted."""
    pairs, below = [], []
    for name, value in answer.items():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                inner_pairs, inner_below = normalized(part)
                # A container without pairs only wraps what is in it.
                if name in PART_OF or not inner_pairs:
                    pairs += inner_pairs
                    below += inner_below
                else:
                    below.append((inner_pairs, inner_below))
            elif name in COMPARED and part is not None:
                pairs.append((name, str(int(float(part))) if name in NUMBERS else str(part)))
    return tuple(sorted(pairs)), tuple(sorted(below))


def lines(node, above=""):
    """A line for each node that has pairs, with what is above it."""
    pairs, below = node
    line = above + " ".join(f"{name}={value}" for name, value in pairs)
    found = [line] if pairs else []
    for part in below:
        found += lines(part, f"{line} > " if pairs else above)
    return found


def difference(one, other):
    one, other = set(lines(one)), set(lines(other))
    return sorted(one ^ other)[:4]


def compare(contenders, question, asked, count):
    """Refuses to measure contenders that do not answer a random sample the same; of a search, that do not answer."""
    sample = random.sample(asked, min(count, len(asked)))
    for values in sample:
        answers = {contender.name: normalized({"": contender.answer(question, values)}) for contender in contenders}
        empty = [name for name, answer in answers.items() if answer == ((), ())]
        if empty:
            raise SystemExit(f"{question}: {str(values)[:200]} has no answer from {empty}")
        names = list(answers)
        for name in [] if question in RANKED else names[1:]:
            if answers[name] != answers[names[0]]:
                found = difference(answers[names[0]], answers[name])
                raise SystemExit(f"{question}: {name} answers otherwise to {str(values)[:200]}: {found}")
    return len(sample)
