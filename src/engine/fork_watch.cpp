#include "engine/fork_watch.hpp"

#include "engine/context_core.hpp"

#include <mutex>
#include <pthread.h>
#include <utility>
#include <vector>

namespace monocoque::engine {
namespace {

struct known_contexts {
  std::mutex mutex;
  std::vector<std::weak_ptr<context_core>> all;
  std::vector<std::shared_ptr<context_core>> held;  // while a fork is under way
};

/// Never destroyed: a fork may come at any time.
known_contexts& known() {
  static known_contexts* const contexts = new known_contexts;
  return *contexts;
}

/// What the child would find half done otherwise: the lists of contexts and of their sockets.
void before_fork() {
  known_contexts& contexts = known();
  contexts.mutex.lock();
  for (const auto& each : contexts.all) {
    std::shared_ptr<context_core> context = each.lock();
    if (!context) continue;
    context->hold_for_fork();
    contexts.held.push_back(std::move(context));
  }
}

std::vector<std::shared_ptr<context_core>> let_go() {
  known_contexts& contexts = known();
  std::vector<std::shared_ptr<context_core>> held = std::move(contexts.held);
  contexts.held.clear();
  for (const auto& each : held) each->fork_is_over();
  contexts.mutex.unlock();
  return held;
}

void after_fork_in_parent() { static_cast<void>(let_go()); }

void after_fork_in_child() {
  known().all.clear();
  // They stay for as long as the child lives: their ends would wait for threads that are not here.
  static auto* const foreign = new std::vector<std::shared_ptr<context_core>>;
  for (auto& each : let_go()) {
    each->become_foreign();
    foreign->push_back(std::move(each));
  }
}

}  // namespace

void fork_watch::add(const std::shared_ptr<context_core>& joining) {
  known_contexts& contexts = known();
  const std::lock_guard lock(contexts.mutex);
  static const int registered = ::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
  static_cast<void>(registered);
  std::erase_if(contexts.all, [](const auto& each) { return each.expired(); });
  contexts.all.push_back(joining);
  contexts.held.reserve(contexts.all.size());  // since fork() cannot fail for us
}

}  // namespace monocoque::engine
