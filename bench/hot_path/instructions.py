#!/usr/bin/python3
"""Instructions a message on the hot path, counted by callgrind.

    instructions.py HOT_PATH_PROGRAM [--json FILE]

The program is run with two numbers of bursts; the difference is what the steady state costs, without setup
and the first touches of memory. The figures depend on the compiler and the flags, not on the machine's load.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

SIDES = ("sending_side", "receiving_side")
CASES = ((64, 1), (64, 3), (1024, 1))  # bytes a frame, frames
BURSTS = (20, 60)


def count(program, bursts, size, frames, side):
    """(instructions inside `side`, messages a burst)."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", f"--toggle-collect={side}",
                   str(program), str(bursts), str(size), str(frames)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120,
                              check=False)
        collected = re.search(r"Collected\s*:\s*(\d+)", done.stderr)
        if done.returncode != 0 or not collected:
            sys.exit(f"instructions: {' '.join(command)} failed:\n{done.stderr}")
        return int(collected.group(1)), int(done.stdout)


def measure(program, size, frames, side):
    few, burst = count(program, BURSTS[0], size, frames, side)
    many, burst = count(program, BURSTS[1], size, frames, side)
    return (many - few) / ((BURSTS[1] - BURSTS[0]) * burst)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path, help="where results go as well")
    chosen = parser.parse_args()
    program = chosen.program.resolve()
    results = []
    print("instructions a message (epoll, inline, ipc, bursts of 200)")
    for size, frames in CASES:
        figures = {side: round(measure(program, size, frames, side), 1) for side in SIDES}
        results.append({"size": size, "frames": frames, **figures})
        print(f"  {size:5} B x {frames}:  sending {figures[SIDES[0]]:8.1f}   receiving {figures[SIDES[1]]:8.1f}",
              flush=True)
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


main()
