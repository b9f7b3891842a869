#!/usr/bin/env python3
"""Compiles every C++ block of the README, the guide and the page about security, and runs those that are whole or statements.

    docs/snippets.py LIBRARY.a [COMPILER [MODULE...]]

MODULE is what pkg-config calls a library that ours needs; without any, all those that it can need. A block with `int main` is a program; one with definitions at its left edge is only compiled; any other
is a run of statements that find a threaded context `ctx` and are run. A program has 60 seconds.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PRELUDE = """#include <monocoque/monocoque.hpp>
#include <cassert>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>
#include <poll.h>
namespace mq = monocoque;
using namespace std::chrono_literals;
"""
DEFINITION = re.compile(r"^(mq::task<|void |int \w+\(|struct |class )", re.MULTILINE)


def blocks(path):
    text = path.read_text()
    for found in re.finditer(r"^```cpp\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield text[: found.start()].count("\n") + 1, found.group(1)


def program(block):
    """The block as a program, and whether it is to be run."""
    if block.lstrip().startswith("#include"):
        return block, True
    if "int main" in block:
        return PRELUDE + block, True
    if DEFINITION.search(block):
        return PRELUDE + block + "int main() {}\n", False
    return PRELUDE + "int main() {\nmq::context ctx;\n" + block + "}\n", True


def outcome(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess([], 1, "", "took more than 60 seconds")


def try_out(block, compiler, libraries):
    """What the block says when it is compiled and run, and whether that went well."""
    text, run = program(block)
    with tempfile.TemporaryDirectory() as folder:
        source, binary = pathlib.Path(folder, "snippet.cpp"), pathlib.Path(folder, "snippet")
        source.write_text(text)
        done = outcome([compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", "-Wno-unused", "-I", ROOT / "include", source,
                        *libraries, "-pthread", "-o", binary])
        if done.returncode != 0 or not run:
            return done.returncode == 0, done.stderr or "compiled"
        done = outcome([binary])
        return done.returncode == 0, (done.stdout + done.stderr).strip()


def main():
    library, *chosen = sys.argv[1:]
    compiler = chosen[0] if chosen else "g++"
    modules = [re.match(r"\w+", module)[0] for module in chosen[1:]] or ["liburing", "libsodium", "libcrypto"]
    needed = subprocess.run(["pkg-config", "--libs", *modules], capture_output=True, text=True, check=True)
    libraries = [library, *needed.stdout.split()]
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        tried = [(f"{path.name}:{line}", pool.submit(try_out, block, compiler, libraries))
                 for path in (ROOT / "README.md", ROOT / "docs/guide.md", ROOT / "docs/security.md")
                 for line, block in blocks(path)]
        for place, future in tried:
            succeeded, said = future.result()
            failures += not succeeded
            print(f"{place}: {'' if succeeded else 'FAILED '}{said}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
