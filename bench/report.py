"""The table: medians of all rounds, what is not the same work, and the ratios beside the targets."""

from statistics import median

from inputs import COUNT
from question import FOR_ALL, QUESTIONS


def middle(runs, field):
    return median(getattr(run, field) for run in runs)


def by_requests(ours, theirs, target):
    found = median(own.per_second / other.per_second for own, other in zip(ours, theirs))
    must, aim = target
    mark = "**missed**" if found < must else "aim reached" if found >= aim else "must reached"
    return f"{found:.2f} (≥ {must:g}, {aim:g}: {mark})"


def by_cpu(ours, theirs, is_known):
    """How much more processor time they take for a request, of server and database together."""
    found = [other.cpu() / own.cpu() for own, other in zip(ours, theirs) if own.cpu() and other.cpu()]
    return f"{median(found):.2f}" if found and is_known else "unknown"


def row(name, runs, is_known):
    cells = [f"{middle(runs, 'per_second'):,.0f}"]
    cells += [f"{middle(runs, field):.2f}" for field in ("p50", "p99")]
    cells.append("—" if name == "one SQL" else f"{middle(runs, 'server_cpu'):,.0f}")
    cells.append(f"{middle(runs, 'database_cpu'):,.0f}" if is_known else "unknown")
    cells.append(f"{median(run.cpu() for run in runs):,.0f}" if is_known else "unknown")
    return f"| {name} | " + " | ".join(cells) + " |"


def of_question(question, by_name, counts, is_known):
    distinct, compared = counts
    lines = [f"\n{question.upper()}: {QUESTIONS[question].words}\n"]
    lines += ["| | requests/s | p50 ms | p99 ms | CPU µs, server | CPU µs, database | CPU µs a request |"]
    lines += ["|---|---|---|---|---|---|---|"]
    lines += [row(name, runs, is_known) for name, runs in by_name.items()]
    few = f" (**fewer than {COUNT:,}**: the registry has no more)" if distinct < COUNT else ""
    checked = "answered by all" if question == "q6" else "answered the same by all"
    lines.append(f"\n{distinct:,} distinct inputs{few}, chosen at random; a random {compared} of them {checked}.")
    lines.append(f"Not the same work: {QUESTIONS[question].not_the_same}")
    return lines


def table(results, counts, is_known):
    """`results`: by question, by contender, the runs in the order of the rounds; `counts`: distinct and compared inputs.

    `is_known`: whether the database's processor time is.
    """
    lines = []
    for question, by_name in results.items():
        lines += of_question(question, by_name, counts[question], is_known)
    lines += [f"\n{FOR_ALL}\n", "The registry as a multiple of the others, by requests/s (must, aim) and by processor time:\n"]
    lines += ["| | PostGraphile, requests/s | PostGraphile, CPU | one SQL, requests/s | one SQL, CPU |", "|---|---|---|---|---|"]
    for question, by_name in results.items():
        ours, asked = by_name["registry"], QUESTIONS[question]
        cells = []
        for name, target in (("PostGraphile", asked.beside_postgraphile), ("one SQL", asked.beside_sql)):
            cells += [by_requests(ours, by_name[name], target), by_cpu(ours, by_name[name], is_known)]
        lines.append(f"| {question.upper()} | {' | '.join(cells)} |")
    return "\n".join(lines)
