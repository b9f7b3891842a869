#include "arguments.hpp"

#include "exit_status.hpp"
#include "guard.hpp"
#include "output.hpp"
#include "security_arguments.hpp"
#include "type_table.hpp"

#include <monocoque/version.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <ranges>
#include <string_view>
#include <utility>

namespace tool {
namespace {

using monocoque::socket_type;

constexpr const char* formats_help =
    "Formats: text, frames joined by SEP or a space, UTF-8 as it is, control characters and\n"
    "other bytes as \\xNN; hex, frames joined by a space; json, an array a line with a string\n"
    "for a frame that is UTF-8 and {\"hex\": \"...\"} for another; raw, the bytes alone.";

constexpr const char* status_help =
    "Exit status: 0 done (what has no end of its own is done at Ctrl-C), 1 failed, 2 wrong\n"
    "usage, 3 gave up waiting (-t), 128 + signal if a signal cut the job short.";

const std::map<std::string, message_format> formats{{"text", message_format::text},
                                                    {"hex", message_format::hex},
                                                    {"json", message_format::json},
                                                    {"raw", message_format::raw}};
const std::map<std::string, monocoque::password_cost> costs{
    {"interactive", monocoque::password_cost::interactive}, {"moderate", monocoque::password_cost::moderate}};
const std::map<std::string, proxy_type> proxy_types{
    {"queue", proxy_type::queue}, {"forwarder", proxy_type::forwarder}, {"streamer", proxy_type::streamer}};

using socket_type_choices = std::map<std::string, std::optional<socket_type>>;
const socket_type_choices socket_types = [] {
  socket_type_choices all;
  for (const type_entry& each : type_table()) all.emplace(each.name, each.type);
  return all;
}();

constexpr std::size_t max_digits = 15;  // of a count or a time: far from where their types end

/// The arguments' grammar, and what they said. Callbacks refer to it, so it stays where it is.
class grammar {
 public:
  grammar() : app_("Speaks ZeroMQ (ZMTP) from the command line.", "monocoque") {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", std::string("monocoque ") + monocoque::version_text);
    app_.footer("`monocoque TYPE --help` says what a TYPE does with its words and what ends it.\n" +
                std::string(status_help));
    for (const type_entry& entry : type_table()) add_type(entry);
    add_proxy();
    add_monitor();
    add_options();
    add_keygen();
    add_hash_password();
    add_run();
    add_demo();
    auto* version = app_.add_subcommand("version", "say what this is: version, protocol, driver");
    version->callback([this] { chosen_ = version_command{}; });
  }
  grammar(const grammar&) = delete;
  grammar& operator=(const grammar&) = delete;

  parsed_arguments parse(int argc, const char* const* argv) {
    std::vector<std::string> words;
    bool words_only = false;  // after "--", which CLI11 takes for the subcommand's end once there was a word
    for (int index = 1; index < argc; ++index) {
      const std::string_view word = argv[index];
      // Behind a program's name all is the program's.
      words_only =
          words_only || (index > 1 && word.substr(0, 1) != "-" && argv[1] == std::string_view("run"));
      if (words_only) {
        words.push_back(guard + std::string(word));
      } else if (word == "--") {
        words_only = true;
      } else {
        words.push_back(guarded(word));
      }
    }
    std::ranges::reverse(words);  // as CLI11 wants them
    if (argc < 2) return refuse("a command is needed");
    const std::string first = argv[1];
    if (first.starts_with('-') && first != "--help" && first != "-h" && first != "--version")
      return refuse(fmt::format("a command comes first, not {}", first));
    if (!first.starts_with('-') && !knows(first))
      return refuse(fmt::format("there is no command '{}'", first));
    try {
      app_.parse(std::move(words));
    } catch (const CLI::ExtrasError&) {
      return refuse(fmt::format("{} does not take {}", first, fmt::join(app_.remaining(true), " ")), first);
    } catch (const CLI::ParseError& stop) {
      if (stop.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return {{}, app_.exit(stop)};
      return refuse(in_our_words(stop.what()), first);
    }
    return {std::move(chosen_), exit_done};
  }

 private:
  /// `command`: whose help says more.
  static parsed_arguments refuse(std::string reason, const std::string& command = {}) {
    std::erase(reason, guard);
    complain(fmt::format("{} (see monocoque {}--help)", reason, command.empty() ? command : command + " "));
    return {{}, exit_usage};
  }

  /// CLI11 counts what is missing and what is too much.
  static std::string in_our_words(std::string reason) {
    constexpr std::string_view missing = ": 1 required ";
    if (const auto at = reason.find(missing); at != std::string::npos && reason.ends_with(" missing")) {
      reason.replace(at, missing.size(), " needs ");
      reason.resize(reason.size() - std::string_view(" missing").size());
    }
    if (const auto at = reason.find(": At Most 1 required"); at != std::string::npos)
      reason.replace(at, std::string::npos, " is given more than once");
    return reason;
  }

  [[nodiscard]] bool knows(const std::string& command) const {
    return !app_.get_subcommands([&](const CLI::App* one) { return one->get_name() == command; }).empty();
  }

  using option_list = std::vector<std::string>;

  static CLI::Option* add_list(CLI::App& app, const std::string& names, option_list& into, const char* help) {
    // One value each time it is given, so that words may follow.
    return app.add_option(names, into, help)->allow_extra_args(false)->type_name("ENDPOINT");
  }

  static void add_settings(CLI::App& app, const std::string& names, option_list& into, const char* help) {
    add_list(app, names, into, help)->type_name("NAME=VALUE");
  }

  template <class Number>
  static void add_number(CLI::App& app, const std::string& names, Number& into, const char* help,
                         const char* what) {
    const auto check = [](const std::string& text) {
      const bool whole = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
      return whole && text.size() <= max_digits ? std::string()
                                                : fmt::format("'{}' is no whole number from 0 on", text);
    };
    app.add_option(names, into, help)->check(check)->type_name(what)->option_text(what);
  }

  template <class Value>
  static void add_choice(CLI::App& app, const std::string& names, Value& into,
                         const std::map<std::string, Value>& choices, const char* help, const char* what) {
    const auto choose = [&into, &choices](const std::string& name) {
      const auto chosen = choices.find(name);
      if (chosen == choices.end()) {
        throw CLI::ValidationError(
            fmt::format("there is no '{}': {}", name, fmt::join(std::views::keys(choices), ", ")));
      }
      into = chosen->second;
    };
    app.add_option_function<std::string>(names, choose, help)->type_name(what)->option_text(what);
  }

  void add_type(const type_entry& entry) {
    CLI::App& app = *app_.add_subcommand(entry.name, entry.summary);
    app.group("Socket types: monocoque TYPE [-b ENDPOINT]... [-c ENDPOINT]... [WORDS]");
    app.footer(std::string(entry.help) + "\n" + (entry.receives ? std::string(formats_help) + "\n" : "") +
               status_help);
    socket_command& to = socket_;
    add_list(app, "-b,--bind", to.binds, "listen on ENDPOINT (repeatable)");
    add_list(app, "-c,--connect", to.connects, "connect to ENDPOINT (repeatable)");
    add_number(app, "-n,--count", to.count, "stop after so many messages", "COUNT");
    add_number(app, "-t,--timeout", to.timeout_ms, "give up after waiting so long for one message", "MS");
    app.add_flag("-6,--ipv6", to.ipv6,
                 "use IPv6 as well (by itself where an endpoint has an [IPv6 address])");
    add_settings(app, "-o,--option", to.settings,
                 "set an option of the socket (repeatable), see `monocoque options`");
    add_watching(app, to.verbose, to.metrics);
    app.add_option("--frames", to.separator, "what lies between the frames of a message, in and out")
        ->check([](const std::string& text) { return text.empty() ? "the separator is empty" : ""; })
        ->type_name("SEP")
        ->option_text("SEP");
    if (entry.receives) {
      add_choice(app, "-f,--format", to.format, formats, "how to print: text (the default), hex, json or raw",
                 "FORMAT");
    }
    if (entry.sends) add_sending(app, entry.type);
    add_particulars(app, entry.type);
    add_security(app, to.security);
    app.callback([this, type = entry.type] { choose(type); });
  }

  static void add_watching(CLI::App& app, bool& verbose, std::optional<std::string>& metrics) {
    app.add_flag("-v,--verbose", verbose,
                 "show on standard error what happens: connections, full queues, drops");
    app.add_option("--metrics", metrics,
                   "serve figures for Prometheus at http://ADDR/metrics; ADDR: PORT (this machine\n"
                   "only), HOST:PORT or *:PORT, port 0 for a free one")
        ->type_name("ADDR")
        ->option_text("ADDR");
  }

  void add_sending(CLI::App& app, socket_type type) {
    add_number(app, "-i,--interval", socket_.interval_ms, "wait so long between two messages sent", "MS");
    app.add_option("words", socket_.words,
                   "what to send, a message each; without words, each line of standard input")
        ->option_text(" ");
    if (type == socket_type::rep) return;
    const bool publishes = type == socket_type::pub || type == socket_type::xpub;
    const char* help = publishes                   ? "send nothing before N subscribers came; default 1"
                       : type == socket_type::xsub ? "send nothing before N peers are connected; default 1"
                                                   : "send nothing before N peers are connected; default 0";
    add_number(app, "--wait-peers", socket_.wait_peers, help, "N");
  }

  void add_particulars(CLI::App& app, socket_type type) {
    socket_command& to = socket_;
    if (type == socket_type::sub || type == socket_type::xsub) {
      app.add_option("-s,--subscribe", to.prefixes, "topic to subscribe to (repeatable); default all")
          ->allow_extra_args(false)
          ->type_name("PREFIX")
          ->option_text("PREFIX");
    }
    if (type == socket_type::req || type == socket_type::rep || type == socket_type::dealer ||
        type == socket_type::router) {
      app.add_option("--id", to.routing_id, "what ROUTER peers know this socket by, 1 to 255 bytes")
          ->check([](const std::string& id) { return id.empty() || id.size() > 255 ? "1 to 255 bytes" : ""; })
          ->type_name("ROUTING_ID")
          ->option_text("ROUTING_ID");
    }
    if (type == socket_type::rep) {
      CLI::Option* echo = app.add_flag("--echo", to.echo, "reply with the request itself");
      app.add_option("--reply", to.reply, "reply with WORD")
          ->type_name("WORD")
          ->option_text("WORD")
          ->excludes(echo);
    }
  }

  static void refuse_inproc(std::initializer_list<const option_list*> lists) {
    for (const option_list* list : lists) {
      for (const std::string& endpoint : *list) {
        if (!endpoint.starts_with("inproc://")) continue;
        throw CLI::ValidationError(endpoint +
                                   ": inproc joins sockets of one process, and here nobody else is in it");
      }
    }
  }

  void choose(socket_type type) {
    socket_.type = type;
    for (option_list* list : {&socket_.binds, &socket_.connects, &socket_.words, &socket_.prefixes})
      unguard(*list);
    unguard(socket_.separator);
    unguard(socket_.routing_id);
    if (socket_.reply) unguard(*socket_.reply);
    refuse_inproc({&socket_.binds, &socket_.connects});
    check_security(socket_.security);
    if (socket_.binds.empty() && socket_.connects.empty()) {
      throw CLI::ValidationError("an endpoint is needed: -b ENDPOINT or -c ENDPOINT");
    }
    if ((socket_.echo || socket_.reply) && !socket_.words.empty()) {
      throw CLI::ValidationError("--echo and --reply leave no use for words");
    }
    chosen_ = socket_;
  }

  void add_proxy() {
    CLI::App& app = *app_.add_subcommand("proxy", "move messages between two endpoints until Ctrl-C");
    proxy_command& to = proxy_;
    add_choice(app, "--type", to.type, proxy_types,
               "queue (ROUTER, DEALER; the default), forwarder (XSUB, XPUB) or streamer (PULL, PUSH)",
               "TYPE");
    add_list(app, "--frontend", to.frontend_binds,
             "listen here for clients, publishers or PUSH peers (repeatable)");
    add_list(app, "--backend", to.backend_binds,
             "listen here for workers, subscribers or PULL peers (repeatable)");
    add_list(app, "--frontend-connect", to.frontend_connects,
             "connect the frontend to ENDPOINT (repeatable)");
    add_list(app, "--backend-connect", to.backend_connects, "connect the backend to ENDPOINT (repeatable)");
    add_list(app, "--capture", to.captures,
             "publish every message here too, on a PUB that listens (repeatable)");
    add_settings(app, "-o,--option", to.settings,
                 "set an option of both sides (repeatable), see `monocoque options`");
    add_settings(app, "--frontend-option", to.frontend_settings, "of the frontend alone (repeatable)");
    add_settings(app, "--backend-option", to.backend_settings, "of the backend alone (repeatable)");
    add_watching(app, to.verbose, to.metrics);
    add_security(app, to.security);
    to.frontend_security.prefix = "frontend-";
    to.backend_security.prefix = "backend-";
    for (security_settings* const side : {&to.frontend_security, &to.backend_security})
      add_security(app, *side, named_in_help::no);
    app.footer(
        "Options of security are for both sides, and for what --capture names. With frontend- or\n"
        "backend- in front, such as --frontend-curve-server or --backend-server-key, they are for\n"
        "that side, in place of those for both.\n" +
        std::string(status_help));
    app.callback([this] {
      for (security_settings* const each :
           {&proxy_.security, &proxy_.frontend_security, &proxy_.backend_security})
        check_security(*each);
      refuse_inproc({&proxy_.frontend_binds, &proxy_.frontend_connects, &proxy_.backend_binds,
                     &proxy_.backend_connects, &proxy_.captures});
      if (proxy_.frontend_binds.empty() && proxy_.frontend_connects.empty()) {
        throw CLI::ValidationError("--frontend or --frontend-connect is needed");
      }
      if (proxy_.backend_binds.empty() && proxy_.backend_connects.empty()) {
        throw CLI::ValidationError("--backend or --backend-connect is needed");
      }
      chosen_ = proxy_;
    });
  }

  void add_monitor() {
    CLI::App& app = *app_.add_subcommand("monitor", "show how a peer answers, and send it heartbeats");
    app.footer(
        "Shows each step of the handshake and when it came, who the peer says it is, and then how\n"
        "long each heartbeat (PING and PONG of ZMTP 3.1) took there and back. It is a peer like any\n"
        "other: by itself it is one that takes no message from anybody else (REQ, SUB, PUSH or PUB, as\n"
        "the peer needs); --as says what to be, and what comes then is lost.\n" +
        std::string(status_help));
    monitor_command& to = monitor_;
    app.add_option("-c,--connect", to.endpoint, "the peer")->required()->type_name("ENDPOINT");
    add_number(app, "-n,--count", to.count, "stop after so many heartbeats; 0: after the handshake", "COUNT");
    add_number(app, "-i,--interval", to.interval_ms,
               "until the first heartbeat, and from one to the next; default 1000", "MS");
    add_number(app, "-t,--timeout", to.timeout_ms, "give up when no answer came for so long; default 10000",
               "MS");
    add_choice(app, "--as", to.as, socket_types, "the socket type to be: req, sub, push, ...", "TYPE");
    app.add_flag("-6,--ipv6", to.ipv6, "use IPv6 as well (by itself for an [IPv6 address])");
    add_security(app, to.security);
    app.callback([this] {
      unguard(monitor_.endpoint);
      check_security(monitor_.security);
      const option_list only{monitor_.endpoint};
      refuse_inproc({&only});
      if (monitor_.interval_ms < 1) throw CLI::ValidationError("--interval: at least 1 ms");
      chosen_ = monitor_;
    });
  }

  void add_options() {
    CLI::App& app = *app_.add_subcommand("options", "list the options of sockets, their defaults and ranges");
    add_choice(app, "type", options_.type, socket_types, "only those that this type of socket has", "TYPE");
    app.callback([this] { chosen_ = options_; });
  }

  void add_keygen() {
    CLI::App& app = *app_.add_subcommand("keygen", "make a pair of keys for CURVE");
    app.footer(
        "With --out it writes NAME.key, the public key, which the other side gets, and NAME.key_secret,\n"
        "which nobody else may read, and prints which files and the public key. Files that are there\n"
        "already stay, and it fails. Without --out it prints two lines: public-key = KEY and\n"
        "secret-key = KEY, 40 characters of Z85 each.\n" +
        std::string(status_help));
    keygen_command& to = keygen_;
    app.add_option("--out", to.out, "write NAME.key and NAME.key_secret")
        ->type_name("NAME")
        ->option_text("NAME");
    add_settings(app, "--metadata", to.metadata,
                 "a note in both files, which a server with --allow-keys reads (repeatable)");
    app.callback([this] {
      if (keygen_.out) unguard(*keygen_.out);
      unguard(keygen_.metadata);
      chosen_ = keygen_;
    });
  }

  void add_hash_password() {
    CLI::App& app = *app_.add_subcommand("hash-password", "make a line for a file of --passwords");
    app.footer(
        "Reads a password, the first line of standard input, from a terminal twice and without\n"
        "showing it, and prints USER:HASH, or without USER the hash.\n" +
        std::string(status_help));
    app.add_option("user", hash_password_.user, "the name that the password belongs to")->option_text(" ");
    add_choice(app, "--cost", hash_password_.cost, costs,
               "how much work a guess is: interactive (0.1 s, 64 MB; the default) or moderate\n"
               "(0.7 s, 256 MB)",
               "COST");
    app.callback([this] {
      if (hash_password_.user) unguard(*hash_password_.user);
      chosen_ = hash_password_;
    });
  }

  void add_run() {
    CLI::App& app = *app_.add_subcommand("run", "start a program written for libzmq on this library");
    app.footer(
        "Usage: monocoque run -- PROGRAM ARGUMENTS. The program finds our libzmq.so.5 before the\n"
        "system's: its folder is put in front in LD_LIBRARY_PATH, which programs with privileges\n"
        "of their own ignore.\n"
        "Exit status: the program's own; 127 there is no such program, 126 it cannot be run,\n"
        "1 our library is missing, 2 wrong usage.");
    app.add_option("program", run_.words, "the program, and its arguments")->required()->option_text(" ");
    app.callback([this] {
      unguard(run_.words);
      chosen_ = run_;
    });
  }

  void add_demo() {
    CLI::App& app = *app_.add_subcommand(
        "demo", "show all patterns between Monocoque and libzmq processes, and check them");
    demo_command& to = demo_;
    app.add_option("--seconds", to.seconds, "how long each of the ten scenes sends (default 2)")
        ->check(CLI::Range(0.05, 600.0))
        ->option_text("S");
    app.add_option("--only", to.only,
                   "only this scene (repeatable): broker, feed, pipeline, router or router-z")
        ->allow_extra_args(false)
        ->check(CLI::IsMember(scene_names()))
        ->option_text("SCENE");
    app.add_option("--via", to.transports, "only over this transport: tcp or ipc")
        ->allow_extra_args(false)
        ->check(CLI::IsMember({"tcp", "ipc"}))
        ->option_text("TRANSPORT");
    app.add_option("--python", to.python, "the Python that has pyzmq (default /usr/bin/python3)")
        ->option_text("PATH");
    app.add_option("--fault", to.fault, "make a peer alter, lose, repeat or reorder a message")
        ->check(CLI::IsMember({"alter", "lose", "repeat", "reorder"}))
        ->group("");  // for the tests: the demonstration must notice
    app.callback([this] { chosen_ = demo_; });

    CLI::App& peer = *app_.add_subcommand("demo-peer")->group("");
    peer.add_option("settings", peer_.settings);
    peer.callback([this] { chosen_ = peer_; });
  }

  CLI::App app_;
  socket_command socket_;
  proxy_command proxy_;
  monitor_command monitor_;
  options_command options_;
  keygen_command keygen_;
  hash_password_command hash_password_;
  run_command run_;
  demo_command demo_;
  demo_peer_command peer_;
  std::optional<any_command> chosen_;
};

}  // namespace

parsed_arguments parse_arguments(int argc, const char* const* argv) { return grammar().parse(argc, argv); }

}  // namespace tool
