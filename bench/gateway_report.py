"""Tables of `bench/gateway`: medians of all rounds, and differences between runs of the same round."""

from statistics import median

from gateway_queries import QUERIES
from inputs import COUNT
from report import middle

ROUTER = "Hive Router"
UNCHECKED = "Hive Router without coprocessor"
# Processes whose time is measured: that of the engine, and what all engines share.
PROCESSES = ("gateway", "registry", "partner", "guard")
# Milliseconds that an engine may add to the slower side.
MOST = 1.5


def cpu(runs, name):
    """Processor milliseconds a request of a process; a dash for one that is not asked."""
    found = median(run.cpu.get(name, 0.0) for run in runs)
    return f"{found:.3f}" if found >= 0.0005 else "—"


def row(name, runs):
    cells = [f"{middle(runs, 'per_second'):,.0f}", f"{middle(runs, 'p50'):.2f}", f"{middle(runs, 'p99'):.2f}"]
    cells += [f"{middle(runs, 'alone'):.2f}"] + [cpu(runs, process) for process in PROCESSES]
    return f"| {name} | {' | '.join(cells)} |"


def of_query(name, by_name, count):
    few = "" if count >= COUNT else f" (**fewer than {COUNT:,}**: the registry has no more)"
    lines = [f"\n{name.upper()}: {QUERIES[name].words}; {count:,} distinct inputs{few}\n"]
    columns = ["requests/s", "p50 ms", "p99 ms", "p50 ms, one at a time", "CPU ms a request: gateway", *PROCESSES[1:]]
    lines += [f"| | {' | '.join(columns)} |", f"|---{'|---' * len(columns)}|"]
    return lines + [row(contender, runs) for contender, runs in by_name.items()]


def over_the_slower_side(by_name, sides, engine):
    """Milliseconds that an engine takes beyond the slower of the sides, one request at a time."""
    slower = [max(runs) for runs in zip(*([run.alone for run in by_name[f"{side} alone"]] for side in sides))]
    found = median(run.alone - side for run, side in zip(by_name[engine], slower))
    return f"{found:.2f}" if found <= MOST else f"{found:.2f} (**missed**)"


def crossing(results, engines):
    """What engines add to the slower side, in queries that cross."""
    names = [name for name, query in QUERIES.items() if query.crosses()]
    lines = ["\nOver the slower side: p50 in ms, one request at a time, beyond that of the slower side alone "
             f"(at most {MOST:g})\n"]
    lines += [f"| | {' | '.join(names)} |", f"|---{'|---' * len(names)}|"]
    for engine in engines:
        cells = [over_the_slower_side(results[name], QUERIES[name].sides, engine) for name in names]
        lines.append(f"| {engine} | {' | '.join(cells)} |")
    return lines


def coprocessor(results):
    """What the coprocessor costs: differences between the router with and without it."""
    lines = ["\nThe coprocessor of Hive Router: with it, compared with without it\n"]
    lines.append("| | requests/s, × | p50 ms | p50 ms, one at a time | CPU ms a request: gateway | registry |")
    lines.append("|---|---|---|---|---|---|")
    for name, by_name in results.items():
        pairs = list(zip(by_name[ROUTER], by_name[UNCHECKED]))
        more = lambda value: f"{median(value(checked) - value(other) for checked, other in pairs):+.3f}"
        cells = [f"{median(checked.per_second / other.per_second for checked, other in pairs):.2f}"]
        cells += [more(lambda run: run.p50), more(lambda run: run.alone)]
        cells += [more(lambda run, process=process: run.cpu[process]) for process in ("gateway", "registry")]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def memory(before, after):
    lines = ["\nResident memory of each process\n", "| | MB at the start | MB after the load |", "|---|---|---|"]
    return lines + [f"| {name} | {before[name]:,.0f} | {after[name]:,.0f} |" for name in before]


def tables(results, counts, before, after):
    """`results`: by query, by contender, the runs in the order of the rounds; `before`, `after`: memory by process."""
    engines = [name for name in next(iter(results.values())) if not name.endswith(" alone")]
    lines = []
    for name, by_name in results.items():
        lines += of_query(name, by_name, counts[name])
    lines += crossing(results, engines)
    if UNCHECKED in engines:
        lines += coprocessor(results)
    return "\n".join(lines + memory(before, after))
