#!/usr/bin/env python3
"""Compiles every C++ block of the README, the guide and the page about security, and runs those that are whole or statements.

    docs/snippets.py LIBRARY.a [COMPILER]

A block with `int main` is a program; one with definitions at its left edge is only compiled; any other
is a run of statements that find a threaded context `ctx` and are run. A program has 20 seconds.
"""
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


def main():
    library, compiler = sys.argv[1], (sys.argv[2:] or ["g++"])[0]
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in (ROOT / "README.md", ROOT / "docs/guide.md", ROOT / "docs/security.md"):
            for line, block in blocks(path):
                source = pathlib.Path(folder, "snippet.cpp")
                text, run = program(block)
                source.write_text(text)
                binary = pathlib.Path(folder, "snippet")
                command = [compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", "-Wno-unused", "-I",
                           str(ROOT / "include"), str(source), library, "-luring", "-lsodium", "-lcrypto",
                           "-pthread", "-o", str(binary)]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                if done.returncode == 0 and run:
                    try:
                        done = subprocess.run([binary], capture_output=True, text=True, timeout=20, check=False)
                    except subprocess.TimeoutExpired:
                        done = subprocess.CompletedProcess([], 1, "", "took more than 20 seconds")
                if done.returncode != 0:
                    failures += 1
                    print(f"{path.name}:{line}: FAILED\n{done.stdout}{done.stderr}")
                else:
                    print(f"{path.name}:{line}: {done.stdout.strip() if run else 'compiled'}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
