"""The table: medians of all rounds, and the ratios beside the targets."""

from statistics import median

# Ratios to reach: to PostGraphile (must, aim), to one SQL statement (must, aim).
TARGETS = {
    "q1": ((10, 15), (1.4, 2)),
    "q2": ((4, 12), (1.9, 5)),
    "q3": ((3.5, 5), (0.65, 0.8)),
    "q4": ((3.5, 12), (1.5, 4.5)),
    "q5": ((3.5, 7), (1.9, 4)),
    "q6": ((20, 20), (15, 15)),
}
WORDS = {
    "q1": "a page by its key, with its owner and three levels above",
    "q2": "an authority's first 50 institutions with pages and latest figures",
    "q3": "a region's views by platform and month",
    "q4": "500 changed pages with owner and authority",
    "q5": "200 entities with their owners",
    "q6": "search for an institution",
}


def middle(runs, field):
    return median(getattr(run, field) for run in runs)


def ratio(ours, theirs, target):
    found = median(own.per_second / other.per_second for own, other in zip(ours, theirs))
    must, aim = target
    mark = "**missed**" if found < must else "aim reached" if found >= aim else "must reached"
    return f"{found:.2f} (≥ {must:g}, {aim:g}: {mark})"


def row(name, runs):
    cells = [f"{middle(runs, 'per_second'):,.0f}"]
    cells += [f"{middle(runs, field):.2f}" for field in ("p50", "p99")]
    cells += [f"{middle(runs, field):,.0f}" for field in ("server_cpu", "database_cpu")]
    return f"| {name} | " + " | ".join(cells) + " |"


def table(results):
    """`results`: by question, by contender, the runs in the order of the rounds."""
    lines = []
    for question, by_name in results.items():
        lines += [f"\n{question.upper()}: {WORDS[question]}\n"]
        lines += ["| | requests/s | p50 ms | p99 ms | CPU µs, server | CPU µs, database |", "|---|---|---|---|---|---|"]
        lines += [row(name, runs) for name, runs in by_name.items()]
    lines += ["\n| | ÷ PostGraphile (must, aim) | ÷ one SQL (must, aim) |", "|---|---|---|"]
    for question, by_name in results.items():
        beside_peer, beside_sql = TARGETS[question]
        peer = ratio(by_name["registry"], by_name["PostGraphile"], beside_peer)
        sql = ratio(by_name["registry"], by_name["one SQL"], beside_sql)
        lines.append(f"| {question.upper()} | {peer} | {sql} |")
    return "\n".join(lines)
