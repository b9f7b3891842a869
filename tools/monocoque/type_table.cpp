#include "type_table.hpp"

#include <array>

namespace tool {
namespace {

using monocoque::socket_type;

constexpr const char* talks_help =
    "Sends each word or line, and prints what comes meanwhile and afterwards. -n counts\n"
    "messages received (-n 0: ends when all is sent); without it Ctrl-C ends.";

constexpr const char* deals_help =
    "Sends each word or line; ends when all have left. -n counts messages sent.";
constexpr const char* receives_help = "-n counts messages received; without it Ctrl-C ends.";

constexpr std::array types{
    type_entry{socket_type::req, "req", true, true, "send requests, print the replies",
               "Sends each word or line, waits for its reply and prints it. -n counts exchanges."},
    type_entry{socket_type::rep, "rep", true, true, "print requests, reply to them",
               "Prints each request and answers it: --echo, --reply, or else the next word or line.\n"
               "-n counts requests answered; without it Ctrl-C, or the last word or line, ends."},
    type_entry{socket_type::push, "push", true, false, "send messages to PULL peers in turn", deals_help},
    type_entry{socket_type::pull, "pull", false, true, "print messages of PUSH peers", receives_help},
    type_entry{socket_type::pub, "pub", true, false, "publish messages to SUB peers",
               "Waits for its first subscriber (see --wait-peers), then sends each word or line; the\n"
               "start of a message is its topic. -n counts messages sent. It announces itself as\n"
               "XPUB, which sees subscribers come, unless --wait-peers is 0."},
    type_entry{socket_type::sub, "sub", false, true, "subscribe, print what is published", receives_help},
    type_entry{socket_type::dealer, "dealer", true, true, "send to peers in turn, print what they send",
               talks_help},
    type_entry{socket_type::router, "router", true, true, "send to named peers, print what they send",
               "The first frame of a message is the routing id of the peer it is from or for: use\n"
               "--frames. A message waits until its peer is there. -n counts messages received\n"
               "(-n 0: ends when all is sent); without it Ctrl-C ends."},
    type_entry{socket_type::pair, "pair", true, true, "talk to exactly one peer", talks_help},
    type_entry{socket_type::xpub, "xpub", true, true, "publish messages, print subscriptions",
               "Prints subscriptions (\\x01TOPIC) and cancellations (\\x00TOPIC), and sends each word or\n"
               "line once the first subscriber came (see --wait-peers). -n counts what it printed\n"
               "(-n 0: ends when all is sent); without it Ctrl-C ends."},
    type_entry{socket_type::xsub, "xsub", true, true, "subscribe, print what is published, send upstream",
               talks_help},
    type_entry{socket_type::client, "client", true, true, "send to SERVERs in turn, print what they send",
               talks_help},
    type_entry{socket_type::scatter, "scatter", true, false, "send to GATHER peers in turn", deals_help},
    type_entry{socket_type::gather, "gather", false, true, "print messages of SCATTER peers", receives_help},
    type_entry{socket_type::channel, "channel", true, true, "talk to exactly one CHANNEL peer", talks_help},
};

}  // namespace

std::span<const type_entry> type_table() noexcept { return types; }

}  // namespace tool
