#include "io/thread_settings.hpp"

#include <cerrno>
#include <cstddef>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

namespace monocoque::io {
namespace {

constexpr int least_niceness = -20;

result<void> outcome_of(int errno_value, const char* what) {
  if (errno_value == 0) return {};
  return error::from_errno(errno_value).with_detail(what);
}

result<void> set_policy(const thread_settings& settings) {
  if (!settings.policy && !settings.priority) return {};
  int policy = 0;
  sched_param parameters{};
  if (const int failed = ::pthread_getschedparam(::pthread_self(), &policy, &parameters); failed != 0)
    return outcome_of(failed, "thread_policy");
  policy = settings.policy.value_or(policy);
  const bool has_priorities = policy == SCHED_FIFO || policy == SCHED_RR;
  if (!has_priorities) {
    parameters.sched_priority = 0;  // there is no other
  } else if (settings.priority) {
    parameters.sched_priority = *settings.priority;
  }
  const int refused = ::pthread_setschedparam(::pthread_self(), policy, &parameters);
  if (refused != 0) return outcome_of(refused, "thread_policy and thread_priority");
  if (has_priorities || settings.priority.value_or(0) == 0) return {};
  // On Linux niceness is a thread's, and 0 stands for the calling one.
  return outcome_of(::setpriority(PRIO_PROCESS, 0, least_niceness) == 0 ? 0 : errno, "thread_priority");
}

result<void> set_processors(const std::vector<unsigned>& processors) {
  if (processors.empty()) return {};
  cpu_set_t chosen;
  CPU_ZERO(&chosen);
  for (const unsigned each : processors) {
    if (each >= CPU_SETSIZE) return outcome_of(EINVAL, "thread_processors");
    CPU_SET(each, &chosen);
  }
  return outcome_of(::pthread_setaffinity_np(::pthread_self(), sizeof chosen, &chosen), "thread_processors");
}

}  // namespace

result<void> apply_to_this_thread(const thread_settings& settings) {
  // A name is for people who debug: without it everything works all the same.
  if (!settings.name.empty())
    (void)::pthread_setname_np(::pthread_self(), settings.name.substr(0, longest_thread_name).c_str());
  if (result<void> set = set_policy(settings); !set) return set;
  return set_processors(settings.processors);
}

}  // namespace monocoque::io
