#include "tests/faults/victim.hpp"

#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <stdexcept>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace monocoque::test {

victim::victim(const std::vector<std::string>& words) {
  int down[2], up[2];
  if (::pipe2(down, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  if (::pipe2(up, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, down[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, up[1], STDOUT_FILENO);
  std::string program = MONOCOQUE_TEST_PEER;
  std::vector<std::string> copies = words;
  std::vector<char*> arguments{program.data()};
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int failed = ::posix_spawn(&process_, program.c_str(), &files, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&files);
  ::close(down[0]);
  ::close(up[1]);
  input_ = down[1];
  output_ = up[0];
  if (failed != 0) {
    process_ = -1;
    kill();
    throw std::runtime_error("cannot run " + program);
  }
}

void victim::await_bound() const {
  char said[6];
  std::size_t size = 0;
  while (size < sizeof said) {
    const ssize_t more = ::read(output_, said + size, sizeof said - size);
    if (more <= 0) throw std::runtime_error("faults_peer ended before it had bound");
    size += static_cast<std::size_t>(more);
  }
  if (std::string_view(said, size) != "bound\n") throw std::runtime_error("faults_peer said something else");
}

void victim::kill() noexcept {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }
  for (int* fd : {&input_, &output_}) {
    if (*fd >= 0) ::close(*fd);
    *fd = -1;
  }
}

}  // namespace monocoque::test
