#pragma once

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <tuple>

/// What the tests of CLIENT, SERVER, SCATTER, GATHER, PEER and CHANNEL share.
namespace monocoque::test {

enum class path { tcp, ipc, inproc };

/// Over every transport, with and without threads.
class single_frames : public testing::TestWithParam<std::tuple<path, bool>> {
 protected:
  single_frames() { std::get<1>(GetParam()) ? ctx_.emplace() : ctx_.emplace(inline_loop); }

  [[nodiscard]] context& ctx() { return *ctx_; }
  /// An endpoint of its own.
  [[nodiscard]] std::string fresh() {
    const std::string name = "s" + std::to_string(++made_);
    switch (std::get<0>(GetParam())) {
      case path::tcp: return "tcp://127.0.0.1:0";
      case path::ipc: return folder_.ipc(name);
      case path::inproc: break;
    }
    return "inproc://" + name;
  }

 private:
  temporary_folder folder_;
  int made_ = 0;
  std::optional<context> ctx_;
};

inline const auto everywhere =
    testing::Combine(testing::Values(path::tcp, path::ipc, path::inproc), testing::Bool());

inline std::string name_of_place(const testing::TestParamInfo<std::tuple<path, bool>>& parameter) {
  const path over = std::get<0>(parameter.param);
  const std::string name = over == path::tcp ? "tcp" : over == path::ipc ? "ipc" : "inproc";
  return name + (std::get<1>(parameter.param) ? "_threaded" : "_inline");
}

/// Why a message could not be sent; no error if it was.
template <class Socket>
error why_not(Socket& from, message what) {
  const result<void> sent = from.send_for(as_result, what, patience);
  return sent ? error() : sent.error();
}

}  // namespace monocoque::test
