#include "transport/address.hpp"

#include "transport/test_support.hpp"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/un.h>

namespace monocoque::transport {
namespace {

TEST(address, text_to_address_to_text) {
  for (const std::string text :
       {"tcp://127.0.0.1:5555", "tcp://[::1]:5555", "tcp://[2001:db8::1]:1", "tcp://0.0.0.0:65535",
        "tcp://[::ffff:10.0.0.1]:80", "ipc:///tmp/x", "ipc://relative", "ipc://@name",
        "ipc://@"
        "x"}) {
    const result<endpoint> parsed = parse_endpoint(text, purpose::connect);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_FALSE(needs_lookup(*parsed));
    const auto found = resolve(*parsed, purpose::connect, true);
    ASSERT_TRUE(found.has_value()) << found.error().message();
    ASSERT_EQ(found->size(), 1U);
    EXPECT_EQ(found->front().to_endpoint(), text);
    EXPECT_EQ(found->front(), socket_address(found->front().data(), found->front().size()));
  }
}

TEST(address, a_path_of_full_length_fits) {
  const std::string path(max_ipc_path_size, 'p');
  EXPECT_EQ(socket_address::local(path).path(), path);
  const std::string name = "@" + std::string(max_ipc_path_size - 1, 'n');
  EXPECT_EQ(socket_address::local(name).path(), name);
  // The abstract name that libzmq uses for it has no terminator, which would be part of the name.
  EXPECT_EQ(socket_address::local("@ab").size(), offsetof(sockaddr_un, sun_path) + 3);
}

TEST(address, without_a_name_has_no_text) {
  EXPECT_EQ(socket_address().to_endpoint(), "");
  EXPECT_EQ(socket_address::local("").to_endpoint(), "");
  EXPECT_EQ(socket_address::of_socket(-1).to_endpoint(), "");
  EXPECT_EQ(socket_address().port(), 0);
}

TEST(address, compares_by_place) {
  const auto any4 = socket_address::any(AF_INET, 5);
  EXPECT_TRUE(any4.is_any());
  EXPECT_TRUE(socket_address::any(AF_INET6, 5).is_any());
  EXPECT_EQ(any4, socket_address::any(AF_INET, 5));
  EXPECT_FALSE(any4 == socket_address::any(AF_INET, 6));
  EXPECT_FALSE(any4 == socket_address::any(AF_INET6, 5));
  EXPECT_FALSE(socket_address::local("a") == socket_address::local("@a"));

  sockaddr_in6 flow{};
  flow.sin6_family = AF_INET6;
  flow.sin6_flowinfo = 7;
  EXPECT_EQ(socket_address(reinterpret_cast<const sockaddr*>(&flow), sizeof flow),
            socket_address::any(AF_INET6, 0));
}

TEST(address, knows_the_loopback_interface) {
  const auto is_loopback = [](const std::string& text) {
    return resolve(*parse_endpoint(text, purpose::connect), purpose::connect, true)
        .value()
        .front()
        .is_loopback();
  };
  EXPECT_TRUE(is_loopback("tcp://127.0.0.1:1"));
  EXPECT_TRUE(is_loopback("tcp://127.255.0.9:1"));
  EXPECT_TRUE(is_loopback("tcp://[::1]:1"));
  EXPECT_TRUE(is_loopback("tcp://[::ffff:127.0.0.1]:1"));
  EXPECT_FALSE(is_loopback("tcp://10.127.0.1:1"));
  EXPECT_FALSE(is_loopback("tcp://[::ffff:10.0.0.1]:1"));
  EXPECT_FALSE(is_loopback("tcp://[2001:db8::1]:1"));
  EXPECT_FALSE(is_loopback("ipc:///tmp/x"));
  EXPECT_FALSE(socket_address::any(AF_INET, 1).is_loopback());
}

TEST(address, more_than_fits_is_cut) {
  const std::string huge(1000, '\1');
  const socket_address cut(reinterpret_cast<const sockaddr*>(huge.data()), 1000);
  EXPECT_EQ(cut.size(), sizeof(sockaddr_storage));
}

}  // namespace
}  // namespace monocoque::transport
