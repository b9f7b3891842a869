#include "measure/crew.hpp"

#include "measure/allocations.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <optional>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace bench {

namespace {

bool pin_all = false;

/// Process number `index` of a crew, and the threads it will start.
void pin_this_process(std::size_t index) {
  const auto cores = static_cast<std::size_t>(sysconf(_SC_NPROCESSORS_ONLN));
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(index == 0 || cores < 2 ? 0U : 1 + (index - 1) % (cores - 1), &only);
  if (sched_setaffinity(0, sizeof only, &only) != 0) throw std::runtime_error("cannot be pinned to a core");
}

[[noreturn]] void be_child(pid_t parent, process_board& mine, std::optional<std::size_t> pinned_as,
                           const std::function<void(process_board&)>& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGPIPE, SIG_IGN);
  while (!mine.released) std::this_thread::sleep_for(std::chrono::microseconds(100));
  count_allocations(mine);
  try {
    if (pinned_as) pin_this_process(*pinned_as);
    work(mine);
    mine.fail("ended by itself");
  } catch (const std::exception& problem) {
    mine.fail(problem.what());
  }
  _exit(1);
}

std::string ending_of(int status) {
  if (WIFSIGNALED(status)) return std::string("killed by ") + strsignal(WTERMSIG(status));
  return "exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

crew::crew(board& shared, bool count_system_calls)
    : shared_(shared), count_system_calls_(count_system_calls), pinned_(pin_all) {}

void crew::pin_processes(bool yes) { pin_all = yes; }

crew::~crew() {
  for (const member& each : members_) {
    if (each.id > 0) kill(each.id, SIGKILL);
  }
  for (const member& each : members_) {
    while (each.id > 0 && waitpid(each.id, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

process_board& crew::start(std::string name, const std::function<void(process_board&)>& work) {
  if (members_.size() == board::max_processes) throw cell_failure("too many processes");
  process_board& mine = shared_.processes.at(members_.size());
  members_.reserve(board::max_processes);
  const pid_t parent = getpid();
  const pid_t id = fork();
  if (id < 0) throw cell_failure(std::string("fork: ") + std::strerror(errno));
  if (id == 0) be_child(parent, mine, pinned_ ? std::optional(members_.size()) : std::nullopt, work);
  members_.push_back({std::move(name), id, &mine, nullptr});
  members_.back().meter = std::make_unique<usage_meter>(id, mine, count_system_calls_);
  mine.released = true;
  return mine;
}

void crew::check() {
  for (member& each : members_) {
    int status = 0;
    if (each.id > 0 && waitpid(each.id, &status, WNOHANG) == each.id) {
      each.id = 0;
      throw cell_failure(each.name + ": " +
                         (each.mine->failed ? each.mine->reason.data() : ending_of(status)));
    }
  }
}

void crew::wait_until(const std::string& what, milliseconds limit, const std::function<bool()>& done) {
  const auto deadline = steady_clock::now() + limit;
  while (!done()) {
    check();
    if (steady_clock::now() >= deadline) {
      throw cell_failure(what + ": nothing after " + std::to_string(limit.count()) + " ms");
    }
    std::this_thread::sleep_for(milliseconds(1));
  }
}

void crew::wait_for(milliseconds duration) {
  const auto end = steady_clock::now() + duration;
  for (;;) {
    const auto left = end - steady_clock::now();
    if (left.count() <= 0) break;
    std::this_thread::sleep_for(std::min<steady_clock::duration>(left, milliseconds(50)));
    check();
  }
}

usage crew::used(std::size_t index) const { return members_.at(index).meter->now(); }

}  // namespace bench
