"""The rows of benchmarks.tsv, and the figures that tests/bench/goals names, made from them."""
import csv

import profiles
import running

BIND_COUNT = 1000  # the price of one is taken between none and so many


class Data:
    def __init__(self, path):
        self.rows = {}
        with open(path, newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                key = (row["part"], row["launcher"], row["case"], row["metric"])
                self.rows[key] = row["value"]

    def text(self, part, launcher, case, metric):
        return self.rows.get((part, launcher, str(case), metric))

    def get(self, part, launcher, case, metric):
        value = self.text(part, launcher, case, metric)
        return None if value is None else float(value)

    def meta(self, metric):
        return self.text("meta", "-", "-", metric) or "unknown"

    def has(self, part):
        return any(key[0] == part for key in self.rows)

    def launchers(self):
        """Keys in the order of measurement, with their names."""
        return [(key[1], value) for key, value in self.rows.items()
                if key[0] == "meta" and key[3] == "name"]

    def ratio(self, part, launcher, case):
        """Times plain exec."""
        return self.get(part, launcher, case, "ratio:plain/exec")


def quotient(a, b):
    return a / b if a is not None and b else None


def growth(data, part, least, most):
    """How much longer the full sandbox takes with more of what PART varies."""
    return quotient(data.ratio("%s.%s" % (part, most), "postern", "full"),
                    data.ratio("%s.%s" % (part, least), "postern", "full"))


def bind_price(data, launcher, count=BIND_COUNT):
    """In plain execs."""
    few = data.ratio("binds", launcher, 0)
    many = data.ratio("binds", launcher, count)
    return None if few is None or many is None else (many - few) / count


def rates(data, case, base):
    found = [data.get("throughput", "postern", case, "ratio:%d:%s/%s" % (p, base, case))
             for p in (1, 2, 8)]
    found = [rate for rate in found if rate is not None]
    return min(found) if found else None


def run_figures(data):
    """Of `postern run`."""
    found = {}
    for case in running.PRESETS:
        added = data.get("run", "run", case, "delta:alone/" + case)
        found["run." + case] = None if added is None else added / 1000
    for case in ("matches", "rules"):
        found["run." + case] = data.get("run", "many", case, "ratio:many/none")
        found["run.%s-floor" % case] = data.get("run", "many", case, "ratio:floor/" + case)
    return found


def figures(data):
    """{NAME: VALUE} of what was measured."""
    found = {}
    for part, launcher, case, metric in data.rows:
        if launcher != "postern":
            continue
        if part == "latency":
            found["time." + case] = data.ratio(part, launcher, case)
            found["time.%s.newest" % case] = data.get(part, launcher, case, "ratio:newest/" + case)
        elif part == "calls":
            found["%s.%s" % (metric, case)] = data.get(part, launcher, case, metric)
        elif part == "memory":
            found["memory." + metric] = data.get(part, launcher, case, metric)
    for form in profiles.FORMS:
        for case in profiles.FORM_CASES:
            found["time.%s.%s" % (form, case)] = data.get(
                "privileged", form, case, "ratio:%s/%s" % (profiles.FORM_BASE, case))
    found["time.bind"] = bind_price(data, "postern")
    found["time.binds-growth"] = quotient(data.get("binds", "postern", 5000, "median"),
                                          data.get("binds", "postern", 500, "median"))
    found["time.mounts-growth"] = growth(data, "mounts", 0, 1000)
    found["time.processes-growth"] = growth(data, "processes", 0, 4000)
    for case in ("full", "all-but-net"):
        found["rate." + case] = rates(data, case, "newest")
    found.update(run_figures(data))
    return {name: value for name, value in found.items() if value is not None}


def goals(path):
    """[(name, gate, op, limit, unit, what)] of the table."""
    with open(path) as file:
        return [tuple(line.rstrip("\n").split("\t")) for line in file
                if line.strip() and not line.startswith("#")]


def met(value, op, limit):
    return {"<=": value <= limit, ">=": value >= limit, "==": value == limit}[op]
