"""What is printed for help and for the version. Mistakes are in misuse_test.py."""
import unittest

from tool import Case, run

TYPES = ("req", "rep", "push", "pull", "pub", "sub", "dealer", "router", "pair", "xpub", "xsub", "client",
         "scatter", "gather", "channel")


class Help(Case):
    def test_lists_all_commands(self):
        done = run("--help")
        self.assertEqual(done.returncode, 0)
        for name in (*TYPES, "proxy", "monitor", "options", "keygen", "hash-password", "run", "demo", "version"):
            self.assertRegex(done.stdout, rf"\n  {name} ")
        self.assertIn("Exit status", done.stdout)
        self.assertNotIn("demo-peer", done.stdout)

    def test_of_each_type_names_its_options(self):
        for name in TYPES:
            done = run(name, "--help")
            self.assertEqual(done.returncode, 0)
            for option in ("--bind ENDPOINT", "--connect ENDPOINT", "--count COUNT", "--timeout MS", "--frames SEP",
                           "--option NAME=VALUE", "--server-key KEY", "--plain-file FILE"):
                self.assertIn(option, done.stdout, name)
            self.assertIn("Exit status", done.stdout)

    def test_warns_of_a_password_that_others_see(self):
        for name in (*TYPES, "proxy", "monitor"):
            self.assertIn("sees the password too", run(name, "--help").stdout)

    def test_version_says_protocol_and_driver(self):
        done = run("version")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^monocoque \d+\.\d+\.\d+\nprotocol ZMTP 3\.1.*\nI/O driver (uring|epoll); of inline contexts (uring|epoll)\n$")
        self.assertRegex(run("--version").stdout, r"^monocoque \d+\.\d+\.\d+\n$")


if __name__ == "__main__":
    unittest.main()
