#include "demo/display.hpp"

#include "output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

namespace tool::demo {
namespace {

constexpr std::size_t default_width = 120;
constexpr std::size_t title_width = 8;
constexpr std::size_t peers_width = 15;

void write_out(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EPIPE) throw output_gone();
    if (written < 0 && errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "standard output");
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::uint64_t rate(std::uint64_t messages, double seconds) {
  return seconds > 0 ? static_cast<std::uint64_t>(std::llround(static_cast<double>(messages) / seconds)) : 0;
}

std::string name_of(const scene& which, std::string_view transport) {
  return fmt::format("{:<{}}  {:<{}}  {:<3}", which.title, title_width, which.peers, peers_width, transport);
}

}  // namespace

display::display() : terminal_(::isatty(STDOUT_FILENO) == 1) {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing changes the environment
    return value != nullptr ? std::string_view(value) : std::string_view();
  };
  colour_ = terminal_ && set("NO_COLOR").empty();
  if (set("TERM") == "dumb") terminal_ = colour_ = false;
}

std::size_t display::width() const {
  winsize size{};
  const bool known = terminal_ && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : default_width;
}

std::string display::coloured(std::string_view text, bool good) const {
  if (!colour_) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", good ? "32" : "1;31", text);
}

void display::line(std::string_view text) { write_out(std::string(text) + "\n"); }

// Without its end, so that the next one replaces it.
void display::redraw(std::string text) {
  text.resize(std::min(text.size(), width() - 1));
  write_out("\r\x1b[K" + text);
}

void display::start(const scene& which, std::string_view transport) {
  current_ = &which;
  transport_ = transport;
  if (terminal_) {
    redraw(fmt::format("{}  starting", name_of(which, transport)));
  } else {
    line(fmt::format("{}  {}", name_of(which, transport), which.sockets));
  }
}

void display::progress(std::uint64_t messages, double seconds) {
  if (!terminal_ || current_ == nullptr || messages == 0) return;
  redraw(fmt::format("{}  {:>10} messages  {:>8}/s  {:.1f} s", name_of(*current_, transport_),
                     grouped(messages), grouped(rate(messages, seconds)), seconds));
}

void display::finish(const scene_result& result) {
  const bool good = result.findings.empty();
  std::string text = fmt::format("{}  {:>10} messages  {:>8}/s  ", name_of(*current_, transport_),
                                 grouped(result.messages), grouped(rate(result.messages, result.seconds)));
  if (terminal_) write_out("\r\x1b[K");
  line(text + coloured(good ? "verified" : "FAILED", good));
  for (const std::string& finding : result.findings) line("  " + finding);
  rows_.push_back({current_, transport_, result});
  std::ranges::sort(rows_.back().result.round_trips);
  current_ = nullptr;
}

void display::abandon() {
  if (terminal_ && current_ != nullptr) write_out("\r\x1b[K");
  current_ = nullptr;
}

void display::table() {
  std::size_t sockets_width = 7;
  for (const row& one : rows_) {
    sockets_width = std::max(sockets_width, std::string_view(one.which->sockets).size());
  }
  constexpr std::size_t other_columns = 67;  // what the lines below take without peers and sockets
  const bool narrow = width() < other_columns + peers_width + sockets_width;
  const auto write_row = [&](std::string_view title, std::string_view sockets, std::string_view peers,
                             std::string_view transport, std::string_view messages,
                             std::string_view per_second, std::string_view p50, std::string_view p99,
                             std::string_view verdict) {
    std::string text = fmt::format("{:<{}}  ", title, title_width);
    if (!narrow) text += fmt::format("{:<{}}  ", sockets, sockets_width);
    line(text + fmt::format("{:<{}}  {:<3}  {:>9}  {:>9}  {:>7}  {:>7}  {}", peers, peers_width, transport,
                            messages, per_second, p50, p99, verdict));
  };
  line("");
  write_row("pattern", "sockets", "peers", "via", "messages", "rate", "p50", "p99", "verified");
  for (const row& one : rows_) {
    const bool good = one.result.findings.empty();
    write_row(one.which->title, one.which->sockets, one.which->peers, one.transport,
              grouped(one.result.messages), grouped(rate(one.result.messages, one.result.seconds)) + "/s",
              quantile(one.result.round_trips, 0.5), quantile(one.result.round_trips, 0.99),
              coloured(good ? "yes" : "NO", good));
  }
  line("");
  line("M: a Monocoque process, Z: a libzmq process; p50, p99: round trip.");
}

std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t place = digits.size(); place > 3;) digits.insert(place -= 3, ",");
  return digits;
}

std::string quantile(const std::vector<std::uint32_t>& sorted, double share) {
  if (sorted.empty()) return "-";
  const auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
  const std::uint32_t value = sorted[index];
  return value < 1000 ? fmt::format("{} us", value) : fmt::format("{:.3g} ms", value / 1000.0);
}

}  // namespace tool::demo
