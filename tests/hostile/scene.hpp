#pragma once

#include "tests/hostile/raw_peer.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <string>

/// What the tables of hostile and of odd peers share.
namespace monocoque::test {

enum class moment { handshake, traffic };
enum class role { accepted, dialled };

/// `ours` talks to a bad peer, which it has accepted or dialled, and to a good one.
struct scene {
  raw_peer meet(socket& ours, role as) {
    if (as == role::dialled) {
      ours.connect(place.endpoint());
      return place.accept();
    }
    return raw_peer(ours.last_endpoint());
  }
  /// The end of the bad peer's connection.
  static event end_of(monitor& events, const raw_peer& bad, const raw_listener& place, role as, moment at) {
    const event_kind wanted = at == moment::traffic ? event_kind::disconnected : event_kind::handshake_failed;
    for (;;) {
      event next = await_event(events, wanted);
      if (as == role::dialled ? next.endpoint == place.endpoint() : next.peer_address == bad.address())
        return next;
    }
  }

  context ctx;
  raw_listener place;
};

inline const auto both_roles = testing::Values(role::accepted, role::dialled);

inline std::string name_of_role(role as) {
  return as == role::accepted ? "_by_who_came" : "_by_whom_we_went_to";
}

/// Sends to `ours` and hears it there, so that whatever goes on beside it holds nobody up.
inline void must_still_work(push& good, pull& ours, int number) {
  good.send(std::to_string(number));
  EXPECT_EQ(must_receive(ours).view(), std::to_string(number));
}

/// Ours with one octet changed.
inline std::string greeting_with(std::size_t at, char octet) {
  std::string greeting = speak::greeting();
  greeting[at] = octet;
  return greeting;
}

}  // namespace monocoque::test
