#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <thread>

namespace tool {

/// Serves one text over HTTP/1.1 at /metrics, on a thread of its own, from the constructor to the destructor.
///
/// Whoever connects may be hostile: a request may have `max_request` bytes, an exchange `time_limit`, and
/// there are at most `max_clients` at a time, of which the oldest gives way to one more. One answer a
/// connection.
class metrics_server {
 public:
  static constexpr std::size_t max_request = 4096;
  static constexpr std::size_t max_clients = 16;
  static constexpr std::chrono::seconds time_limit{5};

  /// `address`: PORT (of this machine only), HOST:PORT, [IPv6]:PORT or *:PORT; port 0: a free one. `text` is
  /// called for each request, on the server's thread. Throws wrong_usage, std::system_error.
  metrics_server(const std::string& address, std::function<std::string()> text);
  ~metrics_server();
  metrics_server(const metrics_server&) = delete;
  metrics_server& operator=(const metrics_server&) = delete;

  /// "http://127.0.0.1:9100/metrics".
  [[nodiscard]] const std::string& url() const noexcept { return url_; }

 private:
  struct client {
    int fd;
    std::chrono::steady_clock::time_point deadline;
    std::string request{};
    std::string answer{};  // what is left of it
    bool answered = false;
  };

  void serve() noexcept;
  void wait_and_work();
  void accept_one();
  /// False: the client is done with.
  bool work(client& with);
  bool read_from(client& with);
  static bool write_to(client& with);
  [[nodiscard]] std::string answer_to(std::string_view request) const;
  [[nodiscard]] int wait_time() const;

  std::function<std::string()> text_;
  std::string url_;
  int listening_ = -1;
  int wake_ = -1;  // eventfd: the end
  bool ending_ = false;
  std::list<client> clients_;  // oldest first
  std::thread thread_;
};

}  // namespace tool
