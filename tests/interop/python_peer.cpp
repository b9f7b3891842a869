#include "tests/interop/zmq_peer.hpp"

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace monocoque::test {
namespace {

constexpr char digits[] = "0123456789abcdef";

/// As hexadecimal, with a mark in front so that an empty string is a word too.
std::string word(std::string_view text) {
  std::string out = "=";
  for (const char c : text) {
    const auto value = static_cast<unsigned char>(c);
    out += digits[value >> 4];
    out += digits[value & 15];
  }
  return out;
}

std::string unword(std::string_view text) {
  const auto value_of = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); i += 2) {
    out += static_cast<char>(value_of(text[i]) * 16 + value_of(text[i + 1]));
  }
  return out;
}

std::string lower(std::string_view name) {
  std::string out(name);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace

python_peer::python_peer(socket_type type) {
  int down[2], up[2];
  if (::pipe(down) != 0 || ::pipe(up) != 0) throw std::runtime_error("pipe");
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("fork");
  if (process_ == 0) {
    ::dup2(down[0], STDIN_FILENO);
    ::dup2(up[1], STDOUT_FILENO);
    for (const int fd : {down[0], down[1], up[0], up[1]}) ::close(fd);
    // The whole path as its name, too: Python looks for its modules from there.
    ::execl("/usr/bin/python3", "/usr/bin/python3", MONOCOQUE_TEST_DATA "/peer.py",
            lower(name_of(type)).c_str(), nullptr);
    ::_exit(127);
  }
  ::close(down[0]);
  ::close(up[1]);
  to_ = ::fdopen(down[1], "w");
  from_ = ::fdopen(up[0], "r");
}

python_peer::~python_peer() {
  std::fclose(to_);  // the end of its input ends it
  std::fclose(from_);
  ::waitpid(process_, nullptr, 0);
}

std::vector<std::string> python_peer::ask(const std::string& line) {
  std::fputs((line + "\n").c_str(), to_);
  std::fflush(to_);
  std::vector<std::string> words(1);
  for (;;) {
    const int c = std::fgetc(from_);
    if (c == EOF) throw std::runtime_error("peer.py is gone");
    if (c == '\n') break;
    if (c == ' ') {
      words.emplace_back();
    } else {
      words.back() += static_cast<char>(c);
    }
  }
  if (words.front() != "ok")
    throw std::runtime_error("peer.py: " + words.front() + " to: " + line.substr(0, 80));
  words.erase(words.begin());
  return words;
}

std::vector<std::string> python_peer::tell(std::string_view command, const std::vector<std::string>& words) {
  std::string line(command);
  for (const std::string& each : words) line += " " + word(each);
  std::vector<std::string> answered = ask(line);
  for (std::string& each : answered) each = unword(each);
  return answered;
}

void python_peer::set(std::string_view option, std::string_view value) {
  ask("set " + std::string(option) + " " + word(value));
}

void python_peer::secure(const security_mechanism& how) {
  if (const auto* const plain = std::get_if<plain_client>(&how)) {
    tell("plain_client", {plain->username, plain->password});
  } else if (std::holds_alternative<plain_server>(how)) {
    tell("plain_server");
  } else if (const auto* const client = std::get_if<curve_client>(&how)) {
    tell("curve_client",
         {client->server.z85(), client->keys.public_key.z85(), client->keys.secret_key.z85()});
  } else if (const auto* const server = std::get_if<curve_server>(&how)) {
    tell("curve_server", {server->keys.public_key.z85(), server->keys.secret_key.z85()});
  }
}

std::string python_peer::bind(const std::string& endpoint) { return tell("bind", {endpoint}).at(0); }
void python_peer::connect(const std::string& endpoint) { tell("connect", {endpoint}); }
void python_peer::subscribe(const std::string& topic) { tell("subscribe", {topic}); }
void python_peer::send(const frames& message) { tell("send", message); }
frames python_peer::receive() { return tell("receive"); }

}  // namespace monocoque::test
