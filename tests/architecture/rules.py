"""The arrows between rooms and the shape of files, as one table and the checks that read it."""
import pathlib
import re

# Room -> the rooms whose headers it may include besides its own. CMakeLists.txt holds the same arrows for
# the linker.
KNOWS = {
    "base": set(),
    "io": {"base"},
    "crypto": {"base"},
    "auth": {"io", "crypto", "base"},
    "zmtp": {"crypto", "base"},
    "pattern": {"base"},
    "transport": {"io", "base"},
    "engine": {"base", "io", "crypto", "auth", "zmtp", "pattern", "transport"},
    "api": {"base", "io", "crypto", "auth", "zmtp", "pattern", "transport", "engine"},
    "capi": {"base", "io", "crypto", "auth", "zmtp", "pattern", "transport", "engine"},
}

# The C face's own header, in include/zmq/.
C_HEADER = "zmq.h"

# Public header (below include/monocoque/) -> the room it belongs to; the first pattern that matches counts.
PUBLIC = (
    (r"(error|result|bytes|frame_view|message|routing_number|socket_type|version|drop_reason|detail/(copy_short|frame_block|lanes|packed_frames|payload|peer_ref))\.hpp", "base"),
    (r"task(_\w+)?\.hpp|detail/(task(_\w+)?|scheduler)\.hpp", "io"),
    (r"(z85|curve_keys|security)\.hpp", "crypto"),
    (r"(authentication|authenticators|key_file)\.hpp", "auth"),
    (r"(options|option_names|monitor|event|peer_status|stats|detail/(socket|event)_operation)\.hpp", "engine"),
    (r".*", "api"),
)

# Rooms that may talk to the operating system, and the headers that this takes.
SYSTEM_ROOMS = {"io", "transport", "auth"}
SYSTEM_HEADERS = re.compile(
    r"(sys/(socket|epoll|un|eventfd|timerfd|mman|stat|ioctl)|liburing|unistd|netdb|netinet/.*|arpa/.*"
    r"|poll|fcntl|net/if|ifaddrs|signal)(\.h)?")

# Files that may include one of them all the same, and why.
SYSTEM_EXCEPTIONS = {
    "src/base/huge_pages.cpp",  # advice about memory of its own: no descriptor, nothing that could block or fail
}

# Folders that see the public headers alone, and may have headers of their own below the folder.
OUTSIDE = ("tools", "examples", "bench")
# But for what measures single parts.
INSIDE = ("bench", "micro")

LONGEST_FILE = 500

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def includes(text):
    """(form, path) of every include, `<` or `"`; those in comments do not count."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return INCLUDE.findall(text)


def public_room(path):
    """The room of <monocoque/PATH>."""
    return next(room for pattern, room in PUBLIC if re.fullmatch(pattern, path))


def target_room(path):
    """The room that an include leads to; None if it leads out of the project."""
    if path == C_HEADER:
        return "capi"
    if path.startswith("monocoque/"):
        return public_room(path.removeprefix("monocoque/"))
    first = path.split("/")[0]
    return first if first in KNOWS and "/" in path else None


def check_arrows(room, found, system_allowed):
    """Complaints about what a file of `room` includes."""
    for form, path in found:
        target = target_room(path)
        if target is not None and target != room and target not in KNOWS[room]:
            yield f"{room} may not include {path} of {target}"
        elif form == '"' and target is None:
            yield f'"{path}" is not written from the src root, as "{room}/..."'
        elif not system_allowed and SYSTEM_HEADERS.fullmatch(path):
            yield f"{room} may not include <{path}>: system calls stay in {' and '.join(sorted(SYSTEM_ROOMS))}"


def check_own_header(root, source, room, found):
    """A source includes the header of its own name first, or where there is none one of its own room. What
    the C face's sources implement is the C header, which comes with those of other libraries."""
    stem = source.stem
    own = [f"{room}/{path.relative_to(root / 'src' / room)}"
           for path in (root / "src" / room).rglob(f"{stem}.hpp")]
    if room != "capi":
        own += [f"monocoque/{path.relative_to(root / 'include/monocoque')}"
                for path in (root / "include/monocoque").rglob(f"{stem}.hpp") if
                public_room(str(path.relative_to(root / "include/monocoque"))) in KNOWS[room] | {room}]
    elif not own and any(path == C_HEADER for _, path in found):
        return
    first = found[0][1] if found else "nothing"
    if own and first not in own:
        yield f"includes {first} first, not its own header {' or '.join(sorted(own))}"
    elif not own and target_room(first) != room:
        yield f"includes {first} first, not a header of its own room"


def check_public_header(text, found):
    for _, path in found:
        if path == C_HEADER:
            continue  # refused by the arrows
        if "/" in path and not path.startswith("monocoque/") or path.endswith(".h"):
            yield f"a public header includes {path}: the standard library and <monocoque/...> are all it may"
    exported = "#pragma GCC visibility push(default)" in text and "#pragma GCC visibility pop" in text
    if "namespace" in text and not exported:
        yield ("a public header's declarations stand between `#pragma GCC visibility push(default)` and "
               "`#pragma GCC visibility pop`; else the shared library does not export them")


def check_outside(found):
    for form, path in found:
        if form == "<" and path.startswith("monocoque/detail/"):
            yield f"includes <{path}>, which is not for users"
        elif form == '"' and target_room(path) is not None:
            yield f"includes {path}: only <monocoque/...> may be used here"


def check_file(root, path):
    """Complaints about one file, `path` below `root`."""
    text = (root / path).read_text(encoding="utf-8")
    found = includes(text)
    top = path.parts[0]
    lines = text.count("\n")
    if lines > LONGEST_FILE:
        yield f"{lines} lines; {LONGEST_FILE} is the most"
    if path.suffix == ".hpp" and not re.search(r"^#pragma once$", text, re.MULTILINE):
        yield "no #pragma once"

    if top == "include":
        room = public_room(str(path.relative_to("include/monocoque")))
        yield from check_arrows(room, found, system_allowed=False)
        yield from check_public_header(text, found)
    elif top == "src":
        room = path.parts[1]
        if room not in KNOWS:
            yield f"{room} is no room; tests/architecture/rules.py lists them"
            return
        is_test = path.stem.endswith("_test")
        allowed = is_test or room in SYSTEM_ROOMS or path.as_posix() in SYSTEM_EXCEPTIONS
        yield from check_arrows(room, found, system_allowed=allowed)
        if path.suffix == ".cpp" and not is_test:
            yield from check_own_header(root, path, room, found)
    elif top in OUTSIDE and path.parts[: len(INSIDE)] != INSIDE:
        yield from check_outside(found)


def check_tree(root):
    """Every complaint about the tree at `root`, as `path: what`."""
    root = pathlib.Path(root)
    complaints = []
    for top in ("include", "src", *OUTSIDE, "tests", "fuzz"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".hpp", ".cpp") and path.is_file():
                relative = path.relative_to(root)
                complaints += [f"{relative}: {complaint}" for complaint in check_file(root, relative)]
    return complaints
