#include <monocoque/key_file.hpp>

#include "base/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace monocoque {
namespace {

namespace fs = std::filesystem;

class key_files : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return folder_.file(name); }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()));
  }
  void write(const std::string& name, const std::string& text, fs::perms mode = fs::perms{0600}) const {
    std::ofstream(path(name)) << text;
    fs::permissions(path(name), mode);
  }

  base::temporary_folder folder_;
  // The pair of libzmq's manual, zmq_curve(7).
  const curve_keypair keys_{curve_public_key::from_z85("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"),
                            curve_secret_key::from_z85("JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6")};
};

std::error_code system_code(std::errc code) { return std::make_error_code(code); }

fs::perms mode_of(const std::string& path) { return fs::status(path).permissions(); }

TEST_F(key_files, what_is_saved_is_loaded) {
  save_keypair(path("joe"), keys_, {{"name", "Joe"}});
  EXPECT_EQ(files(), 2U);
  const key_file secret = load_secret_key(path("joe.key_secret"));
  EXPECT_EQ(secret.public_key, keys_.public_key);
  EXPECT_EQ(secret.secret_key, keys_.secret_key);
  EXPECT_EQ(secret.metadata.at("name"), "Joe");
  const key_file open = load_public_key(path("joe.key"));
  EXPECT_EQ(open.public_key, keys_.public_key);
  EXPECT_EQ(open.metadata.at("name"), "Joe");
}

TEST_F(key_files, public_key_of_a_secret_file_comes_without_the_secret) {
  save_keypair(path("joe"), keys_);
  const key_file open = load_public_key(path("joe.key_secret"));
  EXPECT_EQ(open.public_key, keys_.public_key);
  EXPECT_TRUE(open.secret_key.empty());
  const auto none = load_secret_key(as_result, path("joe.key"));
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().detail(), "there is no `secret-key` below a section `curve`");  // nor a need of 0600
}

TEST_F(key_files, modes_are_exact_whatever_the_umask) {
  for (const mode_t mask : {mode_t{0}, mode_t{0777}}) {
    const mode_t before = ::umask(mask);
    const auto saved = save_keypair(as_result, path("m" + std::to_string(mask)), keys_);
    ::umask(before);
    ASSERT_TRUE(saved.has_value()) << saved.error().message();
    EXPECT_EQ(mode_of(path("m" + std::to_string(mask) + ".key")), fs::perms{0644});
    EXPECT_EQ(mode_of(path("m" + std::to_string(mask) + ".key_secret")), fs::perms{0600});
  }
}

TEST_F(key_files, a_file_that_is_there_stays_and_nothing_is_written) {
  for (const std::string name : {"joe.key", "joe.key_secret"}) {
    write(name, "mine");
    const auto saved = save_keypair(as_result, path("joe"), keys_);
    ASSERT_FALSE(saved.has_value());
    EXPECT_EQ(saved.error().code(), system_code(std::errc::file_exists));
    EXPECT_EQ(saved.error().message(), "write " + path(name) + ": file exists");
    EXPECT_EQ(files(), 1U);
    EXPECT_EQ(fs::file_size(path(name)), 4U);
    fs::remove(path(name));
  }
  fs::create_symlink("elsewhere", path("joe.key"));
  EXPECT_FALSE(save_keypair(as_result, path("joe"), keys_).has_value());
  EXPECT_EQ(files(), 1U);
}

TEST_F(key_files, a_name_that_cannot_be_written_is_refused) {
  const auto missing = save_keypair(as_result, path("no/joe"), keys_);
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().message(), "write " + path("no/joe") + ".key_secret: no such file or directory");
  for (const std::string& name : {std::string(), path("/"), path(std::string("a\0b", 3))})
    EXPECT_EQ(save_keypair(as_result, name, keys_).error(), errc::invalid_argument);
  EXPECT_EQ(save_keypair(as_result, path("joe"), {keys_.public_key, {}}).error(), errc::invalid_argument);
  EXPECT_EQ(save_keypair(as_result, path("joe"), keys_, {{"a b", ""}}).error(), errc::invalid_argument);
  const auto huge = save_keypair(as_result, path("joe"), keys_, {{"a", std::string(65536, 'x')}});
  EXPECT_EQ(huge.error(), errc::invalid_argument);
  EXPECT_EQ(files(), 0U);
  EXPECT_THROW(save_keypair(path("no/joe"), keys_), exception);
}

TEST_F(key_files, a_bare_key_is_taken) {
  write("joe.key", keys_.public_key.z85() + "\n");
  EXPECT_EQ(load_public_key(path("joe.key")).public_key, keys_.public_key);
}

TEST_F(key_files, errors_name_the_file_and_the_line) {
  write("bad.key", "curve\n    public-key = \"short\"\n");
  const auto bad = load_public_key(as_result, path("bad.key"));
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().message(),
            "read " + path("bad.key") + ": invalid argument (line 2: a key has 40 characters of Z85, not 5)");
  EXPECT_THROW((void)load_public_key(path("none.key")), exception);
  EXPECT_EQ(load_public_key(as_result, path("none.key")).error().code(),
            system_code(std::errc::no_such_file_or_directory));
  EXPECT_EQ(load_public_key(as_result, folder_.path()).error().code(),
            system_code(std::errc::is_a_directory));
  EXPECT_EQ(load_public_key(as_result, path(std::string("a\0b", 3))).error(), errc::invalid_argument);
}

TEST_F(key_files, what_is_no_file_is_refused_without_waiting_for_it) {
  ASSERT_EQ(::mkfifo(path("pipe.key").c_str(), 0600), 0);
  EXPECT_EQ(load_public_key(as_result, path("pipe.key")).error().detail(), "it is no regular file");
  EXPECT_EQ(load_public_key(as_result, "/dev/zero").error().detail(), "it is no regular file");
}

TEST_F(key_files, more_than_64_kilobytes_are_refused) {
  save_keypair(path("joe"), keys_);
  std::ofstream more(path("joe.key"), std::ios::app);
  const auto size = static_cast<std::size_t>(fs::file_size(path("joe.key")));
  more << '#' << std::string(65536 - size - 1, 'x') << std::flush;
  EXPECT_TRUE(load_public_key(as_result, path("joe.key")).has_value());
  more << 'x' << std::flush;
  EXPECT_EQ(load_public_key(as_result, path("joe.key")).error().code(),
            system_code(std::errc::file_too_large));
}

TEST_F(key_files, a_secret_that_others_may_read_or_write_is_refused) {
  save_keypair(path("joe"), keys_);
  const std::string secret = path("joe.key_secret");
  for (const unsigned mode : {0640U, 0604U, 0620U, 0602U, 0666U}) {
    fs::permissions(secret, fs::perms{mode});
    const auto refused = load_secret_key(as_result, secret);
    ASSERT_FALSE(refused.has_value()) << std::oct << mode;
    EXPECT_EQ(
        refused.error().message(),
        "read " + secret + ": permission denied (others than its owner may read or write it: chmod 600)");
    EXPECT_TRUE(load_public_key(as_result, secret).has_value());
  }
  for (const unsigned mode : {0600U, 0400U, 0700U}) {
    fs::permissions(secret, fs::perms{mode});
    EXPECT_TRUE(load_secret_key(as_result, secret).has_value()) << std::oct << mode;
  }
}

TEST_F(key_files, a_secret_of_somebody_else_is_refused) {
  constexpr uid_t somebody = 54321;
  save_keypair(path("joe"), keys_);
  if (::chown(path("joe.key_secret").c_str(), somebody, static_cast<gid_t>(-1)) != 0)
    GTEST_SKIP() << "only root may give files away";
  const auto refused = load_secret_key(as_result, path("joe.key_secret"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().detail(), "it belongs to somebody else");
}

}  // namespace
}  // namespace monocoque
