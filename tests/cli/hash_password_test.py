"""`monocoque hash-password`: lines for a file of passwords, from a pipe and from a terminal."""
import os
import pty
import signal
import subprocess
import unittest

from tool import LIMIT_SECONDS, TOOL, Case, has_curve, run

HASH = r"\$argon2id\$v=19\$m=\d+,t=\d+,p=1\$[^$:]+\$[^$:]+"


@unittest.skipUnless(has_curve(), "built without libsodium")
class Pipe(Case):
    def test_prints_a_line_of_the_file(self):
        done = run("hash-password", "joe", stdin="secret\nand more\n")
        self.assertRegex(done.stdout, f"^joe:{HASH}\n$")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertNotIn("secret", done.stdout)

    def test_without_a_name_prints_the_hash_with_a_salt_of_its_own(self):
        hashes = [run("hash-password", stdin=text).stdout for text in ("secret\n", "secret")]
        for each in hashes:
            self.assertRegex(each, f"^{HASH}\n$")
        self.assertNotEqual(*hashes)

    def test_cost(self):
        self.assertIn("$m=262144,", run("hash-password", "--cost", "moderate", stdin="secret").stdout)

    def test_what_is_no_password(self):
        self.expect_complaint(1, "there is no password on standard input", "hash-password", "joe")
        self.expect_complaint(1, "the password is empty", "hash-password", "joe", stdin="\n")
        self.expect_complaint(1, "a password has at most 255 bytes", "hash-password", stdin="x" * 256)


class Names(Case):
    def test_what_is_no_name(self):
        for name in ("", "a:b", "#joe", "a\nb", "j" * 256):
            self.expect_complaint(2, "a user's name has 1 to 255 bytes", "hash-password", name, stdin="x")


class Terminal:
    """The tool on a terminal of its own."""

    def __init__(self, *words):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen([TOOL, *words], stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.close(slave)

    def answer(self, prompt, text):
        said = b""
        while not said.endswith(prompt):
            each = self.process.stderr.read(1)
            if not each:
                raise AssertionError(f"{said!r} instead of {prompt!r}")
            said += each
        os.write(self.master, text)

    def end(self):
        out, errors = self.process.communicate(timeout=LIMIT_SECONDS)
        return self.process.returncode, out.decode(), errors.decode()

    def shown(self):
        """What was echoed."""
        text = b""
        try:
            while each := os.read(self.master, 1024):
                text += each
        except OSError:  # its other side is closed
            return text
        return text

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        os.close(self.master)


class Asking(Case):
    def terminal(self, *words):
        made = Terminal("hash-password", *words)
        self.addCleanup(made.close)
        return made

    @unittest.skipUnless(has_curve(), "built without libsodium")
    def test_asks_twice_and_shows_nothing(self):
        terminal = self.terminal("joe")
        terminal.answer(b"Password: ", b"secret\n")
        terminal.answer(b"Once more: ", b"secret\n")
        status, out, errors = terminal.end()
        self.assertEqual((status, errors), (0, "\n"))
        self.assertRegex(out, f"^joe:{HASH}\n$")
        self.assertEqual(terminal.shown(), b"")

    def test_two_that_differ(self):
        terminal = self.terminal()
        terminal.answer(b"Password: ", b"secret\n")
        terminal.answer(b"Once more: ", b"sekret\n")
        self.assertEqual(terminal.end(), (1, "", "\nmonocoque: the two passwords differ\n"))

    def test_an_interruption_ends_it(self):
        terminal = self.terminal()
        terminal.answer(b"Password: ", b"")
        terminal.process.send_signal(signal.SIGINT)
        self.assertEqual(terminal.end(), (128 + signal.SIGINT, "", "\n"))


if __name__ == "__main__":
    unittest.main()
