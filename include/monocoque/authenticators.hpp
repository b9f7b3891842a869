#pragma once

#include <monocoque/authentication.hpp>
#include <monocoque/curve_keys.hpp>
#include <monocoque/result.hpp>

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)

namespace monocoque {

// Authenticators that are ready to be used: `.authenticate = key_directory("/etc/app/clients")`. Copies share
// what they know, so one may be given to many sockets. Thread-safe.

/// CURVE peers whose public keys are in a directory: every file `*.key` there holds one (see key_file.hpp).
///
/// The directory is watched: a key that is added is let in from then on, and one that is removed, or whose
/// file is, no more; peers that are connected with it are disconnected. The user id of a peer is its key's
/// file name without ".key", its metadata what the file's section `metadata` says. Files may be links. Peers
/// with other mechanisms than CURVE are denied.
///
/// What is wrong is passed over, and `problems` tells of it: a file that cannot be read or makes no sense,
/// one that others than its owner may write, one with the same key as another (the first by name counts), a
/// directory that is gone, and so are its keys, or to which everybody may write, which then has none.
///
/// Changes count once nothing more has happened for 0.1 s, so that no file is read half written. Those that
/// inotify does not tell of are found within 5 s: another directory in the place of this one by way of a
/// link, another file where a link leads, changes by another machine. Where inotify cannot be had (`problems`
/// says so) all are found within some seconds. After fork() the child process's verdict is `fail`.
class key_directory {
 public:
  /// Reads it and begins to watch it, with a thread that ends with the last copy. Throws
  /// monocoque::exception, the system's code, if it is no directory or cannot be read, or if everybody may
  /// write to it.
  explicit key_directory(std::string path);

  auth_verdict operator()(const auth_request& request) const;

  [[nodiscard]] std::size_t size() const;  ///< keys
  [[nodiscard]] bool contains(const curve_public_key& key) const;
  /// What is wrong now: `PATH: why`, one for each file, or for the directory itself.
  [[nodiscard]] std::vector<std::string> problems() const;
  /// Reads it again now, on this thread, whatever has been heard of it. Peers whose keys are gone are told on
  /// this thread as well.
  void reload() const;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

/// PLAIN peers whose names and passwords are in a file, one `NAME:HASH` a line, where HASH is what
/// `hash_password` makes (Argon2id of libsodium); empty lines and such that begin with # are passed over. The
/// user id of a peer is its name. An error is: a line without a hash or of more than 4 KB, a name that is
/// there twice, a file of more than 16 MB, one that others than its owner may write or that belongs to
/// somebody else than us or root.
///
/// The file is read again when it has changed, which is looked at before each verification, and which is also
/// heard of as by a key_directory; a peer whose line has gone or has changed is disconnected. Hashing takes a
/// while on purpose, so it is done on a thread of its own, one at a time; when `max_waiting` peers wait for
/// it others are told to come again (`unavailable`). An unknown name takes as long as a wrong password: as
/// long as one of the names that are there. After fork() the child process's verdict is `fail`.
class password_file {
 public:
  static constexpr std::size_t max_waiting = 64;

  /// Throws monocoque::exception: the system's code, errc::invalid_argument with the line, or
  /// errc::not_supported without libsodium. Its threads end with the last copy; peers that wait for an answer
  /// then get none (`fail`).
  explicit password_file(std::string path);

  void operator()(auth_request request, auth_answer answer) const;

  /// Why it could not be read again, and then what was read before counts; or that it cannot be watched, and
  /// is looked at now and then only. Empty: all is well.
  [[nodiscard]] std::string problem() const;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

/// How much work a guess is: `interactive` some 0.1 s and 64 MB, `moderate` some 0.7 s and 256 MB.
enum class password_cost : std::uint8_t { interactive, moderate };
/// What a password_file holds of a password: a text of Argon2id with its salt and costs, without ':'.
/// Throws monocoque::exception: errc::not_supported without libsodium, not_enough_memory.
[[nodiscard]] std::string hash_password(std::string_view password,
                                        password_cost cost = password_cost::interactive);
[[nodiscard]] result<std::string> hash_password(as_result_tag, std::string_view password,
                                                password_cost cost = password_cost::interactive);

/// Networks, as "10.0.0.0/8", "2001:db8::/32" or a single address. IPv4 addresses that come mapped into IPv6
/// count as IPv4, so "0.0.0.0/0" is all of IPv4, and "::/0" all else. A network of one link may name the
/// interface, "fe80::%eth0/64", which then is the only one that counts.
class address_list {
 public:
  /// Throws monocoque::exception, errc::invalid_argument with the text and the reason, for what is none:
  /// names, and networks with bits behind the prefix ("10.0.0.1/8").
  address_list(std::initializer_list<std::string_view> networks);
  explicit address_list(std::span<const std::string> networks);
  /// True for an address in one of them: "10.1.2.3", or an endpoint "tcp://10.1.2.3:4711". False for what is
  /// no address, as that of an ipc peer.
  [[nodiscard]] bool contains(std::string_view address) const noexcept;

 private:
  struct network;
  static std::shared_ptr<const std::vector<network>> parse(std::span<const std::string_view> texts);

  std::shared_ptr<const std::vector<network>> networks_;
};

// Both turn a peer away before `then` is asked. What they return has the form that `then` has (immediate if
// there is none), so that a `then` which takes its time may go on doing so.

/// Only from these networks; ipc peers, which have no address, too. `then` decides of those, or they are
/// allowed.
[[nodiscard]] authenticator allow_addresses(address_list networks, authenticator then = {});
/// Not from these networks, and not with an address that makes no sense. `then` decides of the others, ipc
/// peers among them, or they are allowed.
[[nodiscard]] authenticator deny_addresses(address_list networks, authenticator then = {});

}  // namespace monocoque

#pragma GCC visibility pop
