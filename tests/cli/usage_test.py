"""What is printed for help, for mistakes on the command line, and for what the system refuses."""
import os
import socket
import subprocess
import unittest

from tool import LIMIT_SECONDS, TOOL, Case, run

TYPES = ("req", "rep", "push", "pull", "pub", "sub", "dealer", "router", "pair", "xpub", "xsub")


class Help(Case):
    def test_lists_all_commands(self):
        done = run("--help")
        self.assertEqual(done.returncode, 0)
        for name in (*TYPES, "proxy", "monitor", "demo", "version"):
            self.assertRegex(done.stdout, rf"\n  {name} ")
        self.assertIn("Exit status", done.stdout)
        self.assertNotIn("demo-peer", done.stdout)

    def test_of_each_type_names_its_options(self):
        for name in TYPES:
            done = run(name, "--help")
            self.assertEqual(done.returncode, 0)
            for option in ("--bind ENDPOINT", "--connect ENDPOINT", "--count COUNT", "--timeout MS", "--frames SEP"):
                self.assertIn(option, done.stdout, name)
            self.assertIn("Exit status", done.stdout)

    def test_version_says_protocol_and_driver(self):
        done = run("version")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^monocoque \d+\.\d+\.\d+\nprotocol ZMTP 3\.1.*\nI/O driver (uring|epoll); of inline contexts (uring|epoll)\n$")
        self.assertRegex(run("--version").stdout, r"^monocoque \d+\.\d+\.\d+\n$")


class WrongUsage(Case):
    def test_says_what_is_wrong_in_one_line(self):
        push = ("push", "-b", self.ipc())
        for words, pattern in (
            ((), "subcommand is required"),
            (("pul", "-b", "x"), "pul"),
            (("push", "hello"), "endpoint is needed"),
            (("pull", "-b", self.ipc(), "word"), "word"),
            ((*push, "-n", "many", "a"), "'many' is no whole number"),
            ((*push, "-n", "-1", "a"), "-1|--count"),
            ((*push, "-t", "soon", "a"), "soon"),
            ((*push, "--colour", "a"), "--colour"),
            ((*push, "--frames", "", "a"), "separator is empty"),
            (("pull", "-b", self.ipc(), "-f", "xml"), "no 'xml': hex, json, raw, text"),
            (("pull", "-b"), "--bind"),
            (("push", "-c", "inproc://x", "word"), "inproc://x: inproc joins sockets of one process"),
            (("proxy", "--frontend", "inproc://x", "--backend", self.ipc()), "inproc joins sockets of one process"),
            (("rep", "-b", self.ipc(), "--echo", "--reply", "x"), "excludes"),
            (("rep", "-b", self.ipc(), "--echo", "word"), "no use for words"),
            (("dealer", "-c", self.ipc(), "--id", "i" * 256), "1 to 255"),
            (("proxy", "--frontend", self.ipc()), "--backend"),
            (("proxy", "--backend", self.ipc()), "--frontend"),
            (("proxy", "--type", "pipe", "--frontend", self.ipc("f"), "--backend", self.ipc("b")), "pipe"),
            (("demo", "--only", "nothing"), "nothing"),
        ):
            with self.subTest(words=words):
                self.expect_complaint(2, pattern, *words)


class Refused(Case):
    def test_endpoint_that_does_not_parse(self):
        for endpoint in ("tcp:/127.0.0.1:5555", "tcp://127.0.0.1", "tcp://127.0.0.1:99999", "nonsense"):
            with self.subTest(endpoint=endpoint):
                self.expect_complaint(1, endpoint.replace("/", "."), "push", "-c", endpoint, "hello")
        self.expect_complaint(1, "unsupported transport|invalid endpoint", "pull", "-b", "tpc://127.0.0.1:5555")

    def test_host_that_is_not_known(self):
        self.expect_complaint(1, "bind .*no-such-host.invalid", "pull", "-b", "tcp://no-such-host.invalid:5555")

    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            endpoint = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
            self.expect_complaint(1, f"bind {endpoint}: .*in use", "pull", "-b", endpoint)

    def test_folder_that_does_not_exist(self):
        self.expect_complaint(1, "no/where", "pull", "-b", f"ipc://{self.folder}/no/where")

    def test_closed_standard_input(self):
        done = subprocess.run([TOOL, "push", "-c", self.ipc()], preexec_fn=lambda: os.close(0), capture_output=True,
                              text=True, timeout=LIMIT_SECONDS, check=False)
        self.assertEqual((done.returncode, done.stderr), (1, "monocoque: standard input: Bad file descriptor\n"))

    def test_closed_standard_output(self):
        pull = subprocess.Popen([TOOL, "pull", "-b", self.ipc(), "-n", "1"], preexec_fn=lambda: os.close(1),
                                stderr=subprocess.PIPE, text=True)
        self.expect(0, [], "push", "-c", self.ipc(), "hello")
        error = pull.communicate(timeout=LIMIT_SECONDS)[1]
        self.assertEqual((pull.returncode, error), (1, "monocoque: standard output: Bad file descriptor\n"))

    def test_a_routers_message_without_a_peers_name(self):
        self.expect_complaint(1, "names its peer: use --frames", "router", "-b", self.ipc(), "hello")

    def test_giving_up_says_what_went_wrong_last(self):
        with socket.create_server(("127.0.0.1", 0)) as gone:
            endpoint = f"tcp://127.0.0.1:{gone.getsockname()[1]}"
        self.expect_complaint(3, rf"received nothing within 300 ms .{endpoint}: Connection refused", "req", "-c",
                              endpoint, "-t", "300", "hello")

    def test_standard_output_that_is_full(self):
        with open("/dev/full", "wb") as full:
            pull = subprocess.Popen([TOOL, "pull", "-b", self.ipc(), "-n", "1"], stdout=full, stderr=subprocess.PIPE,
                                    text=True)
        self.expect(0, [], "push", "-c", self.ipc(), "hello")
        error = pull.communicate(timeout=LIMIT_SECONDS)[1]
        self.assertEqual((pull.returncode, error), (1, "monocoque: standard output: No space left on device\n"))


if __name__ == "__main__":
    unittest.main()
