"""The command line against libzmq (pyzmq), each side binding."""
import unittest

import zmq

from tool import LIMIT_SECONDS, Case


class Libzmq(Case):
    def socket(self, kind, **options):
        context = zmq.Context()
        socket = context.socket(kind)
        socket.linger = 0
        socket.rcvtimeo = socket.sndtimeo = LIMIT_SECONDS * 1000
        for name, value in options.items():
            setattr(socket, name, value)
        self.addCleanup(context.term)
        self.addCleanup(socket.close)
        return socket

    def test_echo_answers_python(self):
        rep = self.start("rep", "-v", "-b", "tcp://127.0.0.1:0", "--echo")
        socket = self.socket(zmq.REQ)
        socket.connect(rep.endpoint())
        for frames in ([b"hello"], [b"", b"two", b"\x00\xff"], [b"x" * 100_000]):
            socket.send_multipart(frames)
            self.assertEqual(socket.recv_multipart(), frames)
        self.assertEqual(rep.lines(2), ["hello", " two \\x00\\xff"])

    def test_request_to_python(self):
        socket = self.socket(zmq.REP)
        port = socket.bind_to_random_port("tcp://127.0.0.1")
        req = self.start("req", "-c", f"tcp://127.0.0.1:{port}", "question")
        self.assertEqual(socket.recv(), b"question")
        socket.send_multipart([b"an", b"answer"])
        self.expect_end(req, 0, ["an answer"])

    def test_publish_to_python(self):
        socket = self.socket(zmq.SUB)
        socket.subscribe(b"b.")
        socket.bind(self.ipc())
        pub = self.start("pub", "-c", self.ipc(), "--frames", "|", "a.|1", "b.|2")
        self.assertEqual(socket.recv_multipart(), [b"b.", b"2"])
        self.expect_end(pub, 0)

    def test_subscribe_to_python(self):
        socket = self.socket(zmq.XPUB)
        socket.bind(self.ipc())
        sub = self.start("sub", "-c", self.ipc(), "-s", "t", "-n", 1)
        self.assertEqual(socket.recv(), b"\x01t")
        socket.send_multipart([b"topic", b"body"])
        self.expect_end(sub, 0, ["topic body"])

    def test_push_to_python_which_comes_late(self):
        push = self.start("push", "-c", self.ipc(), "one", "two")
        socket = self.socket(zmq.PULL)
        socket.bind(self.ipc())
        self.assertEqual([socket.recv(), socket.recv()], [b"one", b"two"])
        self.expect_end(push, 0)

    def test_python_router_knows_the_dealer_by_its_id(self):
        socket = self.socket(zmq.ROUTER)
        socket.bind(self.ipc())
        dealer = self.start("dealer", "-c", self.ipc(), "--id", "ada", "-n", 1, "hello")
        self.assertEqual(socket.recv_multipart(), [b"ada", b"hello"])
        socket.send_multipart([b"ada", b"welcome"])
        self.expect_end(dealer, 0, ["welcome"])

    def test_pair_and_router_with_python(self):
        pair = self.socket(zmq.PAIR)
        pair.bind(self.ipc("pair"))
        tool = self.start("pair", "-c", self.ipc("pair"), "-n", 1, "ping")
        self.assertEqual(pair.recv(), b"ping")
        pair.send(b"pong")
        self.expect_end(tool, 0, ["pong"])
        router = self.start("router", "-b", self.ipc("router"), "--frames", ":", "-n", 1, "py:to you")
        dealer = self.socket(zmq.DEALER, routing_id=b"py")
        dealer.connect(self.ipc("router"))
        self.assertEqual(dealer.recv(), b"to you")
        dealer.send(b"to you too")
        self.expect_end(router, 0, ["py:to you too"])


if __name__ == "__main__":
    unittest.main()
