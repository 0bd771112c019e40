"""Runs this tool's reading and Flink's in turns, and prints the tables of docs/performance.md. See benches/run."""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OPERATIONS = ["limit", "summary", "catalogue", "listing", "check"]
ROUNDS = 7
WARM_UP = 10
COLD_ROUNDS = 3
# With --brief, of longer files only the limit and the summary are measured.
BRIEF = 50 << 20
# Nothing that was allocated goes back to the system, so what is private at the end is the most there was.
KEEP_ALL = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 40), "MALLOC_ARENA_MAX": "1"}
BEGIN, END = "<!-- written by benches/run -->", "<!-- to here -->"


class Server:
    """A process that does its work once for each line, and answers with the milliseconds of its thread's CPU."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})}
        )
        self.times = []

    def turn(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line.startswith("thread_ms "):
            sys.exit(f"{self.process.args}: {line!r}")
        self.times.append(float(line.split()[1]))

    def end(self):
        self.process.stdin.close()
        rest = dict(line.split(" ", 1) for line in self.process.stdout.read().splitlines())
        if self.process.wait() != 0:
            sys.exit(f"{self.process.args} failed")
        return rest


def whole_process(command, environment=None):
    """Seconds of CPU, seconds of wall time and peak resident KiB of a process."""
    start = time.monotonic()
    with open(os.devnull, "r+b") as null, tempfile.TemporaryFile() as lines:
        lines.write(b"\n")
        lines.seek(0)
        process = subprocess.Popen(command, stdin=lines, stdout=null, env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 3):
        sys.exit(f"{command} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss


def measure(options, name):
    print(f"measuring {name}", file=sys.stderr)
    directory = Path(options.bench, name, options.checkpoint)
    metadata = directory / "_metadata"
    operations = OPERATIONS[:2] if options.brief and metadata.stat().st_size > BRIEF else OPERATIONS
    java = ["java", "-Xmx2g", "-cp", options.class_path, "Load", str(metadata)]
    commands = {operation: [options.reading, operation, str(directory)] for operation in operations}

    # Warm, in turns.
    servers = {operation: Server(command) for operation, command in commands.items()}
    servers["flink"] = Server([*java, str(WARM_UP)])
    for _ in range(ROUNDS):
        for server in servers.values():
            server.turn()
    ends = {operation: server.end() for operation, server in servers.items()}
    if len({end["totals"] for end in ends.values()}) != 1:
        sys.exit(f"{name}: Flink and this tool do not agree: {ends}")
    handles, total = (int(part.split()[0]) for part in ends["flink"]["totals"].split(", "))

    # Whole processes, in turns. The plan is the one that the tool itself writes.
    with tempfile.NamedTemporaryFile(suffix=".yaml") as plan:
        if "check" in operations:
            subprocess.run([options.holdpoint, "plan", str(directory)], stdout=plan, check=True)
        processes = {
            "summary": [options.holdpoint, "inspect", "--summary", str(directory)],
            "catalogue": [options.holdpoint, "inspect", str(directory)],
            "listing": [options.holdpoint, "inspect", "--format", "json", str(directory)],
            "check": [options.holdpoint, "check", str(directory), "--plan", plan.name],
            "flink": [*java, "0"],
        }
        processes = {name: command for name, command in processes.items() if name in [*operations, "flink"]}
        cold = {operation: [] for operation in processes}
        for _ in range(COLD_ROUNDS):
            for operation, command in processes.items():
                cold[operation].append(whole_process(command))

    private = {}
    for operation, command in commands.items():
        server = Server(command, KEEP_ALL)
        server.turn()
        private[operation] = int(server.end()["private"].split()[0])
    return {
        "name": name,
        "bytes": metadata.stat().st_size,
        "handles": handles,
        "total": total,
        "warm": {operation: statistics.median(server.times) for operation, server in servers.items()},
        "cold": {operation: [statistics.median(it) for it in zip(*runs)] for operation, runs in cold.items()},
        "private": private,
    }


def row(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def table(heading, rows):
    return "\n".join([row(*heading), row(*["---", *["---:"] * (len(heading) - 1)]), *(row(*it) for it in rows), ""])


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value < 1 else f"{value:.1f}"


def tables(results):
    yield table(
        ["input", "bytes", "handles", "bytes of state"],
        [[it["name"], f"{it['bytes']:,}", f"{it['handles']:,}", f"{it['total']:,}"] for it in results],
    )
    yield "In one process, warm, CPU of the reading thread in milliseconds; in brackets how often it fits into Flink's.\n"
    heading = ["input", "map and sum", "summary", "catalogue", "listing", "check", "Flink"]
    yield table(heading, [[it["name"], *(warm(it, operation) for operation in OPERATIONS), number(it["warm"]["flink"])]
                          for it in results])
    yield "The summary by the byte and by the handle.\n"
    heading = ["input", "GB/s", "ns per handle", "times map and sum", "Flink: GB/s", "Flink: ns per handle"]
    yield table(heading, [
        [
            it["name"],
            number(it["bytes"] / it["warm"]["summary"] / 1e6),
            number(it["warm"]["summary"] * 1e6 / it["handles"]),
            number(it["warm"]["summary"] / it["warm"]["limit"]),
            number(it["bytes"] / it["warm"]["flink"] / 1e6),
            number(it["warm"]["flink"] * 1e6 / it["handles"]),
        ]
        for it in results
    ])
    yield "A whole process, CPU in milliseconds (user and system); in brackets how often it fits into Flink's.\n"
    heading = ["input", "summary", "catalogue", "listing", "check", "Flink"]
    yield table(heading, [[it["name"], *(cold(it, operation) for operation in OPERATIONS[1:]),
                           number(it["cold"]["flink"][0] * 1000)] for it in results])
    yield "The most memory at once in MiB: private to the process; for Flink resident, with a heap of at most 2 GiB.\n"
    yield table(heading, [[it["name"], *(private(it, operation) for operation in OPERATIONS[1:]),
                           number(it["cold"]["flink"][2] / 1024)] for it in results])


def warm(result, operation):
    times = result["warm"]
    if operation not in times:
        return "-"
    return f"{number(times[operation])} ({number(times['flink'] / times[operation])}x)"


def cold(result, operation):
    times = result["cold"]
    if operation not in times:
        return "-"
    return f"{number(times[operation][0] * 1000)} ({number(times['flink'][0] / max(times[operation][0], 0.001))}x)"


def private(result, operation):
    kibibytes = result["private"].get(operation)
    return "-" if kibibytes is None else number(kibibytes / 1024)


def machine(options):
    with open("/proc/cpuinfo") as cpus:
        model = next(line.split(":")[1].strip() for line in cpus if line.startswith("model name"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    java = subprocess.run(["java", "-version"], stderr=subprocess.PIPE, text=True).stderr.splitlines()[0]
    rust = subprocess.run(["rustc", "--version"], stdout=subprocess.PIPE, text=True).stdout.split(" (")[0]
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release()}; {rust}, {java}, "
        f"Flink {options.flink}. Load average at the end: {os.getloadavg()[1]:.1f}.\n"
    )


def main():
    parser = argparse.ArgumentParser()
    for option in ["flink", "class-path", "reading", "holdpoint", "bench", "checkpoint"]:
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument("--document", type=Path)
    parser.add_argument("--brief", action="store_true")
    parser.add_argument("inputs", nargs="+")
    options = parser.parse_args()
    results = [measure(options, name) for name in options.inputs]
    text = "\n".join([machine(options), *tables(results)])
    print(text)
    if options.document:
        document = options.document.read_text()
        before, rest = document.split(BEGIN)
        options.document.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{rest.split(END)[1]}")


main()
