#include "tests/faults/numbered.hpp"

#include <functional>
#include <random>
#include <stdexcept>

namespace monocoque::test {
namespace {

/// Mostly small; now and then one that the library does not copy on its way out.
std::size_t size_of(std::uint64_t draw) {
  if (draw % 16 == 0) return 8 * 1024 + draw / 16 % (16 * 1024);
  return draw / 16 % 600;
}

std::string body_of(const numbered& what) {
  std::minstd_rand random(static_cast<unsigned>(std::hash<std::string>{}(what.maker) ^ what.number) | 1U);
  std::string body(size_of(random()), '\0');
  // A short run that repeats: enough to tell bodies apart, and cheap under a sanitizer.
  const std::string run = what.maker + ":" + std::to_string(what.number) + ";";
  for (std::size_t at = 0; at < body.size(); at += run.size())
    body.replace(at, run.size(), run, 0, body.size() - at);
  return body;
}

}  // namespace

frames write(const numbered& what) { return {what.maker, std::to_string(what.number), body_of(what)}; }

numbered read(const frames& from) {
  if (from.size() < 3) throw std::runtime_error("a message of " + std::to_string(from.size()) + " frames");
  const std::string& number = from[from.size() - 2];
  if (number.empty() || number.size() > 19 || number.find_first_not_of("0123456789") != std::string::npos) {
    throw std::runtime_error("not a number: '" + number + "'");
  }
  numbered what{from[from.size() - 3], std::stoull(number)};
  if (from.back() != body_of(what)) {
    throw std::runtime_error("the body of message " + number + " of " + what.maker +
                             " is not its own: " + std::to_string(from.back().size()) + " bytes");
  }
  return what;
}

}  // namespace monocoque::test
