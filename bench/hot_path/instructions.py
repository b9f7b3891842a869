#!/usr/bin/python3
"""Instructions a message on the hot path, counted by callgrind, and the budget they must keep.

    instructions.py HOT_PATH_PROGRAM            counts and shows them beside the budget
    instructions.py HOT_PATH_PROGRAM --check    the same, and fails if one is exceeded (`make test` does it)
    instructions.py HOT_PATH_PROGRAM --update   makes what is counted the budget (`make bench-budget`)

Counts do not depend on the machine's load, and hardly on the machine. They do depend on the compiler, its
flags and the C library, so the budget names those, and --check skips (exit status 77) where they are others.
"""
import argparse
import concurrent.futures
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BUDGET = pathlib.Path(__file__).with_name("budget.json")
TOLERANCE = 0.02
SKIPPED = 77
# The first bursts touch memory for the first time and fill caches of objects.
WARM_UP = 1 / 3
SIDES = ("sending_side", "receiving_side", "both_sides")
# Nothing from outside that could move the program's memory about: not its environment, and not where it lies,
# for its path stands above its stack. It is run as ./name, in its own folder.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


def run(command, folder):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120,
                          env=ENVIRONMENT, cwd=folder, check=False)
    if done.returncode != 0:
        sys.exit(f"instructions: {' '.join(command)} failed with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def scenarios(program):
    """(what the program was made with, {scenario: messages a burst})."""
    toolchain, *lines = run([f"./{program.name}"], program.parent).splitlines()
    return toolchain, {name: int(burst) for burst, name in (line.split(" ", 1) for line in lines)}


def count(program, name, burst):
    """{side: instructions a message}. callgrind dumps its counters after every burst of a side."""
    costs = {}
    with tempfile.TemporaryDirectory() as folder:
        switches = [f"--{what}={side}" for side in SIDES for what in ("toggle-collect", "dump-after")]
        callgrind = [shutil.which("valgrind"), "--tool=callgrind", f"--callgrind-out-file={folder}/out", *switches]
        run([shutil.which("setarch"), "-R", *callgrind, f"./{program.name}", name], program.parent)
        parts = sorted(pathlib.Path(folder).glob("out.*"), key=lambda path: int(path.suffix[1:]))
        for part in parts:
            text = part.read_text(encoding="utf-8")
            side = re.search(r"^desc: Trigger: --dump-after=(\w+)", text, re.M)
            total = re.search(r"^(?:totals|summary): (\d+)", text, re.M)
            if side and total:
                costs.setdefault(side.group(1).removesuffix("_side").removesuffix("_sides"), []).append(
                    int(total.group(1)))
    if not costs:
        sys.exit(f"instructions: callgrind counted nothing of '{name}'")
    steady = {side: found[round(len(found) * WARM_UP):] for side, found in costs.items()}
    return {side: round(sum(found) / (len(found) * burst), 1) for side, found in steady.items()}


def count_all(program, bursts):
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        counted = pool.map(lambda name: count(program, name, bursts[name]), bursts)
        return dict(zip(bursts, counted))


def compare(counted, budget):
    """Prints everything; the lines that say what is wrong."""
    wrong = []
    better = 0
    print(f"{'instructions a message':<56}{'side':<11}{'now':>9}{'budget':>9}{'':>9}")
    for name, figures in counted.items():
        for side, now in figures.items():
            allowed = budget.get(name, {}).get(side)
            change = "" if allowed is None else f"{(now / allowed - 1) * 100:+8.1f}%"
            print(f"{name:<56}{side:<11}{now:9.1f}{'-' if allowed is None else format(allowed, '9.1f'):>9}{change:>9}")
            if allowed is None:
                wrong.append(f"{name}, {side}: it has no budget")
            elif now > allowed * (1 + TOLERANCE):
                wrong.append(f"{name}, {side}: {now} instructions a message, {(now / allowed - 1) * 100:.1f}% over "
                             f"the budget of {allowed}")
            elif now < allowed * (1 - TOLERANCE):
                better += 1
    if better:
        print(f"{better} of them are better than their budget; `make bench-budget` keeps it so")
    wrong += [f"{name}: has a budget and is not measured" for name in budget if name not in counted]
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="fail if a budget is exceeded by more than 2%%")
    what.add_argument("--update", action="store_true", help=f"write {BUDGET.name}")
    parser.add_argument("--json", type=pathlib.Path, help="where counts go as well")
    chosen = parser.parse_args()
    for tool in ("valgrind", "setarch"):
        if not shutil.which(tool):
            print(f"instructions: {tool} is not installed; `make setup` installs it")
            return SKIPPED if chosen.check else 1
    program = chosen.program.resolve()
    toolchain, bursts = scenarios(program)
    kept = json.loads(BUDGET.read_text(encoding="utf-8")) if BUDGET.exists() else {}
    if chosen.check and kept.get("toolchain") != toolchain:
        print(f"instructions: skipped, for the budget is that of another toolchain\n  budget: "
              f"{kept.get('toolchain')}\n  here:   {toolchain}")
        return SKIPPED
    counted = count_all(program, bursts)
    wrong = compare(counted, kept.get("instructions", {}))
    for path in [chosen.json] if chosen.json else []:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(counted, indent=2) + "\n", encoding="utf-8")
    if chosen.update:
        BUDGET.write_text(json.dumps({"toolchain": toolchain, "instructions": counted}, indent=2) + "\n",
                          encoding="utf-8")
        print(f"{BUDGET}: written")
    elif chosen.check and wrong:
        print("\n" + "\n".join(wrong) + "\nIf that is meant to be, say why in the commit, and raise the budget "
              f"with `make bench-budget`, which is\n  {__file__} {program} --update")
        return 1
    return 0


sys.exit(main())
