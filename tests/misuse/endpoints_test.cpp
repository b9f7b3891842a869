// Endpoints that make no sense, that the system refuses, or that are not there.

#include "tests/misuse/wrong_use.hpp"

#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace monocoque::test {
namespace {

using namespace std::string_literals;

// -- what does not parse

enum class verb { bind, connect };

struct wrong_endpoint {
  verb doing;
  std::string endpoint;
  std::error_code code;
  std::string why;
};
void PrintTo(const wrong_endpoint& wrong, std::ostream* out) { *out << wrong.endpoint; }

std::vector<wrong_endpoint> wrong_endpoints() {
  using enum verb;
  const std::error_code invalid = make_error_code(errc::invalid_endpoint);
  const std::error_code unsupported = make_error_code(errc::unsupported_transport);
  const std::error_code too_long = std::make_error_code(std::errc::filename_too_long);
  const std::string no_scheme =
      "invalid endpoint (no \"://\" in it: tcp://HOST:PORT, ipc://PATH or inproc://NAME)";
  const std::string no_port = "invalid endpoint (port missing: tcp://HOST:PORT)";
  const std::string brackets = "invalid endpoint (an IPv6 address goes in brackets: tcp://[ADDRESS]:PORT)";
  return {
      {bind, "", invalid, "invalid endpoint (it is empty)"},
      {connect, "", invalid, "invalid endpoint (it is empty)"},
      {bind, "5555", invalid, no_scheme},
      {connect, "localhost:5555", invalid, no_scheme},
      {bind, "tcp:/127.0.0.1:5555", invalid, no_scheme},
      {connect, "://127.0.0.1:5555", invalid, "invalid endpoint (no transport before \"://\")"},
      {bind, "ws://127.0.0.1:5555", unsupported,
       "unsupported transport (\"ws\"; there are tcp, ipc, inproc, udp)"},
      {connect, "TCP://127.0.0.1:5555", unsupported,
       "unsupported transport (\"TCP\"; there are tcp, ipc, inproc, udp)"},
      {connect, " tcp://127.0.0.1:5555", unsupported,
       "unsupported transport (\" tcp\"; there are tcp, ipc, inproc, udp)"},
      {bind, "tcp://", invalid, "invalid endpoint (host and port missing: tcp://HOST:PORT)"},
      {bind, "tcp://127.0.0.1", invalid, no_port},
      {connect, "tcp://localhost", invalid, no_port},
      {bind, "tcp://[::1]", invalid, no_port},
      {connect, "tcp://127.0.0.1:", invalid, "invalid endpoint (port missing after ':')"},
      {bind, "tcp://:5555", invalid, "invalid endpoint (host missing before the port)"},
      {bind, "tcp://*:http", invalid, "invalid endpoint (port \"http\" is not a number)"},
      {bind, "tcp://127.0.0.1:-1", invalid, "invalid endpoint (port \"-1\" is not a number)"},
      {connect, "tcp://127.0.0.1:5555 ", invalid, "invalid endpoint (port \"5555 \" is not a number)"},
      {connect, "tcp://127.0.0.1:5555/path", invalid,
       "invalid endpoint (port \"5555/path\" is not a number)"},
      {bind, "tcp://127.0.0.1:65536", invalid, "invalid endpoint (port \"65536\" is over 65535)"},
      {bind, "tcp://127.0.0.1:99999999999999999999", invalid,
       "invalid endpoint (port \"99999999999999999999\" is over 65535)"},
      {connect, "tcp://127.0.0.1:0", invalid, "invalid endpoint (port 0 cannot be connected to)"},
      {connect, "tcp://127.0.0.1:*", invalid, "invalid endpoint (connect needs a port number, not \"*\")"},
      {connect, "tcp://*:5555", invalid,
       "invalid endpoint (only bind takes \"*\" as host; connect needs a name or an address)"},
      {bind, "tcp://[::1:5555", invalid, "invalid endpoint ('[' without ']')"},
      {bind, "tcp://[localhost]:5555", invalid,
       "invalid endpoint (\"localhost\" in brackets is not an IPv6 address)"},
      {connect, "tcp://[::1%]:5555", invalid,
       "invalid endpoint (\"::1%\" in brackets is not an IPv6 address)"},
      {connect, "tcp://[::1]5555", invalid, "invalid endpoint (stray text after ']': \"5555\")"},
      {bind, "tcp://1:2:3:5555", invalid, brackets},
      {connect, "tcp://my host:5555", invalid, "invalid endpoint (stray space in the host)"},
      {connect, "tcp://user@host:5555", invalid, "invalid endpoint (stray '@' in the host)"},
      {connect, "tcp://h\xc3\xb6st:5555", invalid, "invalid endpoint (stray byte 0xc3 in the host)"},
      {bind, "tcp://lo%1:5555", invalid,
       "invalid endpoint (a zone (\"%...\") goes with an IPv6 address only)"},
      {connect, "tcp://" + std::string(256, 'h') + ":5555", invalid,
       "invalid endpoint (host of 256 bytes; 255 are the limit)"},
      {bind, "tcp://127.0.0.1:5555\0"s, invalid, "invalid endpoint (a NUL byte in it)"},
      {bind, "tcp://127.0.0.1:0;127.0.0.1:5555", invalid,
       "invalid endpoint (a source address (before ';') is for connect only)"},
      {connect, "tcp://my host;127.0.0.1:5555", invalid,
       "invalid endpoint (source address: stray space in the host)"},
      {connect, "tcp://127.0.0.1:x;127.0.0.1:5555", invalid,
       "invalid endpoint (source address: port \"x\" is not a number)"},
      {bind, "ipc://", invalid, "invalid endpoint (path missing: ipc://PATH)"},
      {bind, "ipc://@", invalid, "invalid endpoint (name missing after '@')"},
      {connect, "ipc://*", invalid, "invalid endpoint (only bind takes \"*\" as path)"},
      {bind, "ipc:///" + std::string(107, 'p'), too_long,
       "file name too long (path of 108 bytes; sun_path holds 107)"},
      {connect, "inproc://", invalid, "invalid endpoint (name missing: inproc://NAME)"},
      {bind, "inproc://" + std::string(257, 'n'), too_long,
       "file name too long (name of 257 bytes; 256 are the limit)"},
  };
}

/// In a message a NUL is spelled out.
std::string shown(std::string endpoint) {
  if (const std::size_t nul = endpoint.find('\0'); nul != std::string::npos)
    endpoint.replace(nul, 1, "\\x00");
  return endpoint;
}

class wrong_endpoints_are : public testing::TestWithParam<wrong_endpoint> {};

TEST_P(wrong_endpoints_are, refused_with_what_is_wrong_about_them) {
  const wrong_endpoint& wrong = GetParam();
  const std::string_view doing = wrong.doing == verb::bind ? "bind" : "connect";
  stage on;
  pull in(on.ctx);
  const wrong_use use{
      "", wrong.code,
      std::string(doing) + (wrong.endpoint.empty() ? "" : " ") + shown(wrong.endpoint) + ": " + wrong.why,
      [&](stage&) {
        if (wrong.doing == verb::bind) in.bind(wrong.endpoint);
        if (wrong.doing == verb::connect) in.connect(wrong.endpoint);
      }};
  expect_refusal(use, on);
  EXPECT_EQ(in.last_endpoint(), "");
}

INSTANTIATE_TEST_SUITE_P(each, wrong_endpoints_are, testing::ValuesIn(wrong_endpoints()));

// -- what the system refuses, and what is not there

/// Until it goes nothing may be done that is for root alone.
class without_privileges {
 public:
  without_privileges() {
    if (::geteuid() == 0 && ::seteuid(nobody) != 0) throw std::runtime_error("seteuid");
  }
  ~without_privileges() {
    if (::getuid() == 0) static_cast<void>(!::seteuid(0));
  }
  without_privileges(const without_privileges&) = delete;
  without_privileges& operator=(const without_privileges&) = delete;

 private:
  static constexpr uid_t nobody = 65534;
};

std::string path_of(const std::string& ipc) { return ipc.substr(6); }

std::error_code code_of(std::errc code) { return std::make_error_code(code); }

std::vector<wrong_use> places() {
  using enum std::errc;
  const auto own = [](errc code) { return make_error_code(code); };
  return {
      {"a port in use", code_of(address_in_use), "bind tcp://127.0.0.1:...: address already in use",
       [](stage& on) {
         pull first(on.ctx);
         first.bind("tcp://127.0.0.1:0");
         pull(on.ctx).bind(first.last_endpoint());
       }},
      {"the same endpoint twice", code_of(address_in_use),
       "bind ipc://...: address already in use (another socket listens there)",
       [](stage& on) {
         pull in(on.ctx);
         in.bind(on.folder.ipc("s"));
         in.bind(on.folder.ipc("s"));
       }},
      {"an inproc name in use", code_of(address_in_use), "bind inproc://name: address already in use",
       [](stage& on) {
         pull first(on.ctx);
         first.bind("inproc://name");
         pull(on.ctx).bind("inproc://name");
       }},
      {"an ipc path that is a file", code_of(address_in_use),
       "bind ipc://...: address already in use (what is there is not a socket)",
       [](stage& on) {
         std::ofstream(path_of(on.folder.ipc("file"))) << "text";
         pull(on.ctx).bind(on.folder.ipc("file"));
       }},
      {"an ipc path that is a folder", code_of(address_in_use),
       "bind ipc://...: address already in use (what is there is not a socket)",
       [](stage& on) { pull(on.ctx).bind(on.folder.ipc("")); }},
      {"an ipc folder that does not exist", code_of(no_such_file_or_directory),
       "bind ipc://.../no/where: no such file or directory (the folder .../no does not exist)",
       [](stage& on) { pull(on.ctx).bind(on.folder.ipc("no/where")); }},
      {"an ipc folder that is a file", code_of(not_a_directory), "bind ipc://.../file/s: not a directory",
       [](stage& on) {
         std::ofstream(path_of(on.folder.ipc("file"))) << "text";
         pull(on.ctx).bind(on.folder.ipc("file/s"));
       }},
      {"an ipc folder of others", code_of(permission_denied), "bind ipc://.../s: permission denied",
       [](stage& on) {
         ::chmod(path_of(on.folder.ipc("")).c_str(), 0500);
         const without_privileges now;
         pull(on.ctx).bind(on.folder.ipc("s"));
       }},
      {"an address of another host", code_of(address_not_available),
       "bind tcp://192.0.2.1:0: cannot assign requested address",
       [](stage& on) { pull(on.ctx).bind("tcp://192.0.2.1:0"); }},
      {"a host that does not exist", own(errc::resolve_failed),
       "bind tcp://no-such-host.invalid:5555: cannot resolve host (...)",
       [](stage& on) { pull(on.ctx).bind("tcp://no-such-host.invalid:5555"); }},
      {"IPv6 to bind without the option", own(errc::resolve_failed),
       "bind tcp://[::1]:0: cannot resolve host (an IPv6 address, and the option ipv6 is off)",
       [](stage& on) { pull(on.ctx).bind("tcp://[::1]:0"); }},
      {"IPv6 to connect without the option", own(errc::resolve_failed),
       "connect tcp://[::1]:5555: cannot resolve host (an IPv6 address, and the option ipv6 is off)",
       [](stage& on) { pull(on.ctx).connect("tcp://[::1]:5555"); }},
      {"a zone that does not exist", own(errc::resolve_failed),
       "bind tcp://[fe80::1%no-zone]:0: cannot resolve host (no interface \"no-zone\" for the zone)",
       [](stage& on) { pull(on.ctx, {.ipv6 = true}).bind("tcp://[fe80::1%no-zone]:0"); }},
      {"a device that does not exist", code_of(no_such_device),
       "bind tcp://127.0.0.1:0: no such device (SO_BINDTODEVICE to \"no-device\")",
       [](stage& on) { pull(on.ctx, {.bind_to_device = "no-device"}).bind("tcp://127.0.0.1:0"); }},
      {"unbind of what is not bound", own(errc::no_such_endpoint),
       "unbind tcp://127.0.0.1:5555: not bound or connected to this endpoint",
       [](stage& on) { pull(on.ctx).unbind("tcp://127.0.0.1:5555"); }},
      {"unbind of what is connected", own(errc::no_such_endpoint),
       "unbind tcp://127.0.0.1:1: not bound or connected to this endpoint",
       [](stage& on) {
         pull in(on.ctx);
         in.connect("tcp://127.0.0.1:1");
         in.unbind("tcp://127.0.0.1:1");
       }},
      {"unbind twice", own(errc::no_such_endpoint),
       "unbind tcp://127.0.0.1:...: not bound or connected to this endpoint",
       [](stage& on) {
         pull in(on.ctx);
         in.bind("tcp://127.0.0.1:0");
         const std::string bound = in.last_endpoint();
         in.unbind(bound);
         in.unbind(bound);
       }},
      {"unbind of nothing", own(errc::no_such_endpoint), "unbind: not bound or connected to this endpoint",
       [](stage& on) { pull(on.ctx).unbind(""); }},
      {"unbind of an inproc name", own(errc::no_such_endpoint),
       "unbind inproc://name: not bound or connected to this endpoint",
       [](stage& on) { pull(on.ctx).unbind("inproc://name"); }},
      {"disconnect of what is not connected", own(errc::no_such_endpoint),
       "disconnect tcp://127.0.0.1:5555: not bound or connected to this endpoint",
       [](stage& on) { push(on.ctx).disconnect("tcp://127.0.0.1:5555"); }},
      {"disconnect of what is bound", own(errc::no_such_endpoint),
       "disconnect inproc://name: not bound or connected to this endpoint",
       [](stage& on) {
         pull in(on.ctx);
         in.bind("inproc://name");
         in.disconnect("inproc://name");
       }},
      {"disconnect twice", own(errc::no_such_endpoint),
       "disconnect tcp://127.0.0.1:1: not bound or connected to this endpoint",
       [](stage& on) {
         push out(on.ctx);
         out.connect("tcp://127.0.0.1:1");
         out.disconnect("tcp://127.0.0.1:1");
         out.disconnect("tcp://127.0.0.1:1");
       }},
      {"disconnect of a peer that is not there", own(errc::no_such_peer),
       "disconnect peer tcp://192.0.2.1:4711: no such peer is connected",
       [](stage& on) {
         peer_info stranger;
         stranger.address = "tcp://192.0.2.1:4711";
         pull(on.ctx).disconnect(stranger);
       }},
      {"disconnect of a copy of a peer", own(errc::no_such_peer),
       "disconnect peer inproc://name: no such peer is connected",
       [](stage& on) {
         pull in(on.ctx);
         in.bind("inproc://name");
         push out(on.ctx);
         out.connect("inproc://name");
         const peer_info copy = *in.peers().at(0).info;
         in.disconnect(copy);
       }},
      {"a second connect of a PAIR", own(errc::second_peer),
       "connect tcp://127.0.0.1:2: a PAIR socket talks to one peer only",
       [](stage& on) {
         monocoque::pair one(on.ctx);
         one.connect("tcp://127.0.0.1:1");
         one.connect("tcp://127.0.0.1:2");
       }},
      {"a second connect of a PAIR over inproc", own(errc::second_peer),
       "connect inproc://two: a PAIR socket talks to one peer only",
       [](stage& on) {
         monocoque::pair one(on.ctx);
         one.connect("inproc://one");
         one.connect("inproc://two");
       }},
      {"a routing id assigned by a DEALER", own(errc::not_supported),
       "connect tcp://127.0.0.1:1: not supported (only ROUTER and STREAM assign routing ids)",
       [](stage& on) { dealer(on.ctx).connect("tcp://127.0.0.1:1", {.routing_id = bytes::copy("id")}); }},
      {"a routing id of 256 bytes assigned", own(errc::invalid_argument),
       "connect tcp://127.0.0.1:1: invalid argument (a routing id is up to 255 bytes not starting with 0)",
       [](stage& on) {
         router(on.ctx).connect("tcp://127.0.0.1:1", {.routing_id = bytes::copy(std::string(256, 'i'))});
       }},
      {"a routing id that starts with 0 assigned", own(errc::invalid_argument),
       "connect inproc://name: invalid argument (a routing id is up to 255 bytes not starting with 0)",
       [](stage& on) { router(on.ctx).connect("inproc://name", {.routing_id = bytes::copy("\0id"s)}); }},
  };
}

class wrong_places_are : public testing::TestWithParam<wrong_use> {};
TEST_P(wrong_places_are, refused_with_the_endpoint_and_the_reason) {
  stage on;
  expect_refusal(GetParam(), on);
}
INSTANTIATE_TEST_SUITE_P(each, wrong_places_are, testing::ValuesIn(places()), name_of_use);

// -- what shows only later, in an event

struct late_failure {
  std::string name;
  event_kind kind;
  std::string text;
  std::function<void(stage&, pull&)> act;
};

std::vector<late_failure> late_failures() {
  return {
      {"a_bind_that_failed", event_kind::bind_failed,
       "bind failed ipc:///no/where: No such file or directory (the folder /no does not exist)",
       [](stage&, pull& in) { EXPECT_FALSE(in.bind(as_result, "ipc:///no/where")); }},
      {"nobody_listens", event_kind::connect_retried,
       "connect retried tcp://127.0.0.1:1: Connection refused, next attempt in ... ms",
       [](stage&, pull& in) { in.connect("tcp://127.0.0.1:1"); }},
      {"no_such_source_interface", event_kind::connect_retried,
       "connect retried tcp://no-if:0;127.0.0.1:1: cannot resolve host (source no-if is neither an address "
       "nor "
       "an interface), next attempt in ... ms",
       [](stage&, pull& in) { in.connect("tcp://no-if:0;127.0.0.1:1"); }},
      {"a_type_that_does_not_fit", event_kind::handshake_failed,
       "handshake failed inproc://name: peer has an incompatible socket type (PULL cannot talk to PULL)",
       [](stage& on, pull& in) {
         in.bind("inproc://name");
         pull(on.ctx).connect("inproc://name");
       }},
  };
}

TEST(wrong_uses, that_show_later_show_in_an_event) {
  for (const late_failure& each : late_failures()) {
    SCOPED_TRACE(each.name);
    stage on;
    pull in(on.ctx, {.reconnect_interval = std::chrono::milliseconds(1)});
    monitor events = in.monitor();
    each.act(on, in);
    const std::string said = await_event(events, each.kind).text();
    EXPECT_TRUE(is_like(said, each.text)) << said;
  }
}

}  // namespace
}  // namespace monocoque::test
