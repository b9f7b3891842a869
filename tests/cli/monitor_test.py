"""`monocoque monitor`: what a peer answers in a handshake, whoever it is."""
import re
import select
import socket
import subprocess
import threading
import unittest

import zmq

from tool import LIMIT_SECONDS, Case, run

GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x01" + b"CURVE".ljust(20, b"\0") + bytes(32)


class Handshake(Case):
    def steps(self, *words, status=0):
        """What was printed, without the times, which must rise."""
        done = run("monitor", *words, "-n", "0")
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        found = [re.fullmatch(r" *(\d+\.\d) ms  (.*)", line) for line in done.stdout.splitlines()]
        self.assertTrue(all(found), done.stdout)
        return [line[2] for line in found], [float(line[1]) for line in found]

    def serve(self, *words):
        return self.start(*words, "-b", "tcp://127.0.0.1:0", "-v", stdin=subprocess.PIPE).endpoint()

    def test_shows_each_step_and_when_it_came(self):
        place = self.serve("router", "--id", "hub")
        lines, times = self.steps("-c", place)
        self.assertEqual(lines, [f"connecting to {place} as REQ", f"connected to {place}",
                                 "greeting: ZMTP 3.1, mechanism NULL", "peer: ROUTER, identity hub",
                                 "handshake done"])
        self.assertEqual(times, sorted(times))

    def test_becomes_what_the_peer_talks_to(self):
        for kind, partner in (("rep", "REQ"), ("pub", "SUB"), ("xpub", "SUB"), ("sub", "PUB"), ("pull", "PUSH")):
            place = self.serve(kind)
            lines, _ = self.steps("-c", place)
            self.assertEqual(lines[-1], "handshake done", lines)
            self.assertIn(f"connecting to {place} as {partner}", lines)

    def test_finds_out_what_a_libzmq_peer_is(self):
        with zmq.Context() as context:
            for kind, name, partner in ((zmq.PUB, "PUB", "SUB"), (zmq.PULL, "PULL", "PUSH"), (zmq.REP, "REP", "REQ")):
                with context.socket(kind) as peer:
                    port = peer.bind_to_random_port("tcp://127.0.0.1")
                    lines, _ = self.steps("-c", f"tcp://127.0.0.1:{port}")
                    self.assertRegex("\n".join(lines), f"as {partner}\n")
                    self.assertEqual(lines[-2], f"peer: {name}")
                    self.assertEqual(lines[-1], "handshake done")

    def test_takes_no_message_from_others_unless_it_is_told_to(self):
        place = self.serve("push")
        lines, _ = self.steps("-c", place, status=1)
        self.assertNotIn("handshake done", lines)
        self.assertIn(f"connecting to {place} as PULL", self.steps("-c", place, "--as", "pull")[0])

    def test_says_which_mechanism_a_peer_wants(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            def answer():
                client, _ = server.accept()
                with client:
                    client.settimeout(LIMIT_SECONDS)
                    client.sendall(GREETING)
                    while client.recv(1000):
                        pass
            thread = threading.Thread(target=answer)
            thread.start()
            lines, _ = self.steps("-c", "tcp://127.0.0.1:%d" % server.getsockname()[1], "--as", "req", status=1)
            thread.join()
        self.assertRegex(lines[-1], "handshake failed: .*CURVE")

    def test_gives_up_where_nobody_is(self):
        done = run("monitor", "-c", self.ipc(), "-t", "50")
        self.assertEqual(done.returncode, 3)
        self.assertIn("no connection", done.stdout)

    def test_needs_an_endpoint_that_makes_sense(self):
        self.expect_complaint(2, "--connect", "monitor")
        self.expect_complaint(2, "inproc", "monitor", "-c", "inproc://x")
        self.assertEqual(run("monitor", "-c", "nonsense").returncode, 1)


class Heartbeats(Case):
    def beats(self, done):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return re.findall(r"ms  heartbeat (\d+): \d+\.\d{3} ms\n", done.stdout)

    def test_are_sent_and_timed(self):
        for kind in ("router", "pull", "xpub", "sub"):
            place = self.start(kind, "-b", "tcp://127.0.0.1:0", "-v", stdin=subprocess.PIPE).endpoint()
            done = run("monitor", "-c", place, "-n", "3", "-i", "1")
            self.assertEqual(self.beats(done), ["1", "2", "3"], kind)
            self.assertRegex(done.stdout, r"3 heartbeats: least \d+\.\d{3} ms, mean \d+\.\d{3} ms, most ")

    def test_go_over_ipc_and_ipv6_and_to_names(self):
        for place in (self.ipc(), "ipc://@monitor-test-%d" % id(self), "tcp://[::1]:0"):
            peer = self.start("rep", "-b", place, "-v", "--echo")
            self.assertEqual(self.beats(run("monitor", "-c", peer.endpoint(), "-n", "1", "-i", "1")), ["1"], place)
        port = self.start("rep", "-b", "tcp://127.0.0.1:0", "-v", "--echo").endpoint().rsplit(":", 1)[1]
        self.assertEqual(self.beats(run("monitor", "-c", f"tcp://localhost:{port}", "-n", "1", "-i", "1")), ["1"])

    def test_are_answered_by_libzmq(self):
        with zmq.Context() as context, context.socket(zmq.ROUTER) as peer:
            peer.heartbeat_ivl = 10  # it asks as well
            port = peer.bind_to_random_port("tcp://127.0.0.1")
            done = run("monitor", "-c", f"tcp://127.0.0.1:{port}", "-n", "3", "-i", "30")
            self.assertEqual(self.beats(done), ["1", "2", "3"])

    def test_go_on_until_they_are_stopped(self):
        place = self.start("rep", "-b", "tcp://127.0.0.1:0", "-v", "--echo").endpoint()
        monitor = self.start("monitor", "-c", place, "-i", "1")
        while "heartbeat 5:" not in monitor.line():
            pass
        monitor.signal()
        self.assertEqual(monitor.end()[0], 0)

    def test_go_over_the_only_connection_that_a_peer_takes(self):
        place = self.start("pair", "-b", "tcp://127.0.0.1:0", "-v", stdin=subprocess.PIPE).endpoint()
        self.assertEqual(self.beats(run("monitor", "-c", place, "--as", "pair", "-n", "2", "-i", "1")), ["1", "2"])

    def test_come_through_however_many_messages_come_with_them(self):
        # More than a receive queue holds, so that nothing would be read any more if nobody took them.
        lines = "".join(f"{number}\n" for number in range(3000))
        push = self.start("push", "-b", "tcp://127.0.0.1:0", "-v", stdin=subprocess.PIPE)
        monitor = self.start("monitor", "-c", push.endpoint(), "--as", "pull", "-i", "1")
        while "heartbeat 1:" not in monitor.line():
            pass
        push.write(lines)
        push.close_input()
        self.expect_end(push, 0)  # all have left
        status, output, error = monitor.end()
        self.assertEqual(status, 1, output)
        # A PING that it had not read yet makes its system say so in the other way.
        self.assertRegex(error[0], "^monocoque: .*(peer closed the connection|connection reset by peer)")

    def test_that_nobody_answers_are_given_up(self):
        with zmq.Context() as context, context.socket(zmq.ROUTER) as peer:
            port = peer.bind_to_random_port("tcp://127.0.0.1")
            with socket.create_server(("127.0.0.1", 0)) as server:
                def hand_on():  # the handshake, and then nothing any more
                    near, _ = server.accept()
                    far = socket.create_connection(("127.0.0.1", port))
                    with near, far:
                        for each in (near, far):
                            each.setblocking(False)
                        while True:
                            ready = select.select((near, far), (), ())[0]
                            for each in ready:
                                data = each.recv(4096)
                                if b"PING" in data or not data:
                                    ended.wait(LIMIT_SECONDS)
                                    return
                                (far if each is near else near).sendall(data)
                ended = threading.Event()
                thread = threading.Thread(target=hand_on)
                thread.start()
                done = run("monitor", "-c", "tcp://127.0.0.1:%d" % server.getsockname()[1], "-i", "1", "-t", "300")
                ended.set()
                thread.join()
        self.assertEqual((done.returncode, done.stderr), (3, "monocoque: no answer to a heartbeat within 300 ms\n"))

    def test_end_with_an_error_when_the_peer_goes(self):
        peer = self.start("rep", "-b", "tcp://127.0.0.1:0", "-v", "--echo")
        monitor = self.start("monitor", "-c", peer.endpoint(), "-i", "1")
        while "heartbeat 1:" not in monitor.line():
            pass
        peer.signal()
        self.assertEqual(monitor.end()[0], 1)


if __name__ == "__main__":
    unittest.main()
