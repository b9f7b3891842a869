#include "capi/error_numbers.hpp"
#include "io/signals.hpp"

#include <zmq.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <thread>

using monocoque::capi::fail;
using monocoque::capi::guard;

namespace {

using counter = std::atomic<int>;
using stopwatch = std::chrono::steady_clock::time_point;

/// Does `step` with the object of a handle; -1 and EFAULT if there is none.
template <class Object, class Step>
auto with(void* handle, Step step) noexcept {
  auto* const object = static_cast<Object*>(handle);
  using answer = decltype(step(*object));
  return object != nullptr ? step(*object) : fail(EFAULT, static_cast<answer>(-1));
}

}  // namespace

void* zmq_atomic_counter_new() {
  return guard<void*>(nullptr, [] { return new counter(0); });
}
void zmq_atomic_counter_set(void* handle, int value) {
  with<counter>(handle, [=](counter& c) { return c = value; });
}
int zmq_atomic_counter_inc(void* handle) {
  return with<counter>(handle, [](counter& c) { return c++; });
}
int zmq_atomic_counter_dec(void* handle) {
  return with<counter>(handle, [](counter& c) { return --c != 0 ? 1 : 0; });
}
int zmq_atomic_counter_value(void* handle) {
  return with<counter>(handle, [](const counter& c) { return c.load(); });
}
void zmq_atomic_counter_destroy(void** handle) {
  if (handle == nullptr) return;
  delete static_cast<counter*>(*handle);
  *handle = nullptr;
}

void* zmq_stopwatch_start() {
  return guard<void*>(nullptr, [] { return new stopwatch(std::chrono::steady_clock::now()); });
}
unsigned long zmq_stopwatch_intermediate(void* handle) {
  return with<stopwatch>(handle, [](const stopwatch& start) {
    const auto elapsed = std::chrono::steady_clock::now() - start;
    return static_cast<unsigned long>(std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count());
  });
}
unsigned long zmq_stopwatch_stop(void* handle) {
  const auto elapsed = zmq_stopwatch_intermediate(handle);
  delete static_cast<stopwatch*>(handle);
  return elapsed;
}

// A signal ends it, as it does libzmq's.
void zmq_sleep(int seconds) {
  const std::timespec time{.tv_sec = seconds, .tv_nsec = 0};
  nanosleep(&time, nullptr);
}

// Signals are for the application's own threads, as with libzmq.
void* zmq_threadstart(zmq_thread_fn* func, void* arg) {
  return guard<void*>(nullptr, [=] {
    const monocoque::io::signals_blocked blocked;
    return new std::thread(func, arg);
  });
}
void zmq_threadclose(void* handle) {
  auto* const thread = static_cast<std::thread*>(handle);
  if (thread == nullptr) return;
  thread->join();
  delete thread;
}
