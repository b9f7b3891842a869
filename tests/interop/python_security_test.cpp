// pyzmq's authenticator as ZAP handler, and its certificates.

#include "tests/interop/zmq_peer.hpp"
#include "tests/socket/security_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace monocoque::test {
namespace {

using ::testing::HasSubstr;

class python_security : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_curve()) GTEST_SKIP() << "without CURVE";
  }
  /// Makes a pair of keys in pyzmq, in files; the paths without their endings.
  static std::string certificate(python_peer& by, const std::string& folder, const std::string& name) {
    std::filesystem::create_directory(folder);
    const frames files = by.tell("create_certificates", {folder, name});
    EXPECT_EQ(files, (frames{folder + "/" + name + ".key", folder + "/" + name + ".key_secret"}));
    // As its documentation has it: who runs it keeps others out.
    std::filesystem::permissions(files.at(1),
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return folder + "/" + name;
  }
  [[nodiscard]] std::string folder(const std::string& name) const {
    return folder_.ipc(name).substr(std::string_view("ipc://").size());
  }

  temporary_folder folder_;
  context ctx_;
};

TEST_F(python_security, its_certificates_are_read_by_us) {
  python_peer theirs(socket_type::pair);
  const std::string made = certificate(theirs, folder("keys"), "joe");
  const key_file secret = load_secret_key(made + ".key_secret");
  const frames as_they_read = theirs.tell("load_certificate", {made + ".key_secret"});
  EXPECT_EQ(as_they_read, (frames{secret.public_key.z85(), secret.secret_key.z85()}));
  EXPECT_EQ(secret.secret_key.public_key(), secret.public_key);
  EXPECT_EQ(load_public_key(made + ".key").public_key, secret.public_key);
}

TEST_F(python_security, reads_certificates_of_ours) {
  python_peer theirs(socket_type::pair);
  const curve_keypair keys = curve_keypair::generate();
  const std::string name = folder("ours");
  save_keypair(name, keys, {{"name", "joe"}, {"role", "administrator of things"}});
  EXPECT_EQ(theirs.tell("load_certificate", {name + ".key_secret"}),
            (frames{keys.public_key.z85(), keys.secret_key.z85()}));
  EXPECT_EQ(theirs.tell("load_certificate", {name + ".key"}), frames{keys.public_key.z85()});
}

TEST_F(python_security, its_authenticator_lets_in_the_keys_of_a_folder) {
  python_peer theirs(socket_type::pull);
  const std::string server = certificate(theirs, folder("server"), "server");
  const std::string known = certificate(theirs, folder("known"), "joe");
  const std::string stranger = certificate(theirs, folder("unknown"), "eve");
  theirs.tell("allow_keys", {folder("known")});
  const key_file server_keys = load_secret_key(server + ".key_secret");
  theirs.secure(curve_server{{server_keys.public_key, server_keys.secret_key}});
  const std::string place = theirs.bind("tcp://127.0.0.1:0");
  const auto client_with = [&](const std::string& keys) {
    const key_file own = load_secret_key(keys + ".key_secret");
    return secured(curve_client{.server = server_keys.public_key, .keys = {own.public_key, own.secret_key}});
  };

  push denied(ctx_, client_with(stranger));
  monitor events = denied.monitor();
  denied.connect(place);
  const event failed = await_event(events, event_kind::handshake_failed);
  EXPECT_EQ(failed.reason, errc::authentication_failed);
  EXPECT_THAT(failed.reason.message(), HasSubstr("400"));

  push allowed(ctx_, client_with(known));
  allowed.connect(place);
  allowed.send("hello");
  EXPECT_EQ(theirs.receive(), frames{"hello"});
}

TEST_F(python_security, its_authenticator_lets_in_anybody_with_a_key) {
  const curve_keys keys;
  python_peer theirs(socket_type::pull);
  theirs.tell("allow_any_key");
  theirs.secure(keys.server());
  push ours(ctx_, secured(keys.client()));
  ours.connect(theirs.bind("tcp://127.0.0.1:0"));
  ours.send("hello");
  EXPECT_EQ(theirs.receive(), frames{"hello"});
}

TEST_F(python_security, its_authenticator_checks_our_password) {
  python_peer theirs(socket_type::pull);
  theirs.tell("allow_password", {"joe", "right"});
  theirs.secure(plain_server{});
  const std::string place = theirs.bind("tcp://127.0.0.1:0");
  push guessing(ctx_, secured(plain_client{.username = "joe", .password = "wrong"}));
  monitor events = guessing.monitor();
  guessing.connect(place);
  EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, errc::authentication_failed);
  push knowing(ctx_, secured(plain_client{.username = "joe", .password = "right"}));
  knowing.connect(place);
  knowing.send("hello");
  EXPECT_EQ(theirs.receive(), frames{"hello"});
}

TEST_F(python_security, our_key_directory_lets_in_its_certificates) {
  const curve_keypair server_keys = curve_keypair::generate();
  python_peer theirs(socket_type::push);
  const std::string known = certificate(theirs, folder("known"), "joe");
  pull ours(ctx_, secured(curve_server{server_keys}, key_directory(folder("known"))));
  ours.bind("tcp://127.0.0.1:0");
  const frames keys = theirs.tell("load_certificate", {known + ".key_secret"});
  theirs.tell("curve_client", {server_keys.public_key.z85(), keys.at(0), keys.at(1)});
  theirs.connect(ours.last_endpoint());
  theirs.send({"hello"});
  const message received = must_receive(ours);
  EXPECT_EQ(received.view(), "hello");
  EXPECT_EQ(received.peer()->user_id, "joe");
}

}  // namespace
}  // namespace monocoque::test
