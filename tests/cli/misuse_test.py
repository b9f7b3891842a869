"""Wrong uses of the command line: for each the exit status and the whole line that it must give.

In a line `...` stands for what is up to the system or the run; in words and lines {ipc} is a fresh endpoint, {folder}
the folder that it is in, {port} a TCP port of this machine that is taken.
"""
import os
import re
import socket
import subprocess
import unittest

from tool import LIMIT_SECONDS, TOOL, Case, has_curve, run

PUSH = ("push", "-b", "{ipc}")
PULL = ("pull", "-b", "{ipc}")
PROXY = ("proxy", "--frontend", "{ipc}", "--backend", "{ipc}2")
MONITOR = ("monitor", "-c", "{ipc}")
NUMBER = "is no whole number from 0 on"
ALONE = "inproc joins sockets of one process, and here nobody else is in it"
NO_SCHEME = 'invalid endpoint (no "://" in it: tcp://HOST:PORT, ipc://PATH or inproc://NAME)'
ONE = "a socket has one mechanism, and is the client or the server of it"
CLIENT = "a client does not choose who its peers are; the server may"
FEW = "a key has 40 characters of Z85, not 1, and there is no such file"
NONE = "no such file or directory"
ADDRESS = "not PORT, HOST:PORT, [IPv6]:PORT or *:PORT"

# What the grammar refuses: exit status 2, and whose help says more.
WRONG_USAGE = (
    ((), "a command is needed", ""),
    (("-v",), "a command comes first, not -v", ""),
    (("--colour", "push"), "a command comes first, not --colour", ""),
    (("",), "there is no command ''", ""),
    (("pul", "-b", "{ipc}"), "there is no command 'pul'", ""),
    (("Push", "-b", "{ipc}"), "there is no command 'Push'", ""),
    (("push",), "an endpoint is needed: -b ENDPOINT or -c ENDPOINT", "push "),
    (("push", "hello"), "an endpoint is needed: -b ENDPOINT or -c ENDPOINT", "push "),
    (("push", "-b"), "--bind needs ENDPOINT", "push "),
    (("pull", "-c"), "--connect needs ENDPOINT", "pull "),
    (("push", "-c", "inproc://x", "word"), f"inproc://x: {ALONE}", "push "),
    ((*PULL, "-b", "inproc://x"), f"inproc://x: {ALONE}", "pull "),
    ((*PUSH, "-n"), "--count needs COUNT", "push "),
    ((*PUSH, "-n", "many", "a"), f"--count: 'many' {NUMBER}", "push "),
    ((*PUSH, "-n", "-1", "a"), f"--count: '-1' {NUMBER}", "push "),
    ((*PUSH, "-n", "1.5", "a"), f"--count: '1.5' {NUMBER}", "push "),
    ((*PUSH, "-n", "", "a"), f"--count: '' {NUMBER}", "push "),
    ((*PUSH, "-n", "9999999999999999", "a"), f"--count: '9999999999999999' {NUMBER}", "push "),
    ((*PUSH, "-n", "1", "-n", "2", "a"), "--count is given more than once", "push "),
    ((*PUSH, "-t", "soon", "a"), f"--timeout: 'soon' {NUMBER}", "push "),
    ((*PUSH, "-t", "-5", "a"), f"--timeout: '-5' {NUMBER}", "push "),
    ((*PUSH, "-i", "1s", "a"), f"--interval: '1s' {NUMBER}", "push "),
    ((*PUSH, "--wait-peers", "all", "a"), f"--wait-peers: 'all' {NUMBER}", "push "),
    ((*PUSH, "--frames"), "--frames needs SEP", "push "),
    ((*PUSH, "--frames", "", "a"), "--frames: the separator is empty", "push "),
    ((*PUSH, "--colour", "a"), "push does not take --colour", "push "),
    ((*PUSH, "-f", "hex", "a"), "push does not take -f", "push "),
    ((*PUSH, "-s", "topic", "a"), "push does not take -s", "push "),
    ((*PUSH, "--id", "me", "a"), "push does not take --id", "push "),
    ((*PUSH, "--echo", "a"), "push does not take --echo", "push "),
    ((*PUSH, "--metrics"), "--metrics needs ADDR", "push "),
    ((*PULL, "word", "word"), "pull does not take word word", "pull "),
    ((*PULL, "-i", "5"), "pull does not take -i 5", "pull "),
    ((*PULL, "--wait-peers", "1"), "pull does not take --wait-peers 1", "pull "),
    ((*PULL, "-f"), "--format needs FORMAT", "pull "),
    ((*PULL, "-f", "xml"), "there is no 'xml': hex, json, raw, text", "pull "),
    (("sub", "-b", "{ipc}", "-s"), "--subscribe needs PREFIX", "sub "),
    (("sub", "-b", "{ipc}", "--id", "me"), "sub does not take --id me", "sub "),
    (("req", "-c", "{ipc}", "--id"), "--id needs ROUTING_ID", "req "),
    (("req", "-c", "{ipc}", "--id", "", "a"), "--id: 1 to 255 bytes", "req "),
    (("dealer", "-c", "{ipc}", "--id", "i" * 256), "--id: 1 to 255 bytes", "dealer "),
    (("rep", "-b", "{ipc}", "--reply"), "--reply needs WORD", "rep "),
    (("rep", "-b", "{ipc}", "--echo", "--reply", "x"), "--echo excludes --reply", "rep "),
    (("rep", "-b", "{ipc}", "--echo", "word"), "--echo and --reply leave no use for words", "rep "),
    (("rep", "-b", "{ipc}", "--reply", "x", "word"), "--echo and --reply leave no use for words", "rep "),
    (("rep", "-b", "{ipc}", "--wait-peers", "1"), "rep does not take --wait-peers", "rep "),
    (("proxy",), "--frontend or --frontend-connect is needed", "proxy "),
    (("proxy", "--backend", "{ipc}"), "--frontend or --frontend-connect is needed", "proxy "),
    (("proxy", "--frontend", "{ipc}"), "--backend or --backend-connect is needed", "proxy "),
    ((*PROXY, "--type", "pipe"), "there is no 'pipe': forwarder, queue, streamer", "proxy "),
    ((*PROXY, "--capture"), "--capture needs ENDPOINT", "proxy "),
    ((*PROXY, "--capture", "inproc://x"), f"inproc://x: {ALONE}", "proxy "),
    ((*PROXY, "-n", "5"), "proxy does not take -n 5", "proxy "),
    ((*PROXY, "word"), "proxy does not take word", "proxy "),
    (("monitor",), "--connect is required", "monitor "),
    (("monitor", "-b", "{ipc}"), "--connect is required", "monitor "),
    (("monitor", "-c", "inproc://x"), f"inproc://x: {ALONE}", "monitor "),
    ((*MONITOR, "-c", "{ipc}"), "--connect is given more than once", "monitor "),
    ((*MONITOR, "-n", "x"), f"--count: 'x' {NUMBER}", "monitor "),
    ((*MONITOR, "-i", "0"), "--interval: at least 1 ms", "monitor "),
    ((*MONITOR, "--as", "telephone"),
     "there is no 'telephone': channel, client, dealer, gather, pair, pub, pull, push, rep, req, router, scatter, sub, "
     "xpub, xsub", "monitor "),
    ((*MONITOR, "word"), "monitor does not take word", "monitor "),
    (("demo", "--seconds", "0"), "--seconds: Value 0 not in range 0.050000 to 600.000000", "demo "),
    (("demo", "--only", "nothing"), "--only: nothing not in {{broker,feed,pipeline,router,router-z}}", "demo "),
    (("demo", "--via", "pigeon"), "--via: pigeon not in {{tcp,ipc}}", "demo "),
    (("demo", "extra"), "demo does not take extra", "demo "),
    (("version", "extra"), "version does not take extra", "version "),
    (("keygen", "extra"), "keygen does not take extra", "keygen "),
    (("keygen", "--out"), "--out needs NAME", "keygen "),
    (("hash-password", "joe", "secret"), "hash-password does not take secret", "hash-password "),
    (("hash-password", "--cost", "none"), "there is no 'none': interactive, moderate", "hash-password "),
    ((*PULL, "--key"), "--key needs FILE", "pull "),
    ((*PULL, "--key", "x"), "--key needs --server-key or --curve-server", "pull "),
    ((*PULL, "--curve-server"), "--curve-server needs --key FILE", "pull "),
    ((*PULL, "--allow-keys", "x"), "--allow-keys needs --curve-server", "pull "),
    ((*PULL, "--plain-server"), "--plain-server needs --passwords FILE: without it every peer is refused", "pull "),
    ((*PULL, "--passwords", "x"), "--passwords needs --plain-server", "pull "),
    ((*PULL, "--server-key", "x", "--allow-keys", "x"), "--allow-keys needs --curve-server", "pull "),
    ((*PULL, "--server-key", "x", "--curve-server", "--key", "x"), f"--server-key and --curve-server: {ONE}", "pull "),
    ((*PULL, "--plain", "a:b", "--plain-file", "x"), f"--plain and --plain-file: {ONE}", "pull "),
    ((*PULL, "--plain", "a:b", "--plain-server", "--passwords", "x"), f"--plain and --plain-server: {ONE}", "pull "),
    ((*PULL, "--curve-server", "--key", "x", "--plain-server", "--passwords", "x"),
     f"--curve-server and --plain-server: {ONE}", "pull "),
    ((*PULL, "--plain", "a:b", "--allow-address", "::1"), f"--allow-address: {CLIENT}", "pull "),
    ((*PULL, "--server-key", "x", "--deny-address", "::1"), f"--deny-address: {CLIENT}", "pull "),
    ((*PROXY, "--frontend-curve-server"), "--frontend-curve-server needs --frontend-key FILE", "proxy "),
    ((*PROXY, "--backend-key", "x"), "--backend-key needs --backend-server-key or --backend-curve-server", "proxy "),
    ((*MONITOR, "--key", "x"), "--key needs --server-key or --curve-server", "monitor "),
)

# What makes no sense, or the system refuses: exit status and line.
REFUSED = (
    ((*PUSH, "--metrics", "", "a"), 2, f"--metrics '': {ADDRESS}"),
    ((*PUSH, "--metrics", "here", "a"), 2, f"--metrics here: {ADDRESS}"),
    ((*PUSH, "--metrics", ":9000", "a"), 2, f"--metrics :9000: {ADDRESS}"),
    ((*PUSH, "--metrics", "65536", "a"), 2, f"--metrics 65536: {ADDRESS}"),
    ((*PUSH, "--metrics", "::1:9000", "a"), 2, "--metrics ::1:9000: an IPv6 address stands in brackets"),
    ((*PUSH, "--metrics", "no-such-host.invalid:0", "a"), 2, "--metrics no-such-host.invalid:0: ..."),
    ((*PUSH, "--metrics", "192.0.2.1:0", "a"), 1, "--metrics 192.0.2.1:0: Cannot assign requested address"),
    ((*PUSH, "--metrics", "{port}", "a"), 1, "--metrics {port}: Address already in use"),
    ((*PROXY, "--metrics", "x"), 2, f"--metrics x: {ADDRESS}"),
    (("push", "-b", "", "a"), 1, "bind: invalid endpoint (it is empty)"),
    (("push", "-c", "5555", "a"), 1, f"connect 5555: {NO_SCHEME}"),
    (("push", "-c", "tcp:/127.0.0.1:5555", "a"), 1, f"connect tcp:/127.0.0.1:5555: {NO_SCHEME}"),
    (("push", "-c", "tcp://127.0.0.1", "a"), 1,
     "connect tcp://127.0.0.1: invalid endpoint (port missing: tcp://HOST:PORT)"),
    (("push", "-c", "tcp://127.0.0.1:0", "a"), 1,
     "connect tcp://127.0.0.1:0: invalid endpoint (port 0 cannot be connected to)"),
    (("push", "-c", "tcp://127.0.0.1:99999", "a"), 1,
     'connect tcp://127.0.0.1:99999: invalid endpoint (port "99999" is over 65535)'),
    (("push", "-c", "tcp://*:5555", "a"), 1,
     'connect tcp://*:5555: invalid endpoint (only bind takes "*" as host; connect needs a name or an address)'),
    (("pull", "-b", "tpc://127.0.0.1:5555"), 1,
     'bind tpc://127.0.0.1:5555: unsupported transport ("tpc"; there are tcp, ipc, inproc, udp)'),
    (("pull", "-b", "tcp://no-such-host.invalid:5555"), 1,
     "bind tcp://no-such-host.invalid:5555: cannot resolve host (...)"),
    (("pull", "-b", "tcp://192.0.2.1:5555"), 1, "bind tcp://192.0.2.1:5555: cannot assign requested address"),
    (("pull", "-b", "tcp://127.0.0.1:{port}"), 1, "bind tcp://127.0.0.1:{port}: address already in use"),
    (("pull", "-b", "{ipc}", "-b", "{ipc}"), 1,
     "bind {ipc}: address already in use (another socket listens there)"),
    (("pull", "-b", "ipc://{folder}/no/where"), 1,
     "bind ipc://{folder}/no/where: no such file or directory (the folder {folder}/no does not exist)"),
    (("pull", "-b", "ipc://{folder}"), 1, "bind ipc://{folder}: address already in use (what is there is not a socket)"),
    (("pull", "-b", "ipc:///dev/null/x"), 1, "bind ipc:///dev/null/x: not a directory"),
    (("router", "-b", "{ipc}", "hello"), 1,
     "a message of a ROUTER begins with a frame that names its peer: use --frames SEP"),
    (("router", "-b", "{ipc}", "--frames", "/", "hello"), 1,
     "a message of a ROUTER begins with a frame that names its peer: use --frames SEP"),
    (("proxy", "--frontend", "nonsense", "--backend", "{ipc}"), 1, f"bind nonsense: {NO_SCHEME}"),
    ((*PROXY, "--capture", "nonsense"), 1, f"bind nonsense: {NO_SCHEME}"),
    (("proxy", "--frontend", "{ipc}", "--backend", "{ipc}"), 1,
     "bind {ipc}: address already in use (another socket listens there)"),
    (("demo", "--python", "/no/such/python"), 1, "demo: --python /no/such/python: No such file or directory"),
    (("demo", "--python", "/bin/false"), 1, "demo: /bin/false has no pyzmq; Debian: apt install python3-zmq"),
    (("demo-peer",), 2, "demo-peer: unknown role; this command is for `monocoque demo`"),
    (("keygen", "--metadata", "a=b"), 2, "--metadata is for files: --out NAME is needed"),
    (("keygen", "--out", "{folder}/x", "--metadata", "a"), 2, "--metadata 'a': NAME=VALUE is needed"),
    (("keygen", "--out", "{folder}/x", "--metadata", "a=b", "--metadata", "a=c"), 2,
     "--metadata 'a=c': this name is there already"),
    ((*PULL, "--plain", "joe"), 2, "--plain: USER:PASSWORD is needed"),
    ((*PULL, "--plain", "j" * 256 + ":x"), 2, "--plain: a name and a password have at most 255 bytes"),
    ((*PULL, "--plain", "joe:" + "x" * 256), 2, "--plain: a name and a password have at most 255 bytes"),
    ((*PULL, "--plain", "joe:x", "-o", "security=null"), 2, "-o security: other options say it already"),
    ((*PULL, "--plain-file", "{folder}/x"), 1, f"read {{folder}}/x: {NONE.capitalize()}"),
    ((*PULL, "--plain-file", "{folder}"), 1, "read {folder}: Is a directory"),
    ((*PULL, "--plain-file", "/dev/null"), 1, "read /dev/null: it is no regular file"),
    ((*PULL, "--allow-address", "10.0.0.0/33"), 2, "--allow-address: \"10.0.0.0/33\" ..."),
    ((*PULL, "--deny-address", "here"), 2, "--deny-address: \"here\" ..."),
    ((*PROXY, "--frontend-plain", "joe"), 2, "--frontend-plain: USER:PASSWORD is needed"),
    (("push", "-c", "{ipc}", "-t", "100", "a"), 3,
     "1 message was not delivered within 100 ms ({ipc}: No such file or directory)"),
    (("push", "-b", "{ipc}", "--wait-peers", "2", "-t", "100", "a"), 3, "0 of 2 peers came within 100 ms"),
    (("pub", "-b", "{ipc}", "-t", "100", "a"), 3, "0 of 1 subscribers came within 100 ms"),
    (("pull", "-b", "{ipc}", "-t", "100"), 3, "received nothing within 100 ms"),
    (("req", "-c", "tcp://127.0.0.1:1", "-t", "300", "a"), 3,
     "received nothing within 300 ms (tcp://127.0.0.1:1: Connection refused)"),
    (("router", "-b", "{ipc}", "--frames", "/", "-t", "100", "bob/x"), 3, "no peer with routing id bob within 100 ms"),
)


# The same where CURVE is built in.
REFUSED_WITH_CURVE = (
    ((*PULL, "--server-key", "x"), 2, f"--server-key 'x': {FEW}"),
    ((*PULL, "--server-key", "~" * 40), 2,
     "--server-key '" + "~" * 40 + "': character 1 is no Z85, and there is no such file"),
    ((*PULL, "--server-key", "0" * 40), 2,
     "--server-key '" + "0" * 40 + "': 32 zeros are no key, and there is no such file"),
    ((*PULL, "--curve-server", "--key", "{folder}/x"), 1, f"read {{folder}}/x: {NONE}"),
    ((*PULL, "--curve-server", "--key", "{folder}"), 1, "read {folder}: is a directory"),
    ((*PROXY, "--backend-server-key", "x"), 2, f"--backend-server-key 'x': {FEW}"),
    ((*MONITOR, "--server-key", "x"), 2, f"--server-key 'x': {FEW}"),
)


class WrongUse(Case):
    def check(self, words, status, line, port="0"):
        places = {"ipc": self.ipc(), "folder": self.folder, "port": port}
        done = run(*(word.format(**places) for word in words))
        expected = re.escape(f"monocoque: {line.format(**places)}").replace(re.escape("..."), ".*")
        self.assertRegex(done.stderr, f"^{expected}\n$")
        self.assertEqual((done.returncode, done.stdout), (status, ""))

    def test_of_the_grammar_is_said_in_one_line(self):
        for words, line, whose in WRONG_USAGE:
            with self.subTest(words=words):
                self.check(words, 2, f"{line} (see monocoque {whose}--help)")

    def test_of_what_parses_is_said_in_one_line(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            for words, status, line in REFUSED + (REFUSED_WITH_CURVE if has_curve() else ()):
                with self.subTest(words=words):
                    self.check(words, status, line, port=taken.getsockname()[1])

    def test_are_as_many_as_the_tables_promise(self):
        self.assertGreaterEqual(len(WRONG_USAGE) + len(REFUSED), 100)

    def test_monitor_of_no_endpoint(self):
        done = run("monitor", "-c", "nonsense")
        self.assertEqual((done.returncode, done.stderr), (1, f"monocoque: connect nonsense: {NO_SCHEME}\n"))


class Descriptors(Case):
    """Standard input and output that cannot be used."""

    def check(self, words, status, line, **how):
        done = subprocess.run([TOOL, *words], stderr=subprocess.PIPE, text=True, timeout=LIMIT_SECONDS, check=False, **how)
        self.assertEqual((done.returncode, done.stderr), (status, f"monocoque: {line}\n"), words)

    def test_closed_standard_input(self):
        self.check(("push", "-c", self.ipc()), 1, "standard input: Bad file descriptor", preexec_fn=lambda: os.close(0))

    def test_standard_input_that_is_a_folder(self):
        folder = os.open("/", os.O_RDONLY)
        self.addCleanup(os.close, folder)
        self.check(("push", "-c", self.ipc()), 1, "standard input: Is a directory", stdin=folder)

    def test_standard_output_that_is_closed_or_full(self):
        words = {"version": ("version",), "help": ("--help",), "a command's help": ("push", "--help")}
        for name, each in words.items():
            with self.subTest(name):
                self.check(each, 1, "standard output: Bad file descriptor", preexec_fn=lambda: os.close(1))
                with open("/dev/full", "wb") as full:
                    self.check(each, 1, "standard output: No space left on device", stdout=full)

    def receive_into(self, **how):
        pull = subprocess.Popen([TOOL, "pull", "-b", self.ipc(), "-n", "1"], stderr=subprocess.PIPE, text=True, **how)
        self.expect(0, [], "push", "-c", self.ipc(), "hello")
        error = pull.communicate(timeout=LIMIT_SECONDS)[1]
        return pull.returncode, error

    def test_closed_standard_output_of_a_receiver(self):
        self.assertEqual(self.receive_into(preexec_fn=lambda: os.close(1)),
                         (1, "monocoque: standard output: Bad file descriptor\n"))

    def test_full_standard_output_of_a_receiver(self):
        with open("/dev/full", "wb") as full:
            self.assertEqual(self.receive_into(stdout=full), (1, "monocoque: standard output: No space left on device\n"))


class Privileges(Case):
    @unittest.skipUnless(os.geteuid() == 0, "somebody else's folder takes root to make")
    def test_somebody_elses_folder(self):
        os.chmod(self.folder, 0o755)
        try:
            done = subprocess.run([TOOL, "pull", "-b", self.ipc()], user=65534, capture_output=True, text=True,
                                  timeout=LIMIT_SECONDS, check=False)
        except PermissionError:
            self.skipTest("the tool itself lies in somebody else's folder")
        self.assertEqual((done.returncode, done.stderr), (1, f"monocoque: bind {self.ipc()}: permission denied\n"))


if __name__ == "__main__":
    unittest.main()
