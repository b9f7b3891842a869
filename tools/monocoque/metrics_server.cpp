#include "metrics_server.hpp"

#include "exit_status.hpp"

#include <monocoque/prometheus.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace tool {
namespace {

using clock = std::chrono::steady_clock;

struct place {
  std::string host, port;
};

place parse_address(const std::string& address) {
  const auto colon = address.rfind(':');
  place where{colon == std::string::npos ? "127.0.0.1" : address.substr(0, colon),
              colon == std::string::npos ? address : address.substr(colon + 1)};
  if (where.host.starts_with('[') && where.host.ends_with(']')) {
    where.host = where.host.substr(1, where.host.size() - 2);
  } else if (where.host.find(':') != std::string::npos) {
    throw wrong_usage(fmt::format("--metrics {}: an IPv6 address stands in brackets", address));
  }
  const bool digits = !where.port.empty() && where.port.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || where.host.empty() || where.port.size() > 5 || std::stoul(where.port) > 65535) {
    throw wrong_usage(fmt::format("--metrics {}: not PORT, HOST:PORT, [IPv6]:PORT or *:PORT",
                                  address.empty() ? "''" : address));
  }
  return where;
}

[[noreturn]] void fail(const std::string& address, int reason) {
  throw std::system_error(reason, std::generic_category(), "--metrics " + address);
}

int listen_on(const addrinfo& found) {
  const int fd = ::socket(found.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd, found.ai_addr, found.ai_addrlen) == 0 && ::listen(fd, SOMAXCONN) == 0) return fd;
  const int reason = errno;
  ::close(fd);
  errno = reason;
  return -1;
}

int listen_at(const std::string& address) {
  const place where = parse_address(address);
  addrinfo wanted{};
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  const int failed =
      ::getaddrinfo(where.host == "*" ? nullptr : where.host.c_str(), where.port.c_str(), &wanted, &first);
  if (failed != 0) throw wrong_usage(fmt::format("--metrics {}: {}", address, ::gai_strerror(failed)));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(first, &::freeaddrinfo);
  for (const addrinfo* each = first; each != nullptr; each = each->ai_next) {
    if (const int fd = listen_on(*each); fd >= 0) return fd;
  }
  fail(address, errno);
}

std::string url_of(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  auto* const name = reinterpret_cast<sockaddr*>(&bound);
  if (::getsockname(fd, name, &size) != 0 || ::getnameinfo(name, size, host.data(), host.size(), port.data(),
                                                           port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "http://?/metrics";
  const char* const form = bound.ss_family == AF_INET6 ? "http://[{}]:{}/metrics" : "http://{}:{}/metrics";
  return fmt::format(fmt::runtime(form), host.data(), port.data());
}

std::string response(std::string_view status, std::string_view type, std::string_view body, bool with_body) {
  std::string text =
      fmt::format("HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n", status,
                  type, body.size());
  if (status.starts_with("405")) text += "Allow: GET, HEAD\r\n";
  text += "\r\n";
  if (with_body) text += body;
  return text;
}

std::string refusal(std::string_view status) {
  return response(status, "text/plain", fmt::format("{}\n", status), true);
}

struct request_line {
  std::string_view method, path;
};

std::optional<request_line> parse_request(std::string_view request) {
  const std::string_view line = request.substr(0, request.find('\n'));
  const auto first = line.find(' ');
  const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos || !line.substr(second + 1).starts_with("HTTP/1."))
    return std::nullopt;
  const std::string_view target = line.substr(first + 1, second - first - 1);
  return request_line{line.substr(0, first), target.substr(0, target.find('?'))};
}

bool is_complete(std::string_view request) {
  return request.find("\r\n\r\n") != std::string_view::npos || request.find("\n\n") != std::string_view::npos;
}

}  // namespace

metrics_server::metrics_server(const std::string& address, std::function<std::string()> text)
    : text_(std::move(text)), listening_(listen_at(address)) {
  url_ = url_of(listening_);
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_ < 0) {
    const int reason = errno;
    ::close(listening_);
    fail(address, reason);
  }
  thread_ = std::thread([this] { serve(); });
}

metrics_server::~metrics_server() {
  (void)eventfd_write(wake_, 1);
  thread_.join();
  for (const client& each : clients_) ::close(each.fd);
  ::close(listening_);
  ::close(wake_);
}

void metrics_server::serve() noexcept {
  while (!ending_) {
    try {
      wait_and_work();
    } catch (const std::exception&) {
      // Out of memory over an answer: whoever asked for it goes without.
      for (const client& each : clients_) ::close(each.fd);
      clients_.clear();
    }
  }
}

/// Until the first client's time is up, in milliseconds.
int metrics_server::wait_time() const {
  if (clients_.empty()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(clients_.front().deadline - clock::now());
  return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
}

void metrics_server::wait_and_work() {
  std::vector<pollfd> watched{{wake_, POLLIN, 0}, {listening_, POLLIN, 0}};
  for (const client& each : clients_) {
    watched.push_back({each.fd, static_cast<short>(each.answered ? POLLOUT : POLLIN), 0});
  }
  if (::poll(watched.data(), watched.size(), wait_time()) < 0) return;
  ending_ = watched[0].revents != 0;
  const auto now = clock::now();
  std::size_t index = 2;
  for (auto each = clients_.begin(); each != clients_.end(); ++index) {
    const bool stays = now < each->deadline && (watched[index].revents == 0 || work(*each));
    if (!stays) ::close(each->fd);
    each = stays ? std::next(each) : clients_.erase(each);
  }
  if (watched[1].revents != 0) accept_one();
}

void metrics_server::accept_one() {
  const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    // Without a descriptor to spare the connection stays in the backlog, and poll would not wait.
    constexpr int pause_ms = 100;
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
      pollfd end{wake_, POLLIN, 0};
      ::poll(&end, 1, pause_ms);
    }
    return;
  }
  if (clients_.size() == max_clients) {
    ::close(clients_.front().fd);
    clients_.pop_front();
  }
  clients_.push_back({fd, clock::now() + time_limit});
}

bool metrics_server::work(client& with) { return with.answered ? write_to(with) : read_from(with); }

bool metrics_server::read_from(client& with) {
  std::array<char, max_request> buffer;
  const ssize_t size = ::recv(with.fd, buffer.data(), max_request - with.request.size(), 0);
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  if (size == 0) return false;
  with.request.append(buffer.data(), static_cast<std::size_t>(size));
  if (is_complete(with.request)) {
    with.answer = answer_to(with.request);
  } else if (with.request.size() == max_request) {
    with.answer = refusal("431 Request Header Fields Too Large");
  } else {
    return true;
  }
  with.answered = true;
  return write_to(with);
}

bool metrics_server::write_to(client& with) {
  const ssize_t size = ::send(with.fd, with.answer.data(), with.answer.size(), MSG_NOSIGNAL);
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  with.answer.erase(0, static_cast<std::size_t>(size));
  if (!with.answer.empty()) return true;
  ::shutdown(with.fd, SHUT_WR);
  return false;
}

std::string metrics_server::answer_to(std::string_view request) const {
  const auto asked = parse_request(request);
  if (!asked) return refusal("400 Bad Request");
  if (asked->method != "GET" && asked->method != "HEAD") return refusal("405 Method Not Allowed");
  if (asked->path != "/metrics") return refusal("404 Not Found");
  return response("200 OK", monocoque::prometheus_media_type, text_(), asked->method == "GET");
}

}  // namespace tool
