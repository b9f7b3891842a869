#!/usr/bin/python3
"""Draws the results of monocoque_bench.

    plot.py RESULTS.json FOLDER

Writes FOLDER/<name>.svg and .png for each scenario that the results have. Bars and points are medians of the rounds, whiskers and bands the least and the most.
"""
import functools
import json
import math
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

# One colour a rival everywhere: the library's modes in blues and greens, the others apart from them.
COLORS = {
    "inline-uring": "#0b4f9e", "inline-epoll": "#5ba3e0", "threaded-uring": "#1b7f4c", "threaded-epoll": "#7cc79a",
    "zmq.h-uring": "#7a4fa3", "zmq.h-epoll": "#b79ad6", "libzmq": "#d1495b", "floor": "#8a8a8a", "crypto": "#c98b1b",
}
COLORS |= {f"{name}-spin": color for name, color in COLORS.items()}
plt.rcParams.update({
    "font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 10,
    "axes.titleweight": "bold", "axes.grid": True, "axes.grid.axis": "y", "grid.color": "#e4e4e4",
    "axes.axisbelow": True, "legend.frameon": False, "svg.fonttype": "none", "figure.dpi": 110,
})


def figure_of(cell, rival, metric):
    return cell["rivals"].get(rival, {}).get("figures", {}).get(metric)


def rivals_of(cells, metric):
    """In the order of COLORS, those that have a figure."""
    return [name for name in COLORS if any(figure_of(cell, name, metric) for cell in cells)]


def size_text(size, unit=""):
    size = int(size)
    if size >= 1 << 20:
        return f"{size >> 20} MiB"
    return f"{size >> 10} KiB" if size >= 1024 else f"{size}{unit}"


def short(value):
    if abs(value) < 0.0005:
        return "0"
    if value >= 100_000:
        return f"{value / 1e6:.2g}M" if value >= 1e6 else f"{value / 1e3:.0f}k"
    digits = max(0, 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"


def logarithmic(axes):
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 5), numticks=12))
    axes.yaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(
        lambda value, _: f"{value:,.12g}" if value < 1e6 else f"{value / 1e6:,.12g}M"))
    axes.yaxis.set_minor_locator(matplotlib.ticker.NullLocator())


def lines(axes, cells, metric, scale, reference=None):
    """One line a rival over the cells' sizes; with `reference`, ratios to it."""
    sizes = [cell["cell"]["size"] for cell in cells]
    for rival in rivals_of(cells, metric):
        if rival == reference:
            axes.axhline(1, color=COLORS[rival], linewidth=1.2, linestyle="--")
            axes.annotate(f"= {reference}", (0, 1), xycoords=("axes fraction", "data"), xytext=(2, 3),
                          textcoords="offset points", ha="left", color=COLORS[rival], fontsize=8)
            continue
        points = []
        for place, cell in enumerate(cells):
            figure = figure_of(cell, rival, metric)
            figure = figure and (figure.get(f"to {reference}") if reference else figure)
            if figure:
                points.append((place, *(figure[key] / scale for key in ("median", "min", "max"))))
        if not points:
            continue
        places, medians, least, most = zip(*points)
        axes.plot(places, medians, "o-", color=COLORS[rival], label=rival, markersize=3.5, linewidth=1.6)
        axes.fill_between(places, least, most, color=COLORS[rival], alpha=0.12, linewidth=0)
    logarithmic(axes)
    axes.set_xticks(range(len(sizes)), [size_text(size) for size in sizes], rotation=30 if len(sizes) > 6 else 0)
    axes.set_xlabel("bytes a message")


def bars(axes, cells, labels, metric, scale=1.0, log=False, only=None):
    """Groups of bars, a group a cell, with whiskers from the least to the most."""
    rivals = [name for name in rivals_of(cells, metric) if only is None or name in only]
    width = 0.84 / max(1, len(rivals))
    for index, rival in enumerate(rivals):
        for place, cell in enumerate(cells):
            figure = figure_of(cell, rival, metric)
            if not figure:
                continue
            at = place + (index - (len(rivals) - 1) / 2) * width
            median, least, most = (figure[key] / scale for key in ("median", "min", "max"))
            axes.bar(at, median, width * 0.92, color=COLORS[rival], label=rival,
                     hatch="//" if rival.endswith("-spin") else None, edgecolor="white", linewidth=0)
            axes.plot([at, at], [least, most], color="#333333", linewidth=0.8)
            axes.annotate(short(median), (at, max(most, median)), xytext=(0, 2), textcoords="offset points",
                          ha="center", va="bottom", fontsize=6, rotation=90 if len(rivals) * len(cells) > 12 else 0)
    if log:
        logarithmic(axes)
        low, high = axes.get_ylim()
        axes.set_ylim(low, high * (high / low) ** 0.22)  # room for the figures above the bars
    else:
        axes.margins(y=0.14)
    axes.set_xticks(range(len(cells)), labels)
    axes.tick_params(axis="x", length=0)


def finish(figure, folder, name, title, note):
    """One legend for all axes, title and machine, then both files."""
    found = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels()):
            found.setdefault(label, handle)
    names = [name for name in COLORS if name in found]
    figure.suptitle(title, fontsize=12, fontweight="bold", x=0.01, y=1 - 0.08 / figure.get_size_inches()[1], ha="left", va="top")
    # Room below for the legend and above for title and note, in inches.
    below, above = 0.22 * math.ceil(len(names) / 6) + 0.1, 0.5
    height = figure.get_size_inches()[1]
    figure.get_layout_engine().set(rect=(0, below / height, 1, 1 - (below + above) / height))
    figure.legend([found[name] for name in names], names, loc="lower center", ncol=min(6, len(names)))
    figure.text(0.995, 0.995, note, fontsize=6.5, color="#777777", ha="right", va="top")
    for kind in ("svg", "png"):
        figure.savefig(folder / f"{name}.{kind}", dpi=150)
    plt.close(figure)


def grid(columns, rows=1, width=5.0, height=3.6):
    return plt.subplots(rows, columns, figsize=(max(6.4, width * columns), height * rows + 0.7), layout="constrained",
                        squeeze=False)


def by(cells, key):
    """Cells grouped by one of their labels, in the order in which they come."""
    groups = {}
    for cell in cells:
        groups.setdefault(cell["cell"].get(key, ""), []).append(cell)
    return groups


def draw_throughput(cells, folder, note, name="throughput", title="PUSH to PULL, one stream"):
    groups = by(cells, "transport")
    references = {"libzmq": "libzmq", "floor": "the floor"}
    if "crypto" in rivals_of(cells, "messages_per_second"):
        references["crypto"] = "its encryption alone"
    panels = 1 + len(references)
    if len(groups) == 1:
        figure, axes = grid(panels, width=3.7)
        axes = axes.T
    else:
        figure, axes = grid(len(groups), panels, width=4.6, height=3.0)
    for column, (transport, members) in enumerate(groups.items()):
        lines(axes[0][column], members, "messages_per_second", 1e6)
        axes[0][column].set_title(f"{transport}: M messages a second")
        for row, (reference, text) in enumerate(references.items(), 1):
            if not {reference} < set(rivals_of(members, "messages_per_second")):
                axes[row][column].set_axis_off()
                continue
            lines(axes[row][column], members, "messages_per_second", 1, reference)
            axes[row][column].set_title(f"{transport}: times {text}")
    finish(figure, folder, name, title, note)


def shape_of(cell):
    """What it is beside transport and size: "PUSH->PULL in 3 frames 4->1"."""
    what = cell["cell"]
    frames = f" in {what['frames']} frames" if what["frames"] != "1" else ""
    return what["flow"] + frames + (f" {what['topology']}" if what["topology"] != "1->1" else "")


def draw_shapes(cells, folder, note):
    for cell in cells:
        cell["cell"]["shape"] = shape_of(cell)
    title = "Flows, frames and numbers of ends"
    if len(by(cells, "size")) > 3:  # a full run: a row a shape, a column a transport
        shapes, transports = by(cells, "shape"), by(cells, "transport")
        figure, axes = grid(len(transports), len(shapes), width=4.6, height=2.6)
        for row, (shape, members) in enumerate(shapes.items()):
            found = by(members, "transport")
            for column, transport in enumerate(transports):
                if transport not in found:
                    axes[row][column].set_axis_off()
                    continue
                lines(axes[row][column], found[transport], "messages_per_second", 1e6)
                axes[row][column].set_title(f"{transport} {shape}: M messages a second")
        finish(figure, folder, "shapes", title, note)
        return
    groups = [(transport, size, members) for transport, of_one in by(cells, "transport").items()
              for size, members in by(of_one, "size").items()]
    figure, axes = grid(1, len(groups), width=max(10.5, 1.5 * max(len(members) for *_, members in groups)), height=3.2)
    for row, (transport, size, members) in enumerate(groups):
        labels = [cell["cell"]["shape"].replace(" in ", "\n").replace(" 4->1", "\n4->1").replace(" 1->4", "\n1->4")
                  for cell in members]
        bars(axes[row][0], members, labels, "messages_per_second", 1e6)
        axes[row][0].set_title(f"{transport}, {size_text(size, ' B')}: M messages a second")
    finish(figure, folder, "shapes", title, note)


def draw_round_trips(cells, folder, note, name="roundtrip", title="Round trips"):
    groups = by(cells, "transport")
    figure, axes = grid(1, 2 * len(groups), width=max(10.5, 2.1 * max(map(len, groups.values()))), height=2.9)
    row = 0
    for transport, members in groups.items():
        labels = [f"{what['flow']}\n{size_text(what['size'], ' B')}" +
                  ("\nbeside a stream" if what["load"] != "none" else "") for what in (cell["cell"] for cell in members)]
        for metric, which in (("p50_us", "median"), ("p99_us", "99th percentile")):
            bars(axes[row][0], members, labels, metric, log=True)
            axes[row][0].set_title(f"{transport}: {which} of the round trip, µs (hatched: both sides spin)")
            row += 1
    finish(figure, folder, name, title, note)


def draw_fan_out(cells, folder, note, name="fanout", title="PUB to SUB"):
    plain = [cell for cell in cells if cell["cell"]["topics"] == "all match" and cell["cell"]["slow"] == "waited for"]
    special = [cell for cell in cells if cell not in plain]
    groups = by(plain, "subscribers")
    columns = max(1, min(2, len(groups)))
    rows = math.ceil(len(groups) / columns) + bool(special)
    figure = plt.figure(figsize=(11, 2.9 * rows + 0.7), layout="constrained")
    spaces = figure.add_gridspec(rows, columns)
    for place, (subscribers, members) in enumerate(groups.items()):
        axes = figure.add_subplot(spaces[place // columns, place % columns])
        sizes = [int(cell["cell"]["size"]) for cell in members]
        bars(axes, members, [size_text(size, " B") for size in sizes], "messages_per_second", 1e6,
             log=max(sizes) > 64 * min(sizes))
        axes.set_title(f"{subscribers} subscriber{'s' if subscribers != '1' else ''}: M delivered a second")
    if special:
        axes = figure.add_subplot(spaces[rows - 1, :])
        labels = [cell["label"].split("PUB->")[1].replace(" SUB ", " SUB\n").replace(" B ", " B\n", 1)
                  .replace(", ", "\n") for cell in special]
        bars(axes, special, labels, "messages_per_second", 1e6)
        axes.set_title("Topics, subscriptions held, a subscriber that does not read: M delivered a second")
    finish(figure, folder, name, title, note)


def draw_cost(cells, folder, note):
    wanted = (("cpu_seconds_per_million", "CPU seconds a million messages", True),
              ("system_calls_per_million", "system calls a million messages", True),
              ("allocations_per_message", "allocations a message", False),
              ("peak_bytes", "peak memory, MB", False))
    transports = by(cells, "transport")
    figure, axes = grid(2, len(wanted), width=max(5.6, 1.3 * len(cells)), height=2.7)
    labels = [size_text(cell["cell"]["size"], " B") for cell in cells]
    if len(transports) > 1:
        labels = [f"{cell['cell']['transport']}\n{label}" for cell, label in zip(cells, labels)]
    for row, (metric, name, log) in enumerate(wanted):
        for column, side in enumerate(("sender", "receiver")):
            scale = 1e6 if metric == "peak_bytes" else 1
            bars(axes[row][column], cells, labels, f"{metric}_{side}", scale, log)
            axes[row][column].set_title(f"{side}: {name}")
    finish(figure, folder, "cost", "What a stream costs", note)


def draw_connections(cells, folder, note):
    wanted = (("bytes_per_connection", "resident bytes a connection", 1),
              ("connections_per_second", "connections a second, thousands", 1e3),
              ("messages_per_second", "M messages a second, 1% busy", 1e6))
    figure, axes = grid(len(wanted), width=4.0, height=3.2)
    for column, (metric, name, scale) in enumerate(wanted):
        bars(axes[0][column], cells, [f"{int(cell['cell']['peers']):,} peers" for cell in cells], metric, scale)
        axes[0][column].set_title(name)
    finish(figure, folder, "connections", "Many connections to one PULL", note)


DRAWN = {"throughput": draw_throughput, "shapes": draw_shapes, "roundtrip": draw_round_trips, "fanout": draw_fan_out,
         "cost": draw_cost, "connections": draw_connections}
DRAWN |= {f"curve-{name}": functools.partial(DRAWN[name], name=f"curve-{name}", title=f"{title} with CURVE")
          for name, title in (("throughput", "PUSH to PULL, one stream,"), ("roundtrip", "Round trips"),
                              ("fanout", "PUB to SUB"))}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    results = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    machine = results["machine"]
    note = (f"{machine['processor']}, {machine['cores']} cores, {machine['kernel']}\n"
            f"Monocoque {machine['monocoque']}, libzmq {machine['libzmq']}, {results['rounds']} rounds of "
            f"{results['seconds']} s{', pinned' if results.get('pinned') else ''}, {machine['time'][:10]}; "
            "figures are medians, whiskers and bands go from the least to the most")
    for scenario, draw in DRAWN.items():
        cells = [cell for cell in results["cells"] if cell["scenario"] == scenario]
        cells = [cell for cell in cells if any(rival.get("figures") for rival in cell["rivals"].values())]
        if cells:
            draw(cells, folder, note)
    print(f"plots: {folder}")


main()
