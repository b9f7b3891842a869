#!/usr/bin/python3
"""What others wrote for libzmq runs on our libzmq.so.5, unchanged: pyzmq's own tests, and programs with the
bindings of Ruby, Perl and PHP and with a Jupyter kernel.

    run.py FOLDER     the folder that libzmq.so.5 is in; exit status 1 if anything that runs on the system's libzmq
                      does not run on it

Each is run with the system's libzmq first, which decides what must pass: in pyzmq's tests each that passes there.
Only packages of Debian are used; scripts/setup --conformance installs them.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).parent
PYTHON = "/usr/bin/python3"
# Left out: it fails on libzmq too, as often as not, since it does not wait for a subscription; and what Debian's
# pyzmq is not built for.
LEFT_OUT = "not test_blank_root_topic and not TestDraftSockets"
FEWEST_TESTS = 390  # that pass with the system's library, or something is missing here
LIMIT_SECONDS = 600
PROGRAMS = (("ruby", "bindings.rb"), ("perl", "bindings.pl"), ("php", "bindings.php"), (PYTHON, "jupyter.py"))


def run(words, folder, **options):
    """The finished process; `folder`: of the libzmq that it is to find, None for the system's."""
    environment = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    if folder:
        environment["LD_LIBRARY_PATH"] = str(folder)
    return subprocess.run(words, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=LIMIT_SECONDS, check=False, **options)


def pyzmq_tests(folder):
    """(names of those that passed, all that was said)"""
    with tempfile.TemporaryDirectory() as scratch:
        report = pathlib.Path(scratch, "report.xml")
        done = run([PYTHON, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-k", LEFT_OUT, f"--junitxml={report}",
                    "--pyargs", "zmq.tests"], folder, cwd=scratch)
        cases = xml.etree.ElementTree.parse(report).iter("testcase") if report.exists() else ()
        passed = {f"{case.get('classname')}.{case.get('name')}" for case in cases if len(case) == 0
                  or all(part.tag.startswith("system-") for part in case)}
    return passed, done.stdout


def check_pyzmq(ours):
    expected, said = pyzmq_tests(None)
    if len(expected) < FEWEST_TESTS:
        print(f"{said}\npyzmq: only {len(expected)} tests pass with the system's libzmq")
        return False
    passed, said = pyzmq_tests(ours)
    missing = sorted(expected - passed)
    if missing:
        print(said)
    print(f"pyzmq: {len(expected) - len(missing)} of the {len(expected)} tests that pass on libzmq pass on ours")
    for name in missing:
        print(f"  fails: {name}")
    return not missing


def check_program(words, ours):
    """True if it runs with each library, and says at its end which it was."""
    versions = []
    for folder in (None, ours):
        try:
            done = run(words, folder)
        except subprocess.TimeoutExpired as late:
            print(f"{words}: not over after {late.timeout} s, with libzmq in {folder or 'the system'}")
            return False
        lines = [line for line in done.stdout.splitlines() if line.startswith("4.3.")]
        if done.returncode != 0 or not lines:
            print(f"{done.stdout}\n{words}: exit status {done.returncode}, with libzmq in {folder or 'the system'}")
            return False
        versions += lines
    print(f"{words[-1]}: runs on {versions[0]} and on ours")
    if versions[1] != "4.3.5":
        print(f"  but that was {versions[1]}")
    return versions[1] == "4.3.5"


def main():
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1], "libzmq.so.5").exists():
        sys.exit("usage: run.py FOLDER, with libzmq.so.5 in it")
    ours = pathlib.Path(sys.argv[1]).resolve()
    began = time.monotonic()
    outcomes = [check_program([program, str(HERE / script)], ours) for program, script in PROGRAMS]
    outcomes.append(check_pyzmq(ours))
    print(f"{time.monotonic() - began:.0f} s")
    sys.exit(0 if all(outcomes) else 1)


if __name__ == "__main__":
    main()
