#pragma once

#include <monocoque/curve_keys.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bench {

enum class flow : std::uint8_t { push_pull, dealer_router, req_rep, pub_sub };

/// Which topics publishers use. A topic is the first eight bytes of a message.
enum class topics : std::uint8_t {
  all,        ///< everybody gets everything
  tenth,      ///< ten topics in turn, and all subscribers have the first of them
  own,        ///< a topic for each subscriber, in turn
  one_of_set  ///< the one subscriber has `held` topics, and messages have random ones of these
};

/// Whom the two ends of a connection with CURVE know each other by. The end that binds is the server.
struct curve_ends {
  monocoque::curve_keypair server;
  monocoque::curve_keypair client;
};

/// What goes over the wire in one cell, whoever the rival is.
struct traffic {
  flow kind = flow::push_pull;
  std::string transport = "tcp";
  std::size_t size = 64;  ///< bytes a message, all frames together
  unsigned frames = 1;
  unsigned senders = 1;
  unsigned receivers = 1;
  bool round_trip = false;          ///< asked and answered instead of sent and received
  std::optional<curve_ends> curve;  ///< encrypted
  // -- publishing
  unsigned subscribers = 1;  ///< all in one process
  topics topic_mode = topics::all;
  unsigned held = 1;          ///< subscriptions
  bool wait_for_slow = true;  ///< a full subscriber makes the publisher wait instead of losing messages
  bool stalled_one = false;   ///< one more subscriber that never reads
  // -- background load
  double rate = 0;  ///< messages a second that a sender keeps to; 0: as fast as it can
};

/// The word that a publisher's message `number` is stamped with; its eight bytes are the topic, if there are
/// topics. Before everybody is there, one_of_set goes through the probes only.
std::uint64_t published_word(const traffic& what, std::uint64_t number, bool everybody_is_there);
/// The topics of subscriber `index`; an empty one matches everything.
std::vector<std::string> topics_of(const traffic& what, unsigned index);
/// one_of_set: a sample of the set, as words. A subscriber that has got all of these is taken to be
/// subscribed to all. Empty in the other modes.
std::vector<std::uint64_t> probes_of(const traffic& what);

}  // namespace bench
