#include "demo/peer.hpp"

#include "demo/control.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace tool::demo {

peer::peer(std::string name, implementation made_with, const std::vector<std::string>& arguments)
    : name_(std::move(name) + (made_with == implementation::monocoque ? " (Monocoque)" : " (libzmq)")),
      process_(arguments) {}

// False at the end.
bool peer::read_into(std::string& buffer, int fd) {
  std::array<char, 16UL * 1024> chunk;
  for (;;) {
    const ssize_t count = ::read(fd, chunk.data(), chunk.size());
    if (count == 0) return false;
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    buffer.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

bool peer::read_reports() {
  if (ended_) return false;
  read_into(complaint_, process_.errors());
  ended_ = !read_into(pending_, process_.reports());
  std::size_t start = 0;
  for (std::size_t end = 0; (end = pending_.find('\n', start)) != std::string::npos; start = end + 1) {
    take(std::string_view(pending_).substr(start, end - start));
  }
  pending_.erase(0, start);
  return !ended_;
}

bool peer::wait_for_reports() {
  pollfd watched{process_.reports(), POLLIN, 0};
  ::poll(&watched, 1, -1);
  return read_reports();
}

void peer::take(std::string_view line) {
  const std::vector<std::string> words = split(line, ' ');
  const auto number = [&words](std::size_t index) { return std::stoull(words.at(index)); };
  if (words[0] == "ready") {
    ready = true;
    endpoints.assign(words.begin() + 1, words.end());
  } else if (words[0] == "present") {
    present = true;
  } else if (words[0] == "paused") {
    paused = true;
  } else if (words[0] == "progress") {
    progress = number(1);
  } else if (words[0] == "mark") {
    marks[static_cast<std::uint32_t>(number(1))] = static_cast<std::int64_t>(number(2));
  } else if (words[0] == "count") {
    counts[words.at(1)] = number(2);
  } else if (words[0] == "rtt") {
    for (std::size_t index = 1; index < words.size(); ++index) {
      round_trips.push_back(static_cast<std::uint32_t>(number(index)));
    }
  } else if (words[0] == "wrong" || words[0] == "failed") {
    findings.push_back(fmt::format("{}: {}", name_, line.substr(words[0].size() + 1)));
  } else if (words[0] == "done") {
    done = true;
  }
}

std::string peer::why_ended() {
  const int status = process_.join();
  std::string last = complaint_;
  while (!last.empty() && last.back() == '\n') last.pop_back();
  last.erase(0, last.rfind('\n') + 1);  // npos + 1 is 0: there is but one line
  if (last.empty()) return fmt::format("{} ended early with status {}", name_, status);
  return fmt::format("{} ended early with status {}: {}", name_, status, last);
}

std::uint64_t peer::counted(const std::string& what) const {
  const auto found = counts.find(what);
  return found != counts.end() ? found->second : 0;
}

}  // namespace tool::demo
