"""What ends a command, and with which status: counts, deadlines, signals, a reader or a peer that goes away."""
import signal
import socket
import subprocess
import unittest

from tool import LIMIT_SECONDS, TOOL, Case


class Deadlines(Case):
    def test_nothing_received(self):
        for kind in ("pull", "sub", "rep", "dealer", "router", "pair"):
            with self.subTest(kind=kind):
                self.expect_complaint(3, "received nothing within 50 ms", kind, "-b", self.ipc(kind), "-t", 50)

    def test_no_reply(self):
        pull = self.start("router", "-b", self.ipc(), stdin=subprocess.PIPE)  # takes the request and says nothing
        self.expect_complaint(3, "received nothing within 300 ms", "req", "-c", self.ipc(), "-t", 300, "anybody?")
        pull.signal()
        pull.end()

    def test_nobody_to_send_to(self):
        self.expect_complaint(3, "could not send within 50 ms", "push", "-b", self.ipc(), "-t", 50, "x")

    def test_messages_that_are_not_taken(self):
        self.expect_complaint(3, "2 messages were not delivered within 50 ms", "push", "-c", self.ipc(), "-t", 50, "x", "y")

    def test_no_subscriber(self):
        for kind in ("pub", "xpub"):
            with self.subTest(kind=kind):
                self.expect_complaint(3, "0 of 1 subscribers came within 50 ms", kind, "-b", self.ipc(kind), "-t", 50, "x")

    def test_too_few_peers(self):
        self.expect_complaint(3, "0 of 1 peers came", "push", "-b", self.ipc(), "-t", 50, "--wait-peers", 1, "x")

    def test_no_such_routing_id(self):
        self.expect_complaint(3, "no peer with routing id who", "router", "-b", self.ipc(), "-t", 50, "--frames", ":",
                              "who:x")

    def test_a_deadline_is_for_each_message(self):
        pull = self.start("pull", "-b", self.ipc(), "-t", 3000)
        self.expect(0, [], "push", "-c", self.ipc(), "-i", 20, "a", "b", "c")
        self.expect_end(pull, 3, ["a", "b", "c"])


class Signals(Case):
    def test_what_has_no_end_is_done_at_ctrl_c(self):
        for words in (("pull",), ("sub",), ("rep", "--echo"), ("dealer",), ("pair",), ("router",)):
            for number in (signal.SIGINT, signal.SIGTERM):
                with self.subTest(words=words, number=number):
                    waiting = self.start(*words, "-v", "-b", "tcp://127.0.0.1:0", stdin=subprocess.PIPE)
                    waiting.endpoint()
                    waiting.signal(number)
                    self.expect_end(waiting, 0, [])

    def test_a_job_cut_short_says_so_by_its_status(self):
        for words in (("pull", "-n", 1), ("req", "word"), ("push", "word"), ("pub", "word"), ("pub",), ("xpub", "word")):
            for number in (signal.SIGINT, signal.SIGTERM):
                with self.subTest(words=words, number=number):
                    waiting = self.start(words[0], "-v", "-b", "tcp://127.0.0.1:0", *words[1:], stdin=subprocess.PIPE)
                    waiting.endpoint()
                    waiting.signal(number)
                    status, stdout, stderr = waiting.end()
                    self.assertEqual((status, stdout), (128 + number, []))
                    self.assertFalse([line for line in stderr if line.startswith("monocoque:")], stderr)

    def test_while_messages_wait_to_be_delivered(self):
        push = self.start("push", "-v", "-c", self.ipc(), "word")  # nobody listens there
        push.event("connect retried")
        push.signal()
        self.expect_end(push, 130)

    def test_while_standard_input_is_read(self):
        pull = self.start("pull", "-b", self.ipc())
        push = self.start("push", "-c", self.ipc(), stdin=subprocess.PIPE)
        push.write("typed\n")
        self.assertEqual(pull.line(), "typed")
        push.signal()
        self.expect_end(push, 130)


class Pipes(Case):
    def test_head_ends_a_receiver_quietly_and_at_once(self):
        with subprocess.Popen(f"{TOOL} pull -b {self.ipc()} | head -n 1; echo ${{PIPESTATUS[0]}}", shell=True,
                              executable="/bin/bash", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as shell:
            self.expect(0, [], "push", "-c", self.ipc(), "only")
            stdout, stderr = shell.communicate(timeout=LIMIT_SECONDS)
        self.assertEqual((stdout, stderr), ("only\n0\n", ""))


class Peers(Case):
    def test_a_killed_peer_is_seen_and_outlived(self):
        pull = self.start("pull", "-v", "-b", self.ipc(), "-n", 2)
        first = self.start("push", "-c", self.ipc(), stdin=subprocess.PIPE)
        first.write("one\n")
        self.assertEqual(pull.line(), "one")
        first.signal(signal.SIGKILL)
        pull.event("disconnected .*: .")
        self.expect(0, [], "push", "-c", self.ipc(), "two")
        self.expect_end(pull, 0, ["two"])

    def test_verbose_shows_connections_come_and_go_with_reasons(self):
        pull = self.start("pull", "-v", "-b", "tcp://127.0.0.1:0", stdin=subprocess.PIPE)
        endpoint = pull.endpoint()
        push = self.start("push", "-v", "-c", endpoint, "x")
        push.event("connected " + endpoint)
        push.event("handshake done " + endpoint + ".* PULL, ZMTP 3.1")
        pull.event("accepted")
        pull.event("handshake done .*PUSH, ZMTP 3.1")
        pull.event("disconnected .*: peer closed the connection")
        self.expect_end(push, 0)
        wrong = self.start("sub", "-v", "-c", endpoint)
        pull.event("handshake failed .*: .*incompatible socket type")
        wrong.event("handshake failed .*: .")
        with socket.create_connection(endpoint.removeprefix("tcp://").split(":")) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n" * 10)
            pull.event("handshake failed .*: .*no ZMTP greeting")

    def test_connect_before_bind(self):
        push = self.start("push", "-v", "-c", self.ipc(), "x")
        push.event("connect retried .*: .*next attempt in")
        self.expect(0, ["x"], "pull", "-b", self.ipc(), "-n", 1)
        self.expect_end(push, 0)


if __name__ == "__main__":
    unittest.main()
