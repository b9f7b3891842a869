#include "auth/key_text.hpp"

#include "crypto/box.hpp"
#include "crypto/secret.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace monocoque::auth {
namespace {

constexpr std::string_view blanks = " \t";
constexpr std::string_view white_space = " \t\r\n";
constexpr std::string_view metadata_section = "metadata";
constexpr std::string_view curve_section = "curve";
constexpr std::string_view public_name = "public-key";
constexpr std::string_view secret_name = "secret-key";

error refuse(std::string detail) { return error(errc::invalid_argument).with_detail(std::move(detail)); }

std::string_view trim(std::string_view text, std::string_view what = blanks) noexcept {
  const std::size_t first = text.find_first_not_of(what);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(what) - first + 1);
}

bool is_control(char c) noexcept { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

bool is_name(std::string_view text) noexcept {
  constexpr std::string_view others = "$-_@.&+/";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           others.find(c) != std::string_view::npos;
  });
}

/// Nothing but a key, without a name: a single word as long as one.
bool is_bare_key(std::string_view text) noexcept {
  return text.size() == curve_public_key::z85_size &&
         text.find_first_of(white_space) == std::string_view::npos;
}

/// `name = value`, or a name alone.
struct assignment {
  std::string_view name;
  std::string_view value{};
  bool has_value = false;
};

/// What stands behind `=`; a comment behind it is left out.
result<std::string_view> read_value(std::string_view text) {
  if (text.empty()) return text;
  const char quote = text.front();
  if (quote != '"' && quote != '\'') {
    // Z85 has #, though not as the first of five characters.
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '#' && (i == 0 || blanks.find(text[i - 1]) != std::string_view::npos))
        return trim(text.substr(0, i));
    }
    return text;
  }
  const std::size_t end = text.find(quote, 1);
  if (end == std::string_view::npos) return refuse("the closing quote is missing");
  const std::string_view rest = trim(text.substr(end + 1));
  if (!rest.empty() && rest.front() != '#') return refuse("stray text behind the closing quote");
  return text.substr(1, end - 1);
}

result<assignment> read_assignment(std::string_view text) {
  const std::size_t end = text.find_first_of("=#");
  assignment read{.name = trim(text.substr(0, end))};
  if (end != std::string_view::npos && text[end] == '=') {
    auto value = read_value(trim(text.substr(end + 1)));
    if (!value) return std::move(value).error();
    read.value = *value;
    read.has_value = true;
  }
  if (!is_name(read.name)) return refuse("neither a section nor `name = \"value\"`");
  return read;
}

template <class Key>
result<void> read_key(std::string_view text, Key& into) {
  auto key = Key::from_z85(as_result, text);
  if (!key) return std::move(key).error();
  if (key->empty()) return refuse("32 zeros are no key");
  into = *key;
  return {};
}

/// Reads a text line by line.
class key_reader {
 public:
  result<void> read(std::string_view text) {
    while (!text.empty()) {
      ++line_;
      const std::size_t end = text.find('\n');
      if (auto done = read_line(text.substr(0, end)); !done)
        return refuse("line " + std::to_string(line_) + ": " + std::string(done.error().detail()));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return {};
  }
  [[nodiscard]] key_file& found() noexcept { return found_; }

 private:
  result<void> read_line(std::string_view line);
  result<void> enter_section(const assignment& read);
  result<void> take(const assignment& read);
  template <class Key>
  result<void> take_key(std::string_view text, Key& into);

  key_file found_;
  std::size_t line_ = 0;  // counted from 1
  std::string section_{};
  std::size_t indentation_ = 0;  // of this section's values; 0: none was there yet
};

result<void> key_reader::read_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (std::ranges::any_of(line, is_control)) return refuse("a control character");
  const std::string_view text = trim(line);
  if (text.empty() || text.front() == '#') return {};
  const std::size_t indentation = line.find_first_not_of(blanks);
  const bool is_known = section_ == metadata_section || section_ == curve_section;
  if (indentation > 0 && !section_.empty() && !is_known) return {};
  const auto read = read_assignment(text);
  if (!read) return error(read.error());
  if (indentation == 0) return enter_section(*read);
  if (section_.empty()) return refuse("indented, but below no section");
  if (indentation_ == 0) indentation_ = indentation;
  if (indentation != indentation_) return refuse("indented otherwise than the section's first value");
  return take(*read);
}

result<void> key_reader::enter_section(const assignment& read) {
  const bool is_known = read.name == metadata_section || read.name == curve_section;
  if (read.has_value && is_known)
    return refuse("`" + std::string(read.name) + "` is a section, without a value");
  if (read.name == public_name || read.name == secret_name)
    return refuse("`" + std::string(read.name) + "` belongs below the section `curve`, indented");
  section_ = read.name;
  indentation_ = 0;
  return {};
}

result<void> key_reader::take(const assignment& read) {
  if (section_ == metadata_section) {
    if (!found_.metadata.try_emplace(std::string(read.name), read.value).second)
      return refuse("`" + std::string(read.name) + "` for the second time");
    return {};
  }
  if (read.name == public_name) return take_key(read.value, found_.public_key);
  if (read.name == secret_name) return take_key(read.value, found_.secret_key);
  return {};
}

template <class Key>
result<void> key_reader::take_key(std::string_view text, Key& into) {
  if (!into.empty()) return refuse("a key of this name for the second time");
  return read_key(text, into);
}

/// Computes the public key, or sees that it is the one that belongs to the secret one.
result<void> settle_public_key(key_file& found) {
  if (found.secret_key.empty() || (!found.public_key.empty() && !crypto::is_available())) return {};
  auto computed = crypto::public_key_of(found.secret_key);
  if (!computed) return std::move(computed).error();
  if (!found.public_key.empty() && found.public_key != *computed)
    return refuse("its public key is not the one that belongs to its secret key");
  found.public_key = *computed;
  return {};
}

result<std::string> quoted(const std::string& name, const std::string& value) {
  if (!is_name(name)) return refuse("metadata `" + name + "`: a name has letters, digits and $-_@.&+/ only");
  if (std::ranges::any_of(value, is_control))
    return refuse("metadata `" + name + "`: a value has no control characters");
  const char quote = value.find('"') == std::string::npos ? '"' : '\'';
  if (value.find(quote) != std::string::npos)
    return refuse("metadata `" + name + "`: a value has quotes of one kind only");
  return quote + value + quote;
}

}  // namespace

result<key_file> read_key_text(std::string_view text, key_half wanted) {
  const bool wants_secret = wanted == key_half::secret_half;
  const std::string_view word = trim(text, white_space);
  key_reader reader;
  key_file& found = reader.found();
  auto done = !is_bare_key(word) ? reader.read(text)
              : wants_secret     ? read_key(word, found.secret_key)
                                 : read_key(word, found.public_key);
  if (!done) return std::move(done).error();
  if (found.secret_key.empty() && (wants_secret || found.public_key.empty())) {
    return refuse(std::string("there is no `") + std::string(wants_secret ? secret_name : public_name) +
                  "` below a section `curve`");
  }
  if (auto settled = settle_public_key(found); !settled) return std::move(settled).error();
  return std::move(found);
}

result<std::string> write_key_text(const curve_keypair& keys, key_half most_secret,
                                   const std::map<std::string, std::string>& metadata) {
  const bool with_secret = most_secret == key_half::secret_half;
  std::string text = with_secret
                         ? "# A SECRET key of ZeroMQ's CURVE: nobody but its owner may read this file.\n"
                         : "# A public key of ZeroMQ's CURVE.\n";
  text.append("\n").append(metadata_section).append("\n");
  for (const auto& [name, value] : metadata) {
    auto written = quoted(name, value);
    if (!written) return std::move(written).error();
    text.append("    ").append(name).append(" = ").append(*written).append("\n");
  }
  const auto add_key = [&text](std::string_view name, std::string_view z85) {
    text.append("    ").append(name).append(" = \"").append(z85).append("\"\n");
  };
  text.append(curve_section).append("\n");
  add_key(public_name, keys.public_key.z85());
  if (!with_secret) return text;
  text.reserve(text.size() + 2 * curve_secret_key::z85_size);  // so that no copy stays behind
  std::string z85 = keys.secret_key.z85();
  add_key(secret_name, z85);
  crypto::wipe(z85);
  return text;
}

}  // namespace monocoque::auth
