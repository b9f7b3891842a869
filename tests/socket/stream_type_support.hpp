#pragma once

#include "tests/hostile/raw_peer.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// What the tests of STREAM share.
namespace monocoque::test {

enum class kind { threaded, inline_loop };

inline std::string name_of_kind(const testing::TestParamInfo<kind>& parameter) {
  return parameter.param == kind::threaded ? "threaded" : "inline";
}

inline std::string filled(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 >> 3);
  return text;
}

/// Says something while the test goes on, and stops if that ends before.
class speaker {
 public:
  speaker(const raw_peer& peer, const std::string& text)
      : peer_(peer), said_(std::async(std::launch::async, [&peer, &text] { peer.send(text); })) {}
  ~speaker() { peer_.half_close(); }
  speaker(const speaker&) = delete;
  speaker& operator=(const speaker&) = delete;

 private:
  const raw_peer& peer_;
  const std::future<void> said_;
};

class stream_type : public testing::TestWithParam<kind> {
 protected:
  stream_type() {
    if (GetParam() == kind::threaded) {
      ctx_.emplace();
    } else {
      ctx_.emplace(inline_loop);
    }
  }

  /// Does what blocks on the other end of a connection while our loop runs.
  template <class Do>
  auto beside(Do what) {
    auto done = std::async(std::launch::async, std::move(what));
    while (GetParam() == kind::inline_loop &&
           done.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
      ctx_->run_for(std::chrono::milliseconds(1));
    return done.get();
  }
  std::string hear(const raw_peer& from, std::size_t size) {
    return beside([&from, size] { return from.receive(size); });
  }
  std::string hear_the_end(const raw_peer& from) {
    return beside([&from] { return from.receive_until_closed(); });
  }

  /// The id of the connection that has just come, of which that was told.
  static bytes must_come(stream& ours) {
    const message came = must_receive(ours);
    EXPECT_EQ(came.size(), 2U);
    EXPECT_TRUE(came[1].empty()) << came[1].view();
    return came[0];
  }
  static void must_end(stream& ours, const bytes& id) { EXPECT_EQ(must_receive(ours), two(id, "")); }
  /// So many bytes of that connection, which is the only one that sends.
  static std::string collect(stream& ours, const bytes& id, std::size_t size) {
    std::string all;
    while (all.size() < size) {
      const message piece = must_receive(ours);
      EXPECT_EQ(piece[0], id);
      if (piece[1].empty()) ADD_FAILURE() << "it is over after " << all.size() << " bytes";
      if (piece[1].empty()) break;
      all += piece[1].view();
    }
    return all;
  }
  static message two(const bytes& id, std::string_view text) { return message::of({id.view(), text}); }
  static errc why_not(stream& ours, const bytes& id, std::string_view text) {
    message what = two(id, text);
    const result<void> sent = ours.send(as_result, what);
    return sent ? errc{} : static_cast<errc>(sent.error().code().value());
  }

  std::optional<context> ctx_;
};

inline const auto both_kinds = testing::Values(kind::threaded, kind::inline_loop);

}  // namespace monocoque::test
