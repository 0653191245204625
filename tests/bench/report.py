"""Writes benchmarks.md and benchmarks.svg from benchmarks.tsv: everything that a reader sees."""
import os
import subprocess

import derive
import profiles
import sections

HERE = os.path.dirname(os.path.abspath(__file__))

# colour (safe for the colour-blind), width, dash
LINES = {
    "postern": ("#0072b2", 3, 1),
    "dynamic": ("#56b4e9", 2, 2),
    "bookworm": ("#d55e00", 2, 1),
    "newest": ("#009e73", 2, 1),
}


def bind_counts(data):
    return sorted({int(key[2]) for key in data.rows if key[0] == "binds" and key[1] != "plain"})


def plot_table(data, launchers):
    """Text for gnuplot: binds, then milliseconds per launcher, - where there is no figure."""
    lines = []
    for count in bind_counts(data):
        if count == 0:
            continue  # has no place on a logarithmic axis
        cells = [str(count)]
        for key, _ in launchers:
            us = data.get("binds", key, count, "median")
            cells.append("-" if us is None else "%.5g" % (us / 1000))
        lines.append(" ".join(cells))
    return "\n".join(lines) + "\n"


def line_end(data, key):
    """Where the line of a launcher ends, and what to say there: (note, x, y)."""
    counts = [n for n in bind_counts(data) if n]
    drawn = [n for n in counts if data.get("binds", key, n, "median") is not None]
    refused = [n for n in counts if data.text("binds", key, n, "refused")]
    if not drawn or not refused:
        return "", 1, 1
    return ("refuses {:,}".format(refused[0]), drawn[-1],
            data.get("binds", key, drawn[-1], "median") / 1000)


def array(name, values):
    words = ['"%s"' % v if isinstance(v, str) else "%g" % v for v in values]
    return "array %s[%d] = [%s]" % (name, len(words), ", ".join(words))


def plot(data, out):
    launchers = [pair for pair in data.launchers() if pair[0] in LINES]
    keys = [key for key, _ in launchers]
    plain = data.get("binds", "plain", "exec", "median")
    if plain is None:
        return False
    table = out + "/plot.dat"
    with open(table, "w") as file:
        file.write(plot_table(data, launchers))
    setup = ['data = "%s"' % table, 'out = "%s/benchmarks.svg"' % out,
             "columns = %d" % len(keys), "plain = %g" % (plain / 1000),
             array("name", [name.replace("_", "\\_") for _, name in launchers])]
    for at, name in enumerate(("colour", "width", "dash")):
        setup.append(array(name, [LINES[key][at] for key in keys]))
    for at, name in enumerate(("note", "lastx", "lasty")):
        setup.append(array(name, [line_end(data, key)[at] for key in keys]))
    try:
        subprocess.run(["gnuplot", "-e", "; ".join(setup), HERE + "/plot.gp"], check=True)
    finally:
        os.unlink(table)
    return True


def write(out):
    data = derive.Data(out + "/benchmarks.tsv")
    have_plot = plot(data, out)
    goals = derive.goals(HERE + "/goals")
    text = [sections.head(data), sections.goals(data, goals)]
    text += [section(data) for section in (sections.launch, sections.floor,
                                           sections.binds, sections.mounts,
                                           sections.processes, sections.throughput, sections.cost,
                                           sections.privileged, sections.fallbacks, sections.run)]
    if have_plot:
        text.insert(text.index(sections.binds(data)) + 1, "![time against binds](benchmarks.svg)\n")
    with open(HERE + "/notes.md") as file:
        text.append(file.read())
    text.append(sections.method(data, profiles))
    with open(out + "/benchmarks.md", "w") as file:
        file.write("\n".join(part for part in text if part))
