"""Refuses an include that breaks the arrows between rooms; the cases below show that it would."""
import os
import pathlib
import tempfile
import unittest

import rules

ROOT = pathlib.Path(os.environ.get("MONOCOQUE_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
EXPORTED = "#pragma GCC visibility push(default)\n#pragma GCC visibility pop\n"


class Tree(unittest.TestCase):
    def test_keeps_the_rules(self):
        complaints = rules.check_tree(ROOT)
        self.assertEqual(complaints, [], "\n" + "\n".join(complaints))

    def test_is_really_read(self):
        self.assertTrue(any((ROOT / "src").rglob("*.cpp")))
        for room in (ROOT / "src").iterdir():
            self.assertIn(room.name, rules.KNOWS)


class Rules(unittest.TestCase):
    """Each case writes one small tree and says which complaint it must cause; None: no complaint."""

    def complain(self, expected, **files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            complaints = rules.check_tree(folder)
        if expected is None:
            self.assertEqual(complaints, [])
        else:
            self.assertEqual(len(complaints), 1, complaints)
            self.assertIn(expected, complaints[0])

    def header(self, expected, name, *included):
        self.complain(expected, **{name: "\n".join(["#pragma once", *(f"#include {i}" for i in included), ""])})

    def test_arrows_downwards_are_allowed(self):
        self.header(None, "src/io/a.hpp", '"base/b.hpp"', "<monocoque/error.hpp>", "<vector>", "<sys/epoll.h>")
        self.header(None, "src/engine/a.hpp", '"zmtp/b.hpp"', '"transport/tcp/c.hpp"', "<monocoque/task.hpp>")
        self.header(None, "src/api/a.hpp", '"engine/b.hpp"', "<monocoque/context.hpp>")
        self.header(None, "src/capi/a.hpp", '"engine/b.hpp"', "<zmq.h>")

    def test_arrows_upwards_and_sideways_are_refused(self):
        self.header("base may not include io/loop.hpp", "src/base/a.hpp", '"io/loop.hpp"')
        self.header("zmtp may not include io/loop.hpp", "src/zmtp/a.hpp", '"io/loop.hpp"')
        self.header("pattern may not include zmtp/frame.hpp", "src/pattern/deep/a.hpp", '"zmtp/frame.hpp"')
        self.header("transport may not include engine/x.hpp", "src/transport/a.hpp", "<engine/x.hpp>")
        self.header("engine may not include monocoque/socket.hpp of api", "src/engine/a.hpp",
                    "<monocoque/socket.hpp>")
        self.header("engine may not include zmq.h of capi", "src/engine/a.hpp", "<zmq.h>")
        self.header("capi may not include monocoque/socket.hpp of api", "src/capi/a.hpp", "<monocoque/socket.hpp>")
        self.header("zmtp may not include monocoque/task.hpp of io", "src/zmtp/a.hpp", "<monocoque/task.hpp>")

    def test_an_include_in_a_comment_does_not_count(self):
        self.complain(None, **{"src/base/a.hpp": '#pragma once\n// #include "io/a.hpp"\n/*\n#include "io/a.hpp"\n*/\n'})

    def test_a_unit_test_obeys_the_arrows_too(self):
        self.complain("base may not include engine/x.hpp", **{"src/base/a_test.cpp": '#include "engine/x.hpp"\n'})

    def test_a_room_that_is_not_in_the_table_is_refused(self):
        self.header("kitchen is no room", "src/kitchen/a.hpp")

    def test_an_include_relative_to_the_file_is_refused(self):
        self.header("not written from the src root", "src/io/a.hpp", '"loop.hpp"')

    def test_system_headers_stay_in_io_and_transport(self):
        for name in ("sys/socket.h", "sys/epoll.h", "liburing.h", "unistd.h", "netdb.h", "netinet/in.h",
                     "arpa/inet.h", "poll.h", "fcntl.h", "sys/un.h", "net/if.h", "ifaddrs.h", "sys/eventfd.h"):
            self.header(f"may not include <{name}>", "src/engine/a.hpp", f"<{name}>")
            self.header(None, "src/transport/a.hpp", f"<{name}>")
        self.complain(None, **{"src/engine/a_test.cpp": "#include <sys/socket.h>\n"})

    def test_public_headers_stand_on_the_standard_library(self):
        name = "include/monocoque/socket.hpp"
        text = "#pragma once\n#include <{}>\n" + EXPORTED
        self.complain(None, **{name: text.format("monocoque/message.hpp")})
        self.complain("public header includes fmt/core.h", **{name: text.format("fmt/core.h")})
        self.complain("api may not include zmq.h of capi", **{name: text.format("zmq.h")})
        self.complain("of api", **{"include/monocoque/error.hpp": text.format("monocoque/socket.hpp")})
        self.complain("does not export", **{name: "#pragma once\nnamespace monocoque {}\n"})

    def test_tools_examples_and_benches_see_the_public_headers_alone(self):
        for folder in rules.OUTSIDE:
            self.complain(None, **{f"{folder}/a.cpp": '#include <monocoque/socket.hpp>\n#include "demo/a.hpp"\n'})
            self.complain("only <monocoque/...>", **{f"{folder}/a.cpp": '#include "engine/core.hpp"\n'})
            self.complain("not for users", **{f"{folder}/a.cpp": "#include <monocoque/detail/task.hpp>\n"})

    def test_a_source_includes_its_own_header_first(self):
        header = {"src/base/a.hpp": "#pragma once\n", "src/base/b.hpp": "#pragma once\n"}
        self.complain(None, **header, **{"src/base/a.cpp": '#include "base/a.hpp"\n#include "base/b.hpp"\n'})
        self.complain("not its own header base/a.hpp", **header,
                      **{"src/base/a.cpp": '#include "base/b.hpp"\n#include "base/a.hpp"\n'})
        self.complain("not its own header", **header, **{"src/base/a.cpp": '#include <vector>\n#include "base/a.hpp"\n'})
        self.complain("not a header of its own room", **header, **{"src/base/a_more.cpp": "#include <vector>\n"})
        self.complain(None, **header, **{"src/base/a_more.cpp": '#include "base/a.hpp"\n'})
        self.complain(None, **{"include/monocoque/message.hpp": "#pragma once\n" + EXPORTED,
                               "src/capi/message.cpp": "#include <monocoque/bytes.hpp>\n#include <zmq.h>\n"})
        self.complain("not a header of its own room", **{"src/capi/a.cpp": "#include <monocoque/bytes.hpp>\n"})
        self.complain(None, **{"include/monocoque/error.hpp": "#pragma once\n" + EXPORTED,
                               "src/base/error.cpp": "#include <monocoque/error.hpp>\n"})

    def test_a_long_file_and_a_missing_pragma_once_are_refused(self):
        self.complain("501 lines", **{"src/base/a.hpp": "#pragma once\n" + "\n" * 500})
        self.complain("no #pragma once", **{"src/base/a.hpp": "// #pragma once\n"})


if __name__ == "__main__":
    unittest.main()
