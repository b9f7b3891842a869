#include "transport/endpoint.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace monocoque::transport {
namespace {

struct good_tcp {
  std::string text;
  purpose wanted;
  tcp_host address;
  std::optional<tcp_host> source;
  std::string canonical;
};

TEST(endpoint, parses_what_tcp_allows) {
  const std::vector<good_tcp> table{
      {"tcp://127.0.0.1:5555", purpose::bind, {"127.0.0.1", 5555, false}, {}, "tcp://127.0.0.1:5555"},
      {"tcp://127.0.0.1:5555", purpose::connect, {"127.0.0.1", 5555, false}, {}, "tcp://127.0.0.1:5555"},
      {"tcp://*:5555", purpose::bind, {"*", 5555, false}, {}, "tcp://*:5555"},
      {"tcp://*:*", purpose::bind, {"*", 0, true}, {}, "tcp://*:*"},
      {"tcp://*:0", purpose::bind, {"*", 0, true}, {}, "tcp://*:*"},
      {"tcp://eth0:65535", purpose::bind, {"eth0", 65535, false}, {}, "tcp://eth0:65535"},
      {"tcp://tun0.100:1", purpose::bind, {"tun0.100", 1, false}, {}, "tcp://tun0.100:1"},
      {"tcp://server-1.example_x.org:80",
       purpose::connect,
       {"server-1.example_x.org", 80, false},
       {},
       "tcp://server-1.example_x.org:80"},
      {"tcp://h:00080", purpose::connect, {"h", 80, false}, {}, "tcp://h:80"},
      {"tcp://[::1]:5555", purpose::connect, {"::1", 5555, false}, {}, "tcp://[::1]:5555"},
      {"tcp://[::]:*", purpose::bind, {"::", 0, true}, {}, "tcp://[::]:*"},
      {"tcp://[fe80::1%eth0]:5555",
       purpose::connect,
       {"fe80::1%eth0", 5555, false},
       {},
       "tcp://[fe80::1%eth0]:5555"},
      {"tcp://[::ffff:10.0.0.1]:5",
       purpose::connect,
       {"::ffff:10.0.0.1", 5, false},
       {},
       "tcp://[::ffff:10.0.0.1]:5"},
      {"tcp://::1:5555", purpose::connect, {"::1", 5555, false}, {}, "tcp://[::1]:5555"},
      {"tcp://eth1:0;server1:5555",
       purpose::connect,
       {"server1", 5555, false},
       tcp_host{"eth1", 0, true},
       "tcp://eth1:*;server1:5555"},
      {"tcp://192.168.1.17:5555;192.168.1.1:5556",
       purpose::connect,
       {"192.168.1.1", 5556, false},
       tcp_host{"192.168.1.17", 5555, false},
       "tcp://192.168.1.17:5555;192.168.1.1:5556"},
      {"tcp://eth1;server1:5555",
       purpose::connect,
       {"server1", 5555, false},
       tcp_host{"eth1", 0, true},
       "tcp://eth1:*;server1:5555"},
      {"tcp://*:*;server1:5555",
       purpose::connect,
       {"server1", 5555, false},
       tcp_host{"*", 0, true},
       "tcp://*:*;server1:5555"},
      {"tcp://[::1];[::1]:5555",
       purpose::connect,
       {"::1", 5555, false},
       tcp_host{"::1", 0, true},
       "tcp://[::1]:*;[::1]:5555"},
      {"tcp://2001:db8:0:0:0:0:0:1;h:1",
       purpose::connect,
       {"h", 1, false},
       tcp_host{"2001:db8:0:0:0:0:0:1", 0, true},
       "tcp://[2001:db8:0:0:0:0:0:1]:*;h:1"},
  };
  for (const good_tcp& row : table) {
    const result<endpoint> parsed = parse_endpoint(row.text, row.wanted);
    ASSERT_TRUE(parsed.has_value()) << row.text << ": " << parsed.error().message();
    EXPECT_EQ(parsed->scheme, scheme::tcp);
    EXPECT_EQ(parsed->address, row.address) << row.text;
    EXPECT_EQ(parsed->source, row.source) << row.text;
    EXPECT_EQ(parsed->text, row.text);
    EXPECT_EQ(parsed->canonical(), row.canonical);
    const result<endpoint> again = parse_endpoint(parsed->canonical(), row.wanted);
    ASSERT_TRUE(again.has_value()) << parsed->canonical();
    EXPECT_EQ(*again, *parsed) << row.text;
  }
}

TEST(endpoint, parses_what_udp_allows) {
  const std::vector<good_tcp> table{
      {"udp://127.0.0.1:5555", purpose::bind, {"127.0.0.1", 5555, false}, {}, "udp://127.0.0.1:5555"},
      {"udp://*:0", purpose::bind, {"*", 0, true}, {}, "udp://*:*"},
      {"udp://eth0:1", purpose::bind, {"eth0", 1, false}, {}, "udp://eth0:1"},
      {"udp://239.0.0.1:5555", purpose::connect, {"239.0.0.1", 5555, false}, {}, "udp://239.0.0.1:5555"},
      {"udp://eth0;239.0.0.1:5555",
       purpose::bind,
       {"239.0.0.1", 5555, false},
       tcp_host{"eth0", 0, true},
       "udp://eth0;239.0.0.1:5555"},
      {"udp://*;[ff02::1]:5555",
       purpose::connect,
       {"ff02::1", 5555, false},
       tcp_host{"*", 0, true},
       "udp://*;[ff02::1]:5555"},
      {"udp://[::1];[ff02::1]:5555",
       purpose::bind,
       {"ff02::1", 5555, false},
       tcp_host{"::1", 0, true},
       "udp://[::1];[ff02::1]:5555"},
  };
  for (const good_tcp& row : table) {
    const result<endpoint> parsed = parse_endpoint(row.text, row.wanted);
    ASSERT_TRUE(parsed.has_value()) << row.text << ": " << parsed.error().message();
    EXPECT_EQ(parsed->scheme, scheme::udp);
    EXPECT_EQ(parsed->address, row.address) << row.text;
    EXPECT_EQ(parsed->source, row.source) << row.text;
    EXPECT_EQ(parsed->canonical(), row.canonical);
    EXPECT_EQ(parse_endpoint(parsed->canonical(), row.wanted).value(), *parsed) << row.text;
  }
  EXPECT_FALSE(parse_endpoint("udp://*:5", purpose::bind).value() ==
               parse_endpoint("tcp://*:5", purpose::bind).value());
}

TEST(endpoint, parses_what_ipc_allows) {
  const std::string longest(max_ipc_path_size, 'x');
  for (const std::string& path : {std::string("/tmp/feeds/0"), std::string("relative"), std::string("@name"),
                                  std::string("/with space;:[]*%"), std::string("@with/slash"), longest}) {
    for (const purpose wanted : {purpose::bind, purpose::connect}) {
      const result<endpoint> parsed = parse_endpoint("ipc://" + path, wanted);
      ASSERT_TRUE(parsed.has_value()) << parsed.error().message();
      EXPECT_EQ(parsed->scheme, scheme::ipc);
      EXPECT_EQ(parsed->path, path);
      EXPECT_EQ(parsed->canonical(), "ipc://" + path);
    }
  }
  EXPECT_EQ(parse_endpoint("ipc://*", purpose::bind).value().path, "*");
}

TEST(endpoint, takes_any_inproc_name) {
  for (const std::string& name : {std::string("a"), std::string("#1"), std::string("/with space;:[]*%"),
                                  std::string("*"), std::string(256, 'x')}) {
    for (const purpose wanted : {purpose::bind, purpose::connect}) {
      const result<endpoint> parsed = parse_endpoint("inproc://" + name, wanted);
      ASSERT_TRUE(parsed.has_value()) << parsed.error().message();
      EXPECT_EQ(parsed->scheme, scheme::inproc);
      EXPECT_EQ(parsed->name, name);
      EXPECT_EQ(parsed->canonical(), "inproc://" + name);
    }
  }
  EXPECT_FALSE(parse_endpoint("inproc://a", purpose::bind).value() ==
               parse_endpoint("inproc://b", purpose::bind).value());
}

struct bad {
  std::string text;
  purpose wanted;
  std::error_code code;
  std::string piece;  // of the detail
};

TEST(endpoint, says_what_is_wrong) {
  const std::error_code invalid = make_error_code(errc::invalid_endpoint);
  const std::error_code unsupported = make_error_code(errc::unsupported_transport);
  const std::error_code too_long(ENAMETOOLONG, std::generic_category());
  const purpose bind = purpose::bind;
  const purpose connect = purpose::connect;
  const std::vector<bad> table{
      {"", bind, invalid, "empty"},
      {"localhost:5555", connect, invalid, "no \"://\""},
      {"tcp:/localhost:5555", connect, invalid, "no \"://\""},
      {"://localhost:5555", connect, invalid, "no transport"},
      {"inproc://", bind, invalid, "name missing"},
      {std::string("inproc://a\0b", 12), connect, invalid, "NUL"},
      {"inproc://" + std::string(257, 'x'), connect, too_long, "257 bytes; 256 are the limit"},
      {"pgm://a", bind, unsupported, "\"pgm\"; there are tcp, ipc, inproc, udp"},
      {"ws://127.0.0.1:5", connect, unsupported, "\"ws\""},
      {"TCP://127.0.0.1:5", connect, unsupported, "\"TCP\""},
      {" tcp://127.0.0.1:5", connect, unsupported, "\" tcp\""},
      {std::string("tcp://a\0b:5", 11), connect, invalid, "NUL"},
      {std::string("ipc:///a\0b", 10), connect, invalid, "NUL"},
      {"tcp://", bind, invalid, "host and port missing"},
      {"tcp://localhost", connect, invalid, "port missing"},
      {"tcp://localhost:", connect, invalid, "port missing"},
      {"tcp://:5555", connect, invalid, "host missing"},
      {"tcp://:5555", bind, invalid, "host missing"},
      {"tcp://[::1]", connect, invalid, "port missing"},
      {"tcp://localhost:http", connect, invalid, "\"http\" is not a number"},
      {"tcp://localhost:80x", connect, invalid, "\"80x\" is not a number"},
      {"tcp://localhost:80 ", connect, invalid, "is not a number"},
      {"tcp://localhost:-1", connect, invalid, "is not a number"},
      {"tcp://localhost:+1", connect, invalid, "is not a number"},
      {"tcp://localhost:65536", connect, invalid, "over 65535"},
      {"tcp://localhost:99999999999999999999999", connect, invalid, "over 65535"},
      {"tcp://localhost:99999999999999999999999x", connect, invalid, "is not a number"},
      {"tcp://localhost:5555/path", connect, invalid, "is not a number"},
      {"tcp://*:5555", connect, invalid, "only bind takes \"*\""},
      {"tcp://localhost:*", connect, invalid, "connect needs a port number"},
      {"tcp://localhost:0", connect, invalid, "port 0"},
      {"tcp://in val id:1234", connect, invalid, "stray space in the host"},
      {"tcp://a\tb:1234", connect, invalid, "stray byte 0x09"},
      {"tcp://a/b:1234", connect, invalid, "stray '/'"},
      {"tcp://*x:1234", bind, invalid, "stray '*'"},
      {"tcp://a\xc3\xa4:1", connect, invalid, "stray byte 0xc3"},
      {"tcp://eth0%1:1234", bind, invalid, "zone"},
      {"tcp://[::1:5555", connect, invalid, "'[' without ']'"},
      {"tcp://[::1]5555", connect, invalid, "after ']'"},
      {"tcp://[]:5555", connect, invalid, "not an IPv6 address"},
      {"tcp://[localhost]:5555", connect, invalid, "not an IPv6 address"},
      {"tcp://[127.0.0.1]:5555", connect, invalid, "not an IPv6 address"},
      {"tcp://[::1%]:5555", connect, invalid, "not an IPv6 address"},
      {"tcp://[::1%a b]:5555", connect, invalid, "not an IPv6 address"},
      {"tcp://fe80::g:5555", connect, invalid, "goes in brackets"},
      {"tcp://host:1:2", connect, invalid, "goes in brackets"},
      {"tcp://::1", connect, invalid, "goes in brackets"},
      {"tcp://" + std::string(256, 'h') + ":1", connect, invalid, "256 bytes"},
      {"tcp://eth0:1;host:2", bind, invalid, "for connect only"},
      {"tcp://;host:2", connect, invalid, "source address: host missing"},
      {"tcp://eth0:x;host:2", connect, invalid, "source address: port \"x\""},
      {"tcp://a:1;b:2;host:3", connect, invalid, "source address"},
      {"tcp://eth0:1;", connect, invalid, "host missing"},
      {"tcp://eth0:1;host", connect, invalid, "port missing"},
      {"udp://", bind, invalid, "host and port missing: udp://HOST:PORT"},
      {"udp://localhost", connect, invalid, "port missing: udp://HOST:PORT"},
      {"udp://*:5555", connect, invalid, "only bind takes \"*\""},
      {"udp://localhost:0", connect, invalid, "port 0"},
      {"udp://fe80::g:5555", connect, invalid, "udp://[ADDRESS]:PORT"},
      {"udp://eth0:5;239.0.0.1:5555", bind, invalid, "an interface (before ';') has no port"},
      {"udp://;239.0.0.1:5555", bind, invalid, "interface: host missing"},
      {"ipc://", bind, invalid, "path missing"},
      {"ipc://@", bind, invalid, "name missing after '@'"},
      {"ipc://*", connect, invalid, "only bind takes \"*\""},
      {"ipc://" + std::string(108, 'x'), bind, too_long, "108 bytes; sun_path holds 107"},
      {"ipc://@" + std::string(107, 'x'), connect, too_long, "sun_path"},
  };
  for (const bad& row : table) {
    const result<endpoint> parsed = parse_endpoint(row.text, row.wanted);
    ASSERT_FALSE(parsed.has_value()) << row.text;
    EXPECT_EQ(parsed.error().code(), row.code) << row.text;
    EXPECT_NE(parsed.error().detail().find(row.piece), std::string_view::npos)
        << row.text << ": " << parsed.error().detail();
    EXPECT_EQ(parsed.error().endpoint(), row.text);
    EXPECT_EQ(parsed.error().doing(), name_of(row.wanted));
  }
}

TEST(endpoint, same_place_in_other_words_is_equal) {
  EXPECT_EQ(parse_endpoint("tcp://*:0", purpose::bind).value(),
            parse_endpoint("tcp://*:*", purpose::bind).value());
  EXPECT_FALSE(parse_endpoint("tcp://a:1", purpose::bind).value() ==
               parse_endpoint("tcp://a:2", purpose::bind).value());
  EXPECT_FALSE(parse_endpoint("ipc://a", purpose::bind).value() ==
               parse_endpoint("ipc://@a", purpose::bind).value());
}

TEST(endpoint, knows_numeric_hosts) {
  for (const char* numeric : {"127.0.0.1", "::1", "fe80::1%eth0", "::ffff:1.2.3.4"})
    EXPECT_TRUE(is_numeric_host(numeric));
  for (const char* name : {"localhost", "127.1", "1.2.3.4.5", "", "*", "::1%"})
    EXPECT_FALSE(is_numeric_host(name));
}

}  // namespace
}  // namespace monocoque::transport
