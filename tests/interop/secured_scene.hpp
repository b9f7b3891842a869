#pragma once

#include "tests/interop/zmq_peer.hpp"
#include "tests/socket/security_support.hpp"

#include <gtest/gtest.h>

#include <string>

namespace monocoque::test {

/// Secured sockets of ours and of libzmq's, over the transport of the parameter.
class secured_scene : public testing::TestWithParam<wire> {
 protected:
  void SetUp() override {
    if (!has_curve()) GTEST_SKIP() << "without CURVE";
  }
  /// Another one each time.
  [[nodiscard]] std::string endpoint() {
    return fresh_endpoint(GetParam(), folder_, "s" + std::to_string(++endpoints_));
  }

  const curve_keys keys_;
  temporary_folder folder_;
  int endpoints_ = 0;
  context ctx_;
  zmq_context libzmq_;
};

}  // namespace monocoque::test
