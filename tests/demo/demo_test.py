"""`monocoque demo` as a whole, on a small scale: the table, the exit status, a terminal, and ends before its time."""
import contextlib
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import tempfile
import unittest

TOOL = os.environ["MONOCOQUE_TOOL"]
LIMIT_SECONDS = 150
SCENES = (("broker", "MMZZ > M > MMZZ"), ("feed", "M, Z > MMZZ"), ("pipeline", "M, Z > MMZZ > M"),
          ("by name", "M <> MMZZ"), ("by name", "Z <> MMZZ"))


def children(pid):
    """{pid: arguments} of the processes that `pid` started."""
    found = {}
    # All are forked by the main thread, whose number is the process's.
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            found[int(child)] = pathlib.Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
    return found


class Demo(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.environment = dict(os.environ, TMPDIR=folder.name)

    def run_demo(self, *words):
        return subprocess.run([TOOL, "demo", *words], env=self.environment, capture_output=True, text=True,
                              timeout=LIMIT_SECONDS, check=False)

    def start_demo(self, *words):
        process = subprocess.Popen([TOOL, "demo", *words], env=self.environment, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def wait_for_peers(self, process, wanted):
        """The peers once as many as `wanted` run; the demonstration must have got so far before its end."""
        while process.poll() is None:
            peers = {pid: words for pid, words in children(process.pid).items() if any(b"role=" in w for w in words)}
            if len(peers) >= wanted:
                return peers
        raise AssertionError(process.communicate())

    def assert_nothing_left(self, peers):
        for pid in peers:
            self.assertFalse(pathlib.Path(f"/proc/{pid}").exists(), peers[pid])
        # ThreadSanitizer has a file here for a moment when a program starts, and leaves it if that is killed just then.
        left = [path.name for path in self.folder.iterdir() if not path.name.startswith("tsan.rodata.")]
        self.assertEqual(left, [])

    def test_all_scenes_are_verified(self):
        done = self.run_demo("--seconds", "0.1")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertNotIn("\x1b", done.stdout)
        self.assertNotIn("FAILED", done.stdout)
        table = done.stdout[done.stdout.index("\npattern "):].splitlines()[2:12]
        expected = [(*scene, via) for scene in SCENES for via in ("tcp", "ipc")]
        for line, (name, peers, via) in zip(table, expected, strict=True):
            round_trip = r"[\d.]+ (us|ms) +[\d.]+ (us|ms)" if name in ("broker", "by name") else "- +-"
            self.assertRegex(line, rf"^{name} .*  {re.escape(peers)} +{via} +[\d,]+ +[\d,]+/s +{round_trip} +yes$")
            self.assertNotRegex(line, " 0 +0/s")
        self.assertEqual(done.stdout.splitlines()[-1], "Nothing was lost, repeated, reordered or altered.")
        self.assert_nothing_left({})

    def test_on_a_terminal_a_line_is_redrawn(self):
        for variables, colour in (({}, True), ({"NO_COLOR": "1"}, False)):
            with self.subTest(variables=variables):
                main, side = pty.openpty()
                environment = dict(self.environment, TERM="xterm", **variables)
                with subprocess.Popen([TOOL, "demo", "--seconds", "0.5", "--only", "feed", "--via", "ipc"], stdin=side,
                                      stdout=side, stderr=side, env=environment) as process:
                    os.close(side)
                    shown = b""
                    try:
                        while chunk := os.read(main, 4096):
                            shown += chunk
                    except OSError:  # how a terminal says that its other side is closed
                        os.close(main)
                self.assertEqual(process.returncode, 0, shown)
                self.assertRegex(shown, rb"\r\x1b\[Kfeed +M, Z > MMZZ +ipc +starting")
                self.assertRegex(shown, rb"\r\x1b\[Kfeed +M, Z > MMZZ +ipc +[\d,]+ messages +[\d,]+/s +0\.\d s")
                self.assertEqual(b"\x1b[32mverified" in shown, colour, shown)

    def test_a_peer_that_dies_fails_its_scene_and_no_more(self):
        process = self.start_demo("--seconds", "2", "--only", "router", "--via", "tcp")
        peers = self.wait_for_peers(process, 5)
        os.kill(next(pid for pid, words in peers.items() if b"name=zoe" in words), signal.SIGKILL)
        stdout, stderr = process.communicate(timeout=LIMIT_SECONDS)
        self.assertEqual((process.returncode, stderr), (1, ""), stdout)
        self.assertIn("zoe (libzmq) ended early with status 137", stdout)
        self.assertRegex(stdout, r"by name .* NO\n")
        self.assert_nothing_left(peers)

    def test_ctrl_c_leaves_nothing_behind_though_pressed_twice(self):
        for times in (1, 2):
            with self.subTest(times=times):
                process = self.start_demo("--seconds", "60", "--only", "feed", "--via", "ipc")
                peers = self.wait_for_peers(process, 6)
                for _ in range(times):
                    process.send_signal(signal.SIGINT)
                stdout, stderr = process.communicate(timeout=LIMIT_SECONDS)
                self.assertEqual((process.returncode, stderr), (130, ""), stdout)
                self.assert_nothing_left(peers)

    def test_without_pyzmq_it_says_what_to_install(self):
        bare = self.folder / "python"
        bare.write_text(f"#!/bin/sh\nexec {sys.executable} -S -I \"$@\"\n")
        bare.chmod(0o755)
        self.assert_fails_with(bare, f"{bare} has no pyzmq; Debian: apt install python3-zmq")

    def test_without_python_it_says_so(self):
        missing = self.folder / "missing"
        self.assert_fails_with(missing, f"--python {missing}: No such file or directory")

    def assert_fails_with(self, python, reason):
        done = self.run_demo("--python", str(python))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (1, "", f"monocoque: demo: {reason}\n"))


if __name__ == "__main__":
    unittest.main()
