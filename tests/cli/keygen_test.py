"""`monocoque keygen`: files that others read too, and that keep their secret."""
import os
import pathlib
import re
import stat
import unittest

import zmq.auth

from tool import Case, has_curve, run

KEY = r"[0-9a-zA-Z.:+=^!/*?&<>()\[\]{}@%$#-]{40}"


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


@unittest.skipUnless(has_curve(), "built without CURVE")
class Keygen(Case):
    def names(self):
        return sorted(path.name for path in self.folder.iterdir())

    def test_without_out_prints_both_keys(self):
        done = run("keygen")
        self.assertRegex(done.stdout, f"^public-key = {KEY}\nsecret-key = {KEY}\n$")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertNotEqual(done.stdout, run("keygen").stdout)

    def test_writes_files_and_says_which(self):
        name = self.folder / "joe"
        done = run("keygen", "--out", name, "--metadata", "name=Joe B", "--metadata", "color={red}")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.names(), ["joe.key", "joe.key_secret"])
        public, secret = (pathlib.Path(f"{name}.key"), pathlib.Path(f"{name}.key_secret"))
        key = re.fullmatch(f"{re.escape(str(public))}: .*\n{re.escape(str(secret))}: .*\npublic-key = ({KEY})\n",
                           done.stdout)[1]
        self.assertIn(f'    public-key = "{key}"\n', public.read_text())
        self.assertIn('    name = "Joe B"\n', public.read_text())
        self.assertIn('    color = "{red}"\n', public.read_text())
        self.assertNotIn("secret-key", public.read_text())
        self.assertRegex(secret.read_text(), f'    secret-key = "{KEY}"\n')

    def test_modes_do_not_depend_on_the_umask(self):
        for mask in (0o000, 0o777):
            before = os.umask(mask)
            try:
                done = run("keygen", "--out", self.folder / str(mask))
            finally:
                os.umask(before)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(mode(self.folder / f"{mask}.key"), 0o644)
            self.assertEqual(mode(self.folder / f"{mask}.key_secret"), 0o600)

    def test_leaves_what_is_there(self):
        for name in ("joe.key", "joe.key_secret"):
            path = self.folder / name
            path.write_text("mine")
            self.expect_complaint(1, re.escape(f"write {path}: file exists"), "keygen", "--out", self.folder / "joe")
            self.assertEqual((self.names(), path.read_text()), ([name], "mine"))
            path.unlink()

    def test_says_what_it_cannot_write(self):
        nowhere = self.folder / "no" / "joe"
        self.expect_complaint(1, re.escape(f"write {nowhere}.key_secret: no such file or directory"),
                              "keygen", "--out", nowhere)
        self.expect_complaint(1, "that names no file", "keygen", "--out", "")
        self.expect_complaint(1, "that names no file", "keygen", "--out", f"{self.folder}/")
        self.expect_complaint(1, "a name has letters, digits", "keygen", "--out", self.folder / "joe", "--metadata",
                              "full name=Joe")
        self.assertEqual(self.names(), [])

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_folder_that_is_not_ours_to_write(self):
        os.chmod(self.folder, 0o500)
        self.expect_complaint(1, "permission denied", "keygen", "--out", self.folder / "joe")

    def test_pyzmq_reads_its_files(self):
        done = run("keygen", "--out", self.folder / "joe", "--metadata", "name=Joe")
        public, secret = zmq.auth.load_certificate(self.folder / "joe.key_secret")
        self.assertEqual(zmq.curve_public(secret), public)
        self.assertIn(public.decode(), done.stdout)
        self.assertEqual(zmq.auth.load_certificate(self.folder / "joe.key"), (public, None))
        self.assertEqual(zmq.auth.load_certificates(self.folder), {public: True})


class WithoutCurve(Case):
    @unittest.skipIf(has_curve(), "built with CURVE")
    def test_says_that_it_is_not_there(self):
        self.expect_complaint(1, "built without libsodium", "keygen")
        self.expect_complaint(1, "built without libsodium", "hash-password", stdin="secret\n")
        self.expect_complaint(2, "--curve-server: this program was built without CURVE",
                              "pull", "-b", self.ipc(), "--curve-server", "--key", "x")


if __name__ == "__main__":
    unittest.main()
