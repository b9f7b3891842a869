"""Installs the build to an empty prefix and builds a user's program against it, by CMake and by pkg-config,
shared and static, elsewhere than it was installed to."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BINARY_DIR = pathlib.Path(os.environ["MONOCOQUE_BINARY_DIR"])
COMPILER = os.environ.get("CXX", "c++")
C_COMPILER = os.environ.get("CC", "cc")


def run(*command, **environment):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, env={**os.environ, **environment})
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\nstatus {done.returncode}\n{done.stdout}")
    return done.stdout


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="monocoque-package-"))
        run("cmake", "--install", BINARY_DIR, "--prefix", cls.folder / "installed")
        # A package that works only where it was installed to would show here.
        cls.prefix = (cls.folder / "installed").rename(cls.folder / "moved")
        cls.libraries = next(cls.prefix.rglob("libmonocoque.a")).parent
        cls.addClassCleanup(shutil.rmtree, cls.folder)

    def build_by_cmake(self, name, *options, source="consumer"):
        build = self.folder / name
        run("cmake", "-S", HERE / source, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.prefix}", *options)
        run("cmake", "--build", build)
        return build / "consumer"

    def build_by_pkg_config(self, name, *options):
        path = {"PKG_CONFIG_PATH": str(self.libraries / "pkgconfig")}
        flags = run("pkg-config", "--cflags", "--libs", *options, "monocoque", **path).split()
        if "--static" in options:
            flags = [str(self.libraries / "libmonocoque.a") if flag == "-lmonocoque" else flag for flag in flags]
        program = self.folder / name
        run(COMPILER, "-std=c++20", HERE / "consumer/consumer.cpp", "-o", program, *flags)
        return program

    def check(self, program, shared):
        path = {"LD_LIBRARY_PATH": str(self.libraries)} if shared else {}
        self.assertEqual("libmonocoque.so.0" in run("ldd", program, **path), shared)
        run(program, **path)

    def test_find_package_is_shared_unless_told_otherwise(self):
        self.check(self.build_by_cmake("default"), shared=True)

    def test_find_package_with_static_libraries(self):
        self.check(self.build_by_cmake("static", "-DBUILD_SHARED_LIBS=OFF"), shared=False)

    def test_pkg_config_shared(self):
        self.check(self.build_by_pkg_config("pc-shared"), shared=True)

    def test_pkg_config_static(self):
        self.check(self.build_by_pkg_config("pc-static", "--static"), shared=False)

    def test_zmq_by_cmake(self):
        program = self.build_by_cmake("zmq-cmake", source="zmq_consumer")
        self.assertIn(f"libzmq.so.5 => {self.libraries}/monocoque/", run("ldd", program))
        run(program)

    def test_zmq_by_pkg_config_in_libzmqs_place(self):
        path = {"PKG_CONFIG_PATH": str(self.libraries / "monocoque/pkgconfig")}
        self.assertEqual(run("pkg-config", "--modversion", "libzmq", **path).strip(), "4.3.5")
        flags = run("pkg-config", "--cflags", "--libs", "libzmq", **path).split()
        program = self.folder / "zmq-pc"
        run(C_COMPILER, "-std=c99", HERE / "zmq_consumer/consumer.c", "-o", program, *flags)
        run(program, LD_LIBRARY_PATH=str(self.libraries / "monocoque"))

    def test_zmq_shadows_nothing(self):
        self.assertEqual(list(self.libraries.glob("libzmq*")), [])
        self.assertEqual(list((self.libraries / "pkgconfig").glob("libzmq*")), [])
        self.assertEqual(list((self.prefix / "include").glob("zmq*")), [])
        flags = run("pkg-config", "--cflags", "monocoque", PKG_CONFIG_PATH=str(self.libraries / "pkgconfig"))
        self.assertNotIn("zmq", flags)

    def test_the_tool_runs_from_the_prefix(self):
        run(self.prefix / "bin/monocoque", "version")

    def test_every_header_compiles_alone(self):
        for header in sorted((self.prefix / "include").rglob("*.hpp")):
            run(COMPILER, "-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                "-fsyntax-only", "-x", "c++", "-I", self.prefix / "include", "-include", header, "/dev/null")

    def test_the_shared_library_exports_its_own_namespace_only(self):
        symbols = run("nm", "-DC", "--defined-only", self.libraries / "libmonocoque.so").splitlines()
        names = [line.split(maxsplit=2)[2] for line in symbols]
        strange = [name for name in names if "monocoque::" not in name and "std::" not in name]
        self.assertTrue(any(name.startswith("monocoque::") for name in names))
        self.assertEqual(strange, [])


if __name__ == "__main__":
    unittest.main()
