"""Runs the command line for the tests: to its end, or in the background with its lines waited for as they come."""
import contextlib
import os
import pathlib
import queue
import re
import signal
import subprocess
import tempfile
import threading
import unittest

TOOL = os.environ["MONOCOQUE_TOOL"]
# Longer than anything takes on a loaded machine under a sanitizer; only a test that fails waits so long.
LIMIT_SECONDS = 40


def word(value):
    return value if isinstance(value, bytes) else str(value)


def run(*words, stdin="", **environment):
    """The finished process; stdout and stderr as text."""
    return subprocess.run([TOOL, *map(word, words)], input=stdin, capture_output=True, text=True,
                          timeout=LIMIT_SECONDS, check=False, env=os.environ | environment)


def has_curve():
    """False if the tool was built without libsodium."""
    done = run("keygen")
    return done.returncode == 0 or "built without" not in done.stderr


class Running:
    """A process in the background. stdin: None for nothing, or subprocess.PIPE to `write` to."""

    def __init__(self, *words, stdin=subprocess.DEVNULL):
        self._process = subprocess.Popen([TOOL, *map(word, words)], stdin=stdin, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE)
        self._lines = {name: queue.Queue() for name in ("stdout", "stderr")}
        self._readers = [threading.Thread(target=self._read, args=(name,), daemon=True) for name in self._lines]
        for reader in self._readers:
            reader.start()

    def _read(self, name):
        for line in getattr(self._process, name):
            self._lines[name].put(line.decode().rstrip("\n"))
        self._lines[name].put(None)

    def _next(self, name):
        try:
            line = self._lines[name].get(timeout=LIMIT_SECONDS)
        except queue.Empty:
            raise AssertionError(f"no line on {name} of {self._process.args}") from None
        return line

    def line(self):
        """The next line on standard output, waited for; None at its end."""
        return self._next("stdout")

    def lines(self, count):
        return [self.line() for _ in range(count)]

    def event(self, pattern):
        """The match of the next line on standard error that has `pattern` in it."""
        seen = []
        while (line := self._next("stderr")) is not None:
            if found := re.search(pattern, line):
                return found
            seen.append(line)
        raise AssertionError(f"standard error of {self._process.args} ended without {pattern!r}: {seen}")

    def endpoint(self):
        """What it listens on (needs -v)."""
        return self.event(r"listening (\S+)")[1]

    def write(self, text):
        self._process.stdin.write(text.encode())
        self._process.stdin.flush()

    def close_input(self):
        self._process.stdin.close()

    def poll(self):
        """The exit status, or None while it runs."""
        return self._process.poll()

    def signal(self, number=signal.SIGINT):
        self._process.send_signal(number)

    def stop(self):
        """Its peers hear nothing of it any more."""
        self._process.send_signal(signal.SIGSTOP)

    def end(self):
        """(exit status, remaining standard output, remaining standard error), once it has ended."""
        try:
            status = self._process.wait(LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self._process.args} does not end") from None
        for reader in self._readers:
            reader.join()
        rest = []
        for name in ("stdout", "stderr"):
            lines = []
            while (line := self._next(name)) is not None:
                lines.append(line)
            rest.append(lines)
        return status, *rest

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()


class Case(unittest.TestCase):
    """Ends what it started, and has a folder for IPC endpoints."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def ipc(self, name="x"):
        return f"ipc://{self.folder}/{name}"

    def start(self, *words, **options):
        running = Running(*words, **options)
        self.addCleanup(running.kill)
        return running

    def expect(self, status, stdout, *words, stdin=""):
        """Runs to the end and compares; stdout is a list of lines. Returns standard error."""
        done = run(*words, stdin=stdin)
        self.assertEqual((done.returncode, done.stdout.splitlines()), (status, stdout), done.stderr)
        return done.stderr

    def expect_complaint(self, status, pattern, *words, stdin=""):
        """Runs to the end, which must be one line on standard error that has `pattern` in it."""
        done = run(*words, stdin=stdin)
        lines = done.stderr.splitlines()
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual((len(lines), done.stdout), (1, ""), done.stderr)
        self.assertRegex(lines[0], "^monocoque: .*(" + pattern + ")")

    def expect_end(self, running, status, stdout=None):
        ended = running.end()
        self.assertEqual(ended[0], status, ended)
        if stdout is not None:
            self.assertEqual(ended[1], stdout, ended)
        return ended
