"""`monocoque run`: a program is started on our libzmq.so.5."""
import os
import pathlib
import shutil
import subprocess
import unittest

from tool import LIMIT_SECONDS, TOOL, Case, run

LIBRARY = pathlib.Path(TOOL).parent.parent / "lib" / "zmq" / "libzmq.so.5"


@unittest.skipUnless(LIBRARY.exists(), "built without libzmq.so.5")
class Run(Case):
    def test_puts_our_library_in_front(self):
        for before, after in (("", ""), ("/somewhere:/else", ":/somewhere:/else")):
            done = run("run", "--", "sh", "-c", "echo $LD_LIBRARY_PATH", LD_LIBRARY_PATH=before)
            self.assertEqual((done.stdout, done.stderr), (f"{LIBRARY.parent}{after}\n", ""))

    @unittest.skipIf(pathlib.Path(os.environ["MONOCOQUE_BINARY_DIR"]).name in ("asan", "tsan"),
                     "a program without sanitizers cannot load a library with them")
    def test_the_program_has_it(self):
        done = run("run", "--", "/usr/bin/python3", "-c", "import zmq; print(zmq.zmq_version())")
        self.assertEqual((done.stdout, done.stderr), ("4.3.5\n", ""))

    def test_leaves_arguments_input_and_exit_status_alone(self):
        words = ["-x", "--", "[1,2]", "{}", "++", "", "--help"]
        for separator in ([], ["--"]):
            done = run("run", *separator, "sh", "-c", 'cat; printf "<%s>" "$@"; exit 5', "name", *words, stdin="in ")
            self.assertEqual(done.stdout, "in " + "".join(f"<{word}>" for word in words))
            self.assertEqual(done.returncode, 5)

    def test_leaves_signals_as_they_are(self):
        done = run("run", "--", "sh", "-c", "kill -INT $$; kill -PIPE $$; echo still here")
        self.assertEqual((done.returncode, done.stdout), (-2, ""))

    def test_a_program_that_does_not_start(self):
        self.expect_complaint(127, "no-such-program: No such file", "run", "--", "no-such-program")
        self.expect_complaint(126, f"{self.folder}: Permission denied", "run", "--", str(self.folder))

    def test_needs_a_program(self):
        for words in ((), ("--",)):
            self.expect_complaint(2, "program", "run", *words)
        self.expect_complaint(2, "run does not take -v", "run", "-v", "--", "true")

    def test_says_where_it_looked(self):
        lonely = shutil.copy(TOOL, self.folder)
        done = subprocess.run([lonely, "run", "--", "true"], capture_output=True, text=True, timeout=LIMIT_SECONDS,
                              check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("there is no libzmq.so.5 in ", done.stderr)

    def test_help_tells_of_exit_status(self):
        done = run("run", "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for text in ("run -- PROGRAM", "LD_LIBRARY_PATH", "127", "126"):
            self.assertIn(text, done.stdout)


if __name__ == "__main__":
    unittest.main()
