"""Compares libzmq.so.5 and zmq.h with Debian's: names that are exported, constants, layouts, prototypes."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

SOURCE_DIR = pathlib.Path(os.environ["MONOCOQUE_SOURCE_DIR"])
BINARY_DIR = pathlib.Path(os.environ["MONOCOQUE_BINARY_DIR"])
OUR_HEADERS = SOURCE_DIR / "include/zmq"
OUR_LIBRARY = BINARY_DIR / "lib/zmq/libzmq.so.5"
# Of a file that includes <zmq.h>, with Debian's header and with ours.
COMPILERS = {"C": os.environ.get("CC", "cc"), "C++": os.environ.get("CXX", "c++")}
DRAFT = "-DZMQ_BUILD_DRAFT_API"

# What 4.3.5 has otherwise than Debian's 4.3.4.
CHANGED = {"ZMQ_VERSION", "ZMQ_VERSION_PATCH", "ZMQ_RECONNECT_STOP_AFTER_DISCONNECT"}

LAYOUTS = {
    "zmq_msg_t": (),
    "zmq_fd_t": (),
    "zmq_pollitem_t": ("socket", "fd", "events", "revents"),
    "zmq_poller_event_t": ("socket", "fd", "user_data", "events"),
}


def run(*command, text=None):
    done = subprocess.run([str(word) for word in command], input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\nstatus {done.returncode}\n{done.stdout}")
    return done.stdout


def debians_library():
    return pathlib.Path(run("pkg-config", "--variable=libdir", "libzmq").strip()) / "libzmq.so.5"


def exported(library):
    """Names as nm writes them, with their versions if they have any."""
    return {line.split()[-1] for line in run("nm", "-D", "--defined-only", library).splitlines()}


class Header:
    """What a compiler makes of <zmq.h>, draft part and all."""

    def __init__(self, *options):
        self.options = (*options, DRAFT)

    def preprocess(self, *options):
        return run(COMPILERS["C"], *self.options, *options, "-E", "-x", "c", "-", text="#include <zmq.h>\n")

    def macros(self):
        """Macros without arguments, name -> text."""
        found = re.findall(r"^#define (ZMQ_\w+|E\w+)(?: (.*))?$", self.preprocess("-dM"), re.MULTILINE)
        return {name: text for name, text in found if name.startswith("ZMQ_") or "ZMQ_" in text}

    def prototypes(self):
        """Functions, name -> declaration without the names of parameters."""
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "a.c"
            source.write_text("#include <zmq.h>\n")
            run("gcc", *self.options, "-aux-info", source.with_suffix(".txt"), "-c", source, "-o", "/dev/null")
            lines = source.with_suffix(".txt").read_text()
        return dict((name, text) for text, name in re.findall(r"^/\*.*?\*/ (extern .*?\b(zmq_\w+) \(.*;)", lines, re.MULTILINE))

    def answers(self, questions):
        """What a program answers to questions, name -> expression: numbers and strings."""
        lines = [f'  SHOW("{name}", {expression});' for name, expression in questions.items()]
        program = "\n".join([
            "#include <stddef.h>", "#include <stdio.h>", "#include <zmq.h>",
            "static void number(const char* name, long long value) { printf(\"%s %lld\\n\", name, value); }",
            "static void string(const char* name, const char* value) { printf(\"%s %s\\n\", name, value); }",
            "#define SHOW(name, value) _Generic((value), char*: string, default: number)(name, value)",
            "int main(void) {", *lines, "}", ""])
        with tempfile.TemporaryDirectory() as folder:
            run(COMPILERS["C"], *self.options, "-x", "c", "-", "-o", f"{folder}/a", text=program)
            return dict(line.split(" ", 1) for line in run(f"{folder}/a").splitlines())


OURS = Header("-I", OUR_HEADERS)
DEBIANS = Header()


class Library(unittest.TestCase):
    def test_exports_nothing_but_functions_of_zmq(self):
        names = exported(OUR_LIBRARY)
        self.assertEqual([name for name in names if not re.fullmatch(r"zmq_\w+", name)], [])
        self.assertEqual(names - OURS.prototypes().keys(), set())

    def test_exports_what_the_header_declares(self):
        self.assertEqual(OURS.prototypes().keys() - exported(OUR_LIBRARY), set())

    def test_exports_all_that_debians_library_exports(self):
        self.assertEqual(sorted(exported(debians_library()) - exported(OUR_LIBRARY)), [])

    def test_has_libzmqs_soname_and_is_not_behind_its_version(self):
        dynamic = run("readelf", "-d", OUR_LIBRARY)
        self.assertIn("Library soname: [libzmq.so.5]", dynamic)
        self.assertEqual(OUR_LIBRARY.resolve().name, "libzmq.so.5.2.5")

    def test_stands_alone(self):
        needed = re.findall(r"Shared library: \[(.*?)\.so", run("readelf", "-d", OUR_LIBRARY))
        self.assertEqual([name for name in needed if "monocoque" in name or "zmq" in name], [])


class Declarations(unittest.TestCase):
    def test_every_constant_has_the_value_that_it_has_in_debians_header(self):
        ours, debians = OURS.macros(), DEBIANS.macros()
        self.assertGreater(len(debians), 200)
        self.assertEqual(debians.keys() - ours.keys(), set())
        empty = {name for name, text in debians.items() if not text}
        self.assertEqual({name for name in empty if ours[name]}, set())
        asked = {name: name for name in debians.keys() - empty - CHANGED}
        self.assertEqual(OURS.answers(asked), DEBIANS.answers(asked))

    def test_what_changed_is_what_4_3_5_has(self):
        self.assertEqual(OURS.answers({name: name for name in CHANGED}),
                         {"ZMQ_VERSION": "40305", "ZMQ_VERSION_PATCH": "5", "ZMQ_RECONNECT_STOP_AFTER_DISCONNECT": "4"})

    def test_every_type_has_the_layout_that_it_has_in_debians_header(self):
        asked = {}
        for name, members in LAYOUTS.items():
            asked[f"sizeof({name})"] = f"sizeof({name})"
            asked[f"alignof({name})"] = f"_Alignof({name})"
            for member in members:
                asked[f"{name}.{member}"] = f"offsetof({name}, {member})"
                asked[f"sizeof({name}.{member})"] = f"sizeof((({name}*)0)->{member})"
        self.assertEqual(OURS.answers(asked), DEBIANS.answers(asked))

    def test_every_function_has_the_prototype_that_it_has_in_debians_header(self):
        ours, debians = OURS.prototypes(), DEBIANS.prototypes()
        self.assertGreater(len(debians), 90)
        self.assertEqual({name: ours.get(name) for name in debians}, debians)
        self.assertEqual(ours.keys() - debians.keys(), {"zmq_ppoll", "zmq_disconnect_peer"})

    def test_the_headers_compile_in_every_dialect_without_a_warning(self):
        for language, standards in {"C": ("c99", "c11", "gnu17"), "C++": ("c++11", "c++17", "c++20")}.items():
            for standard in standards:
                for header in ("zmq.h", "zmq_utils.h"):
                    for draft in ("-UZMQ_BUILD_DRAFT_API", DRAFT):
                        run(COMPILERS[language], f"-std={standard}", "-Wall", "-Wextra", "-pedantic", "-Werror", draft,
                            "-I", OUR_HEADERS, "-fsyntax-only", "-x", language.lower(), "-", text=f"#include <{header}>\n")

    def test_the_draft_part_is_seen_by_those_alone_who_ask_for_it(self):
        plain = run(COMPILERS["C"], "-I", OUR_HEADERS, "-E", "-dM", "-x", "c", "-", text="#include <zmq.h>\n")
        self.assertNotIn("ZMQ_SERVER", plain)
        self.assertNotIn("ZMQ_HAVE_POLLER", plain)
        self.assertIn("ZMQ_HAVE_TIMERS", plain)

    def test_who_does_not_ask_for_the_draft_part_is_told_that_there_is_none(self):
        if "san_" in run("nm", "-D", OUR_LIBRARY):
            self.skipTest("what is built for a sanitizer is loaded by programs that are, too")
        asks = '#include <zmq.h>\nint main(void) { return 10 * zmq_has("draft") + zmq_has("ipc"); }\n'
        for language, compiler in COMPILERS.items():
            for draft, answer in {"-UZMQ_BUILD_DRAFT_API": 1, DRAFT: 11}.items():
                with tempfile.TemporaryDirectory() as folder:
                    program = pathlib.Path(folder) / "asks"
                    run(compiler, draft, "-I", OUR_HEADERS, "-x", language.lower(), "-", "-x", "none", OUR_LIBRARY, "-o",
                        program, text=asks)
                    done = subprocess.run([program], env={"LD_LIBRARY_PATH": OUR_LIBRARY.parent}, check=False)
                    self.assertEqual(done.returncode, answer, f"{language} {draft}")


if __name__ == "__main__":
    unittest.main()
