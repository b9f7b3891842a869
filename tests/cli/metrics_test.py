"""--metrics: what is served, in which form, and what hostile clients can do to it."""
import http.client
import re
import socket
import unittest

from tool import LIMIT_SECONDS, Case, run

SAMPLE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*",?)*)\})? (\S+)$')


def parse(text):
    """{(name, labels): value}; fails where it is not the text format, version 0.0.4."""
    samples, kinds, family = {}, {}, None
    assert text.endswith("\n"), "the last line has no end"
    for line in text.splitlines():
        if line.startswith("# HELP "):
            family = line.split(" ", 3)[2]
            assert family not in kinds, f"{family} comes twice"
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == family and kind in ("counter", "gauge"), line
            assert kind != "counter" or name.endswith("_total"), line
            kinds[name] = kind
        else:
            found = SAMPLE.match(line)
            assert found, f"no sample: {line!r}"
            assert found[1] == family, f"{line!r} stands with {family}"
            key = (found[1], found[2] or "")
            assert key not in samples, f"{line!r} comes twice"
            samples[key] = float(found[3])
    return samples


class Metrics(Case):
    def start_server(self, *words):
        running = self.start("pull", "-b", "tcp://127.0.0.1:0", "-v", "--metrics", "0", *words)
        self.port = int(running.event(r"metrics at http://127\.0\.0\.1:(\d+)/metrics")[1])
        self.place = running.endpoint()
        return running

    def ask(self, method="GET", path="/metrics", body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT_SECONDS)
        self.addCleanup(connection.close)
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer, answer.read().decode()

    def connect(self):
        client = socket.create_connection(("127.0.0.1", self.port), timeout=LIMIT_SECONDS)
        self.addCleanup(client.close)
        return client

    def expect_alive(self):
        self.assertEqual(self.ask()[0].status, 200)

    def test_are_prometheus_text_with_what_was_received(self):
        running = self.start_server()
        self.expect(0, [], "push", "-c", self.place, "one", "two", "three")
        running.lines(3)
        answer, text = self.ask()
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.getheader("Content-Type"), "text/plain; version=0.0.4; charset=utf-8")
        samples = parse(text)
        labels = 'socket="1",type="PULL"'
        self.assertEqual(samples["monocoque_socket_received_messages_total", labels], 3)
        self.assertEqual(samples["monocoque_socket_received_bytes_total", labels], 5 + 5 + 7)
        self.assertEqual(samples["monocoque_socket_events_total", labels + ',event="accepted"'], 1)
        self.assertEqual(samples["monocoque_socket_dropped_messages_total", labels + ',reason="full"'], 0)

    def test_name_each_peer(self):
        self.start_server()
        other = self.start("push", "-c", self.place, "-v", stdin=-1)
        other.event("handshake done")
        samples = parse(self.ask()[1])
        peers = [labels for name, labels in samples if name == "monocoque_peer_connected"]
        self.assertEqual(len(peers), 1)
        self.assertRegex(peers[0], r'peer="1",endpoint="tcp://127\.0\.0\.1:\d+",address="tcp://127\.0\.0\.1:\d+"')

    def test_of_a_proxy_have_both_its_sockets(self):
        running = self.start("proxy", "--frontend", self.ipc("front"), "--backend", self.ipc("back"), "--metrics", "0")
        self.port = int(running.event(r"metrics at http://127\.0\.0\.1:(\d+)/metrics")[1])
        names = {labels for name, labels in parse(self.ask()[1]) if name == "monocoque_socket_connected_peers"}
        self.assertEqual(names, {'socket="1",type="ROUTER"', 'socket="2",type="DEALER"'})

    def test_answer_http_as_it_should_be(self):
        self.start_server()
        answer, text = self.ask("HEAD")
        self.assertEqual((answer.status, text), (200, ""))
        self.assertGreater(int(answer.getheader("Content-Length")), 100)
        self.assertEqual(self.ask(path="/metrics?x=1")[0].status, 200)
        self.assertEqual(self.ask(path="/")[0].status, 404)
        answer, _ = self.ask("POST", body="x")
        self.assertEqual((answer.status, answer.getheader("Allow")), (405, "GET, HEAD"))

    def test_refuse_what_is_no_http(self):
        self.start_server()
        client = self.connect()
        client.sendall(b"\xff\x00hello\r\n\r\n")
        self.assertTrue(client.recv(100).startswith(b"HTTP/1.1 400 "))
        self.expect_alive()

    def test_refuse_a_request_that_never_ends(self):
        self.start_server()
        client = self.connect()
        client.sendall(b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 4096)
        self.assertTrue(client.recv(100).startswith(b"HTTP/1.1 431 "))
        self.expect_alive()

    def test_let_go_of_clients_that_say_nothing(self):
        self.start_server()
        silent = self.connect()
        self.assertEqual(silent.recv(1), b"")  # some seconds later

    def test_serve_the_next_client_however_many_wait(self):
        self.start_server()
        silent = [self.connect() for _ in range(50)]
        self.expect_alive()
        self.assertEqual(silent[0].recv(1), b"")  # the oldest gave way

    def test_do_not_keep_the_process_from_its_end(self):
        running = self.start_server()
        self.connect()
        running.signal()
        self.expect_end(running, 0)

    def test_complain_about_an_address_that_is_none(self):
        for address in ("", "x", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "1:2:3", "[::1]", "-1"):
            self.expect_complaint(2, "metrics", "pull", "-b", self.ipc(), f"--metrics={address}")

    def test_complain_about_a_port_that_is_taken(self):
        self.start_server()
        self.expect_complaint(1, "in use", "pull", "-b", self.ipc(), "--metrics", str(self.port))


if __name__ == "__main__":
    unittest.main()
