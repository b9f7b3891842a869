"""CURVE, PLAIN and lists of addresses between two commands, and with libzmq (pyzmq) at either end."""
import os
import re
import shutil
import subprocess
import unittest

import zmq
import zmq.auth
import zmq.auth.thread

from tool import LIMIT_SECONDS, Case, has_curve, run

PLACE = "tcp://127.0.0.1:0"
DENIED = "authentication failed"


class Secured(Case):
    def serve(self, *words):
        """A REP that echoes, and its endpoint."""
        running = self.start("rep", "-v", "-b", PLACE, "--echo", *words)
        return running, running.endpoint()

    def expect_denied(self, place, *words, **environment):
        """The command ends by itself, in one line that says that it was not let in, and no secret."""
        done = run("req", "-c", place, *words, "hello", **environment)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertRegex(done.stderr, f"^monocoque: {re.escape(place)}: {DENIED}.*\n$")
        return done.stderr


@unittest.skipUnless(has_curve(), "built without CURVE")
class Curve(Secured):
    def setUp(self):
        super().setUp()
        self.clients = self.folder / "clients"
        self.clients.mkdir()
        self.make("server", self.folder)
        self.make("joe", self.clients)
        self.make("eve", self.folder)
        self.server = ("--curve-server", "--key", self.folder / "server.key_secret")
        self.joe = ("--server-key", self.folder / "server.key", "--key", self.clients / "joe.key_secret")
        self.eve = ("--server-key", self.folder / "server.key", "--key", self.folder / "eve.key_secret")

    def make(self, name, folder):
        done = run("keygen", "--out", folder / name)
        self.assertEqual(done.returncode, 0, done.stderr)

    def z85(self, name):
        return zmq.auth.load_certificate(self.folder / name)

    def test_a_client_with_or_without_a_key_of_its_own(self):
        _, place = self.serve(*self.server)
        self.expect(0, ["hello"], "req", "-c", place, *self.joe, "hello")
        self.expect(0, ["hello"], "req", "-c", place, "--server-key", self.folder / "server.key", "hello")
        self.expect(0, ["hello"], "req", "-c", place, "--server-key", self.z85("server.key")[0].decode(), "hello")

    def test_only_clients_whose_keys_are_allowed(self):
        server, place = self.serve(*self.server, "--allow-keys", self.clients)
        self.expect(0, ["hello"], "req", "-c", place, *self.joe, "hello")
        self.expect_denied(place, *self.eve)
        server.event(f"handshake failed.*{DENIED}")
        self.expect_denied(place, "--server-key", self.folder / "server.key")

    def test_what_a_client_that_is_not_let_in_sends_is_told_of_without_a_time_limit_that_there_is_not(self):
        server = self.start("pull", "-v", "-b", PLACE, *self.server, "--allow-keys", self.clients)
        place = server.endpoint()
        done = run("push", "-c", place, *self.eve, "hello")
        self.assertEqual((done.returncode, done.stdout), (3, ""), done.stderr)
        self.assertRegex(done.stderr, f"^monocoque: 1 message was not delivered \\({re.escape(place)}: {DENIED}.*\\)\n$")

    def test_a_key_that_is_added_and_removed_while_it_runs(self):
        _, place = self.serve(*self.server, "--allow-keys", self.clients)
        self.expect_denied(place, *self.eve)
        shutil.copy(self.folder / "eve.key", self.clients / "eve.key")
        while (done := run("req", "-c", place, *self.eve, "hello")).returncode != 0:
            self.assertIn(DENIED, done.stderr)  # the folder has not been looked at yet
        self.assertEqual(done.stdout, "hello\n")
        client = self.start("dealer", "-v", "-c", place, *self.eve)
        client.event("handshake done")
        (self.clients / "eve.key").unlink()
        client.event("disconnected")
        errors = self.expect_end(client, 1)[2]
        self.assertIn(DENIED, errors[-1])
        self.expect_denied(place, *self.eve)

    def test_another_server_than_the_one_that_is_meant(self):
        _, place = self.serve(*self.server)
        req = ("req", "-c", place, "--server-key", self.folder / "eve.key", "hello")
        looks_like = "peer closed the connection.*, as a server does if --server-key is not its key"
        self.expect_complaint(3, f"received nothing within 2000 ms \\({place}: {looks_like}\\)$", *req, "-t", 2000)
        waiting = self.start(*req)
        waiting.event(f"monocoque: {place}: {looks_like}")
        waiting.signal()
        self.assertEqual(self.expect_end(waiting, 130)[2], [])  # it was said once

    def test_mechanisms_that_differ(self):
        _, place = self.serve(*self.server)
        mismatch = f"{place}: peer uses another security mechanism"
        for words in ((), ("--plain", "joe:secret")):
            req = ("req", "-c", place, *words, "hello")
            self.expect_complaint(3, mismatch, *req, "-t", 2000)
            waiting = self.start(*req)
            waiting.event(f"monocoque: {mismatch}")
            waiting.signal()
            self.assertEqual(self.expect_end(waiting, 130)[2], [])

    def test_a_client_may_bind(self):
        place = self.start("rep", "-v", "-b", PLACE, "--echo", *self.joe).endpoint()
        self.expect(0, ["hello"], "req", "-c", place, *self.server, "--allow-keys", self.clients, "hello")

    def test_a_broken_file_among_the_keys_is_told(self):
        (self.clients / "bad.key").write_text("nonsense")
        server = self.start("rep", "-v", "-b", PLACE, "--echo", *self.server, "--allow-keys", self.clients)
        server.event("bad.key: ")
        self.expect(0, ["hello"], "req", "-c", server.endpoint(), *self.joe, "hello")
        self.expect_complaint(1, "nowhere", "pull", "-b", PLACE, *self.server, "--allow-keys", self.folder / "nowhere")

    def test_a_secret_key_that_others_may_read(self):
        key = self.folder / "server.key_secret"
        key.chmod(0o644)
        self.expect_complaint(1, re.escape(f"read {key}: permission denied (others than its owner"), "pull", "-b",
                              PLACE, *self.server)
        self.expect_complaint(1, "there is no `secret-key`", "pull", "-b", PLACE, "--curve-server", "--key",
                              self.folder / "server.key")

    def test_monitor_and_proxy(self):
        front, back = self.ipc("front"), self.ipc("back")
        proxy = self.start("proxy", "-v", "--frontend", front, "--backend", back, "--frontend-curve-server",
                           "--frontend-key", self.folder / "server.key_secret", "--frontend-allow-keys", self.clients)
        proxy.event("backend: listening")
        self.start("rep", "-c", back, "--echo")
        self.expect(0, ["hello"], "req", "-c", front, *self.joe, "hello")
        self.expect_denied(front, *self.eve)
        self.assertIn("mechanism CURVE", run("monitor", "-c", front, *self.joe, "-n", 0).stdout)
        self.assertIn(DENIED, run("monitor", "-c", front, *self.eve, "-n", 0).stdout)

    def test_no_secret_is_shown(self):
        secrets = [self.z85("server.key_secret")[1].decode(),
                   zmq.auth.load_certificate(self.clients / "joe.key_secret")[1].decode()]
        server, place = self.serve(*self.server, "--allow-keys", self.clients)
        done = run("req", "-v", "-c", place, *self.joe, "hello")
        server.signal()
        said = [done.stderr, *server.end()[2]]
        for secret in secrets:
            self.assertNotIn(secret, "\n".join(said))


@unittest.skipUnless(has_curve(), "built without libsodium")
class Plain(Secured):
    def setUp(self):
        super().setUp()
        self.passwords = self.folder / "passwords"
        self.passwords.write_text("# who may\n\n" + run("hash-password", "joe", stdin="a:secret\n").stdout)
        self.server = ("--plain-server", "--passwords", self.passwords)

    def private(self, text):
        path = self.folder / "credentials"
        path.write_text(text)
        path.chmod(0o600)
        return path

    def test_the_three_ways_to_give_a_password(self):
        _, place = self.serve(*self.server)
        req = ("req", "-c", place, "hello")
        self.expect(0, ["hello"], *req, "--plain", "joe:a:secret")
        self.expect(0, ["hello"], *req, "--plain-file", self.private("joe:a:secret\n"))
        self.assertEqual(run(*req, MONOCOQUE_PLAIN="joe:a:secret").stdout, "hello\n")
        self.assertEqual(run(*req, "--plain", "joe:a:secret", MONOCOQUE_PLAIN="nobody:x").stdout, "hello\n")

    def test_a_wrong_password_is_told_and_ends_the_command(self):
        server, place = self.serve(*self.server)
        for each in ("joe:wrong", "nobody:a:secret", "joe:", ":"):
            self.assertNotIn("wrong", self.expect_denied(place, "--plain", each))
        self.assertNotIn("wrong", self.expect_denied(place, MONOCOQUE_PLAIN="joe:wrong"))
        self.assertNotIn("wrong", server.event(f"handshake failed.*{DENIED}.*").string)
        for kind, words in (("sub", ()), ("dealer", ("x",)), ("dealer", ())):
            done = run(kind, "-c", place, "--plain", "joe:wrong", *words)
            self.assertEqual(done.returncode, 1, (kind, done.stderr))

    def test_one_place_of_two_is_enough(self):
        _, closed = self.serve(*self.server)
        _, open_to_us = self.serve("--plain-server", "--passwords", self.other_passwords())
        dealer = self.start("dealer", "-c", closed, "-c", open_to_us, "--plain", "joe:other", "-n", 1, "--frames", "|",
                            stdin=subprocess.PIPE)
        dealer.event(f"{re.escape(closed)}: {DENIED}")
        dealer.write("|hello\n")
        self.expect_end(dealer, 0, ["|hello"])

    def other_passwords(self):
        path = self.folder / "others"
        path.write_text(run("hash-password", "joe", stdin="other\n").stdout)
        return path

    def test_a_password_that_is_changed_while_it_runs(self):
        _, place = self.serve(*self.server)
        self.expect_denied(place, "--plain", "joe:other")
        shutil.move(self.other_passwords(), self.passwords)
        while (done := run("req", "-c", place, "--plain", "joe:other", "hello")).returncode != 0:
            self.assertIn(DENIED, done.stderr)
        self.expect_denied(place, "--plain", "joe:a:secret")

    def test_the_variable_makes_no_client_of_what_only_listens(self):
        os.environ["MONOCOQUE_PLAIN"] = "joe:a:secret"
        self.addCleanup(os.environ.pop, "MONOCOQUE_PLAIN")
        _, place = self.serve()
        self.assertEqual(run("req", "-c", place, "-o", "security=null", "hello").stdout, "hello\n")
        self.expect_complaint(3, "peer uses another security mechanism", "req", "-c", place, "-t", 2000, "hello")
        os.environ["MONOCOQUE_PLAIN"] = "joe"
        self.expect_complaint(2, "MONOCOQUE_PLAIN: USER:PASSWORD is needed", "req", "-c", place, "hello")

    def test_files_that_are_not_ours_alone_or_make_no_sense(self):
        path = self.private("joe:a:secret\n")
        path.chmod(0o640)
        pull = ("pull", "-b", self.ipc())
        self.expect_complaint(1, "others than its owner may read or write it: chmod 600", *pull, "--plain-file", path)
        self.expect_complaint(2, "USER:PASSWORD is needed", *pull, "--plain-file", self.private("secret"))
        self.expect_complaint(1, "more than one line", *pull, "--plain-file", self.private("joe:x\nann:y\n"))
        self.passwords.write_text("joe:secret\n")
        self.expect_complaint(1, "line 1", *pull, *self.server)


class Addresses(Secured):
    def test_who_may_come(self):
        _, place = self.serve("--allow-address", "127.0.0.0/8", "--deny-address", "127.0.0.2")
        self.expect(0, ["hello"], "req", "-c", place, "hello")
        self.expect_denied(place.replace("tcp://", "tcp://127.0.0.2:0;"))

    def test_who_may_not(self):
        for words in (("--allow-address", "10.0.0.0/8", "--allow-address", "::1"), ("--deny-address", "127.0.0.1")):
            _, place = self.serve(*words)
            self.expect_denied(place)


@unittest.skipUnless(has_curve() and zmq.has("curve"), "CURVE is not built in")
class Libzmq(Secured):
    """pyzmq as client and as server."""

    def setUp(self):
        super().setUp()
        self.keys = {}
        for name in ("server", "client"):
            _, secret = zmq.auth.create_certificates(self.folder, name)
            os.chmod(secret, 0o600)
            self.keys[name] = zmq.auth.load_certificate(secret)
        self.context = zmq.Context()
        self.addCleanup(self.context.term)

    def socket(self, kind):
        socket = self.context.socket(kind)
        socket.linger = 0
        socket.rcvtimeo = socket.sndtimeo = LIMIT_SECONDS * 1000
        self.addCleanup(socket.close)
        return socket

    def authenticator(self):
        made = zmq.auth.thread.ThreadAuthenticator(self.context)
        made.start()
        self.addCleanup(made.stop)
        return made

    def expect_echo(self, socket):
        for text in (b"hello", b"x" * 100_000):
            socket.send(text)
            self.assertEqual(socket.recv(), text)

    def test_curve_client(self):
        allowed = self.folder / "allowed"
        allowed.mkdir()
        shutil.copy(self.folder / "client.key", allowed)
        _, place = self.serve("--curve-server", "--key", self.folder / "server.key_secret", "--allow-keys", allowed)
        socket = self.socket(zmq.REQ)
        socket.curve_publickey, socket.curve_secretkey = self.keys["client"]
        socket.curve_serverkey = self.keys["server"][0]
        socket.connect(place)
        self.expect_echo(socket)

    def test_curve_server(self):
        authenticator = self.authenticator()
        authenticator.configure_curve(domain="*", location=str(self.folder))
        socket = self.socket(zmq.REP)
        socket.curve_server = True
        socket.curve_publickey, socket.curve_secretkey = self.keys["server"]
        port = socket.bind_to_random_port("tcp://127.0.0.1")
        place = f"tcp://127.0.0.1:{port}"
        req = self.start("req", "-c", place, "--server-key", self.folder / "server.key", "--key",
                         self.folder / "client.key_secret", "question")
        self.assertEqual(socket.recv(), b"question")
        socket.send(b"answer")
        self.expect_end(req, 0, ["answer"])
        self.expect_denied(place, "--server-key", self.folder / "server.key")

    def test_plain_client(self):
        passwords = self.folder / "passwords"
        passwords.write_text(run("hash-password", "joe", stdin="secret").stdout)
        _, place = self.serve("--plain-server", "--passwords", passwords)
        socket = self.socket(zmq.REQ)
        socket.plain_username, socket.plain_password = b"joe", b"secret"
        socket.connect(place)
        self.expect_echo(socket)

    def test_plain_server(self):
        authenticator = self.authenticator()
        authenticator.configure_plain(domain="*", passwords={"joe": "secret"})
        socket = self.socket(zmq.REP)
        socket.plain_server = True
        place = f"tcp://127.0.0.1:{socket.bind_to_random_port('tcp://127.0.0.1')}"
        req = self.start("req", "-c", place, "--plain", "joe:secret", "question")
        self.assertEqual(socket.recv(), b"question")
        socket.send(b"answer")
        self.expect_end(req, 0, ["answer"])
        self.expect_denied(place, "--plain", "joe:wrong")


if __name__ == "__main__":
    unittest.main()
