"""-o NAME=VALUE and `monocoque options`: all options of sockets, by the one table."""
import os
import pathlib
import re
import subprocess
import unittest

from tool import Case, run

SOURCE = pathlib.Path(os.environ["MONOCOQUE_SOURCE_DIR"])
# What -t does instead.
REPLACED = {"send_timeout", "receive_timeout"}
# A callable, for which --allow-keys and the like stand.
NO_TEXT = {"authenticate"}


def listed(*words):
    """{name: (default, types, what it is)} of what `monocoque options` prints, in its order."""
    done = run("options", *words)
    found = re.findall(r"^(\w+) = (\S+)(?:  \((.*)\))?\n    (.+)$", done.stdout, re.MULTILINE)
    return {name: (default, types.split(", ") if types else [], text) for name, default, types, text in found}


class List(Case):
    def test_has_what_the_header_and_the_guide_have(self):
        header = (SOURCE / "include/monocoque/options.hpp").read_text()
        struct = header[header.index("struct socket_options {"):header.index("struct connect_options {")]
        members = re.findall(r"^  [\w:<>, ]+ (\w+)(?: = [^;]+|\{[^;]*\});", struct, re.MULTILINE)
        self.assertEqual(list(listed()), [each for each in members if each not in REPLACED | NO_TEXT])
        guide = (SOURCE / "docs/guide.md").read_text()
        table = guide[guide.index("| option | default | range |"):guide.index("Durations are `std::chrono`")]
        self.assertEqual(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE), members)

    def test_tells_defaults_ranges_and_types(self):
        options = listed()
        self.assertEqual(options["linger"][0], "infinite")
        self.assertEqual(options["handshake_timeout"], ("30s", [], "how long the whole handshake may take: 0 (none) or more milliseconds"))
        self.assertEqual(options["send_byte_limit"][0], "64M")
        self.assertEqual(options["tcp_keepalive"][0], "system")
        self.assertEqual(options["no_drop"][:2], ("off", ["PUB", "XPUB", "RADIO"]))

    def test_of_one_type_leaves_out_the_others(self):
        names = listed("req")
        self.assertIn("req_relaxed", names)
        self.assertIn("linger", names)
        self.assertNotIn("no_drop", names)
        self.expect_complaint(2, "no 'rap'", "options", "rap")


class Wrong(Case):
    def test_says_what_is_wrong_in_one_line(self):
        push = ("push", "-c", self.ipc(), "x", "-o")
        for words, complaint in (
            ((*push, "linger"), "-o 'linger': NAME=VALUE is needed"),
            ((*push, "=1s"), "there is no option ''"),
            ((*push, "lingr=1s"), "there is no option 'lingr'; is it linger?"),
            ((*push, "heartbeat=1s"), "is it heartbeat_interval, heartbeat_timeout or heartbeat_ttl?"),
            ((*push, "linger=3"), "option linger must be a time, such as 250ms, 30s, 5min, 1h or infinite, not '3'"),
            ((*push, "linger=-1"), "option linger must be 0 or more milliseconds"),
            ((*push, "immediate=maybe"), "option immediate must be off or on, not 'maybe'"),
            ((*push, "send_high_water_mark=many"), "must be a number, such as 1000, 64k, 16M or 1G, not 'many'"),
            ((*push, "send-timeout=1s"), "send_timeout: -t says how long a command waits"),
            ((*push, "router_mandatory=on"), "router_mandatory is not an option of PUSH"),
            (("pub", "-c", self.ipc(), "-o", "verbose_unsubscribe=on"), "verbose_unsubscribe is not an option of PUB"),
            (("pub", "-c", self.ipc(), "-o", "conflate=on"), "not an option of XPUB, which this is unless --wait-peers is 0"),
            (("proxy", "--frontend", self.ipc("f"), "--backend", self.ipc("b"), "-o", "router_mandatory=on"),
             "router_mandatory is not an option of DEALER"),
            (("proxy", "--frontend", self.ipc("f"), "--backend", self.ipc("b"), "--backend-option", "lingr=1s"), "is it linger"),
        ):
            with self.subTest(words=words):
                self.expect_complaint(2, re.escape(complaint), *words)


class Effect(Case):
    def test_linger_ends_the_wait_for_a_peer(self):
        self.expect_complaint(3, "1 message was not delivered within 50 ms", "push", "-c", self.ipc(), "-o", "linger=50ms", "x")

    def test_reconnect_stop_gives_an_endpoint_up(self):
        pull = self.start("pull", "-c", self.ipc(), "-v", "-o", "reconnect_stop=refused")
        pull.event("closed .*No such file")

    def test_a_message_over_the_limit_ends_its_connection(self):
        pull = self.start("pull", "-b", self.ipc(), "-v", "-o", "max_message_size=1k")
        pull.endpoint()
        self.start("push", "-c", self.ipc(), "a" * 1025, "-o", "reconnect_interval=-1")
        pull.event("disconnected .*over the size limit")
        self.expect(0, [], "push", "-c", self.ipc(), "a" * 1024)
        self.assertEqual(pull.line(), "a" * 1024)

    def test_hello_message_and_routing_id_go_out_with_any_octet(self):
        router = self.start("router", "-b", self.ipc(), "--frames", "|", "-v", stdin=subprocess.PIPE)
        router.endpoint()
        self.start("dealer", "-c", self.ipc(), "-o", "routing_id=w\\x01", "-o", "hello_message=I am\\xffhere", stdin=subprocess.PIPE)
        self.assertEqual(router.line(), "w\\x01|I am\\xffhere")

    def test_heartbeats_notice_a_peer_that_has_stopped(self):
        push = self.start("push", "-b", "tcp://127.0.0.1:0", "-v", "-o", "heartbeat_interval=20ms", "-o",
                          "heartbeat-timeout=200ms", stdin=subprocess.PIPE)
        pull = self.start("pull", "-c", push.endpoint(), "-v")
        pull.event("handshake done")
        pull.stop()
        push.event("heartbeat missed .*nothing came for 200 ms after a PING")

    def test_of_a_proxy_are_for_both_sides_or_one(self):
        proxy = self.start("proxy", "-v", "--type", "streamer", "--frontend", self.ipc("front"), "--backend", self.ipc("back"),
                           "-o", "max_message_size=1k", "--frontend-option", "max_message_size=2k")
        proxy.event("backend: listening")
        pull = self.start("pull", "-c", self.ipc("back"))
        self.expect(0, [], "push", "-c", self.ipc("front"), "a" * 2048)
        self.assertEqual(pull.line(), "a" * 2048)
        self.start("push", "-c", self.ipc("front"), "a" * 2049, "-o", "reconnect_interval=-1")
        proxy.event("frontend: disconnected .*over the size limit")


if __name__ == "__main__":
    unittest.main()
