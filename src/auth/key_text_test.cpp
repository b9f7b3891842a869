#include "auth/key_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace monocoque::auth {
namespace {

// The pair of libzmq's manual, zmq_curve(7).
constexpr std::string_view server_public = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
constexpr std::string_view server_secret = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";

curve_keypair known_pair() {
  return {curve_public_key::from_z85(server_public), curve_secret_key::from_z85(server_secret)};
}

std::string curve_section(std::string_view lines) { return "curve\n" + std::string(lines); }
std::string public_line() { return "    public-key = \"" + std::string(server_public) + "\"\n"; }
std::string secret_line() { return "    secret-key = \"" + std::string(server_secret) + "\"\n"; }

key_file must_read(const std::string& text, key_half wanted = key_half::public_half) {
  auto found = read_key_text(text, wanted);
  EXPECT_TRUE(found.has_value()) << found.error().message();
  return found ? *found : key_file{};
}

std::string complaint(const std::string& text, key_half wanted = key_half::public_half) {
  const auto found = read_key_text(text, wanted);
  if (found) return "none";
  EXPECT_EQ(found.error(), errc::invalid_argument);
  return std::string(found.error().detail());
}

TEST(key_text, what_pyzmq_writes_is_read) {
  const std::string text =
      "#   ****  Generated on 2026-11-28 10:00:00.123456 by pyzmq  ****\n"
      "#   ZeroMQ CURVE **Secret** Certificate\n"
      "#   DO NOT PROVIDE THIS FILE TO OTHER USERS nor change its permissions.\n\n"
      "metadata\n    name = Joe O'Neill \n    floor = 3 # the third\n    none = # at all\n" +
      curve_section(public_line() + secret_line());
  const key_file found = must_read(text, key_half::secret_half);
  EXPECT_EQ(found.public_key.z85(), server_public);
  EXPECT_EQ(found.secret_key.z85(), server_secret);
  EXPECT_EQ(found.metadata,
            (std::map<std::string, std::string>{{"name", "Joe O'Neill"}, {"floor", "3"}, {"none", ""}}));
}

TEST(key_text, what_czmq_writes_is_read) {
  const key_file found = must_read(
      "#   ZeroMQ CURVE Public Certificate\n\nmetadata\n    email = \"joe@example.com\"\n    of = 'the "
      "\"lab\"'\n" +
      curve_section(public_line()));
  EXPECT_EQ(found.public_key.z85(), server_public);
  EXPECT_TRUE(found.secret_key.empty());
  EXPECT_EQ(found.metadata.at("email"), "joe@example.com");
  EXPECT_EQ(found.metadata.at("of"), "the \"lab\"");
}

TEST(key_text, quotes_may_be_left_out_and_a_key_may_contain_the_comment_sign) {
  const std::string z85 = curve_public_key(must_read(std::string(server_public)).public_key).z85();
  EXPECT_EQ(must_read(curve_section("  public-key=" + z85)).public_key.z85(), server_public);
  EXPECT_EQ(must_read(curve_section("\tpublic-key = '" + z85 + "' # ours\r\n")).public_key.z85(),
            server_public);
  const std::string with_sign = z85.substr(0, 18) + "##" + z85.substr(20);
  EXPECT_EQ(must_read(curve_section("    public-key = " + with_sign + " # ours")).public_key.z85(),
            with_sign);
}

TEST(key_text, nothing_but_a_key_is_enough) {
  EXPECT_EQ(must_read(" " + std::string(server_public) + "\r\n").public_key.z85(), server_public);
  EXPECT_EQ(complaint("111111111111111111111111111111111111111\""), "character 40 is no Z85");
  EXPECT_EQ(complaint(std::string(40, '0')), "32 zeros are no key");
}

TEST(key_text, other_sections_and_names_are_passed_over) {
  const key_file found =
      must_read("version = 1\nother\n    deep\n        deeper = \"1\"\n" + curve_section(public_line()) +
                "    cipher = salsa\nlast\n    public-key = nonsense\n");
  EXPECT_EQ(found.public_key.z85(), server_public);
}

TEST(key_text, what_makes_no_sense_is_refused_with_its_line) {
  const std::string text = "# first\n" + curve_section(public_line());
  EXPECT_EQ(complaint(""), "there is no `public-key` below a section `curve`");
  EXPECT_EQ(complaint(text, key_half::secret_half), "there is no `secret-key` below a section `curve`");
  EXPECT_EQ(complaint(text + public_line()), "line 4: a key of this name for the second time");
  EXPECT_EQ(complaint(text + "      secret-key = 1"),
            "line 4: indented otherwise than the section's first value");
  EXPECT_EQ(complaint(text + "???"), "line 4: neither a section nor `name = \"value\"`");
  EXPECT_EQ(complaint(text + "public-key = 1"),
            "line 4: `public-key` belongs below the section `curve`, indented");
  EXPECT_EQ(complaint("    public-key = 1\n"), "line 1: indented, but below no section");
  EXPECT_EQ(complaint("curve = 1"), "line 1: `curve` is a section, without a value");
  EXPECT_EQ(complaint("curve\n  public-key = \"1"), "line 2: the closing quote is missing");
  EXPECT_EQ(complaint("curve\n  public-key = '1'2"), "line 2: stray text behind the closing quote");
  EXPECT_EQ(complaint("curve\n  public-key = 12"), "line 2: a key has 40 characters of Z85, not 2");
  EXPECT_EQ(complaint("curve\n  public-key"), "line 2: a key has 40 characters of Z85, not 0");
  EXPECT_EQ(complaint(curve_section("  public-key = " + std::string(40, '0'))),
            "line 2: 32 zeros are no key");
  EXPECT_EQ(complaint("metadata\n  a = 1\n  a = 2"), "line 3: `a` for the second time");
  EXPECT_EQ(complaint(std::string("curve\n\n\0", 8)), "line 3: a control character");
}

TEST(key_text, no_complaint_shows_a_secret) {
  for (const std::string_view pattern :
       {"    secret-key = \"@~\"", "    secret-key = \"@\" x", "  @", "@~"}) {
    std::string line(pattern);
    line.replace(line.find('@'), 1, server_secret);
    const std::string said = complaint(curve_section(public_line()).append(line), key_half::secret_half);
    EXPECT_NE(said, "none") << pattern;
    for (std::size_t i = 0; i + 5 <= server_secret.size(); ++i)
      EXPECT_EQ(said.find(server_secret.substr(i, 5)), std::string::npos) << said;
  }
}

TEST(key_text, what_is_written_is_read) {
  const std::map<std::string, std::string> metadata{
      {"name", "Joe O'Neill"}, {"a.b", " \"x\" # "}, {"empty", ""}, {"utf-8", "\xc3\xa4"}};
  const auto secret_text = write_key_text(known_pair(), key_half::secret_half, metadata);
  ASSERT_TRUE(secret_text.has_value());
  const key_file both = must_read(*secret_text, key_half::secret_half);
  EXPECT_EQ(both.public_key.z85(), server_public);
  EXPECT_EQ(both.secret_key.z85(), server_secret);
  EXPECT_EQ(both.metadata, metadata);

  const auto public_text = write_key_text(known_pair(), key_half::public_half, metadata);
  ASSERT_TRUE(public_text.has_value());
  EXPECT_EQ(public_text->find("secret-key"), std::string::npos);
  EXPECT_EQ(public_text->find(server_secret), std::string::npos);
  EXPECT_EQ(must_read(*public_text).metadata, metadata);
}

TEST(key_text, metadata_that_would_not_be_read_again_is_refused) {
  const auto said = [](const std::string& name, const std::string& value) {
    const auto text = write_key_text(known_pair(), key_half::public_half, {{name, value}});
    return text ? "none" : std::string(text.error().detail());
  };
  EXPECT_EQ(said("", "x"), "metadata ``: a name has letters, digits and $-_@.&+/ only");
  EXPECT_EQ(said("a b", "x"), "metadata `a b`: a name has letters, digits and $-_@.&+/ only");
  EXPECT_EQ(said("a", "x\ny"), "metadata `a`: a value has no control characters");
  EXPECT_EQ(said("a", "'\""), "metadata `a`: a value has quotes of one kind only");
}

}  // namespace
}  // namespace monocoque::auth
