// What single operations of the public API cost.
#include <monocoque/monocoque.hpp>

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace mq = monocoque;

std::vector<std::byte> payload(std::size_t size) { return std::vector<std::byte>(size, std::byte{'x'}); }

void sizes(benchmark::internal::Benchmark* bench) {
  bench->Arg(16)->Arg(64)->Arg(72)->Arg(1024)->Arg(16'384);
}

void message_make_and_destroy(benchmark::State& state) {
  const auto source = payload(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    mq::message made{std::span(source)};
    benchmark::DoNotOptimize(made);
  }
}
BENCHMARK(message_make_and_destroy)->Apply(sizes);

void message_copy_and_destroy(benchmark::State& state) {
  const auto source = payload(static_cast<std::size_t>(state.range(0)));
  const mq::message original{std::span(source)};
  for (auto _ : state) {
    mq::message copy = original;
    benchmark::DoNotOptimize(copy);
  }
}
BENCHMARK(message_copy_and_destroy)->Apply(sizes);

void message_move(benchmark::State& state) {
  mq::message here{"hello"};
  for (auto _ : state) {
    mq::message there = std::move(here);
    benchmark::DoNotOptimize(there);
    here = std::move(there);
  }
}
BENCHMARK(message_move);

void message_of_three_frames(benchmark::State& state) {
  for (auto _ : state) {
    mq::message made = mq::message::of({"one", "two", "three"});
    benchmark::DoNotOptimize(made);
  }
}
BENCHMARK(message_of_three_frames);

void bytes_adopt(benchmark::State& state) {
  const auto source = payload(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    mq::bytes made = mq::bytes::adopt(std::span(source), [](void*, void*) {}, nullptr);
    benchmark::DoNotOptimize(made);
  }
}
BENCHMARK(bytes_adopt)->Arg(16'384);

mq::task<> nothing() { co_return; }

/// From a thread of the application to the sleeping I/O thread and back: two wake-ups.
void wake_up_there_and_back(benchmark::State& state) {
  mq::context context;
  for (auto _ : state) context.run(nothing());
}
BENCHMARK(wake_up_there_and_back)->UseRealTime();

void task_spawn_and_join(benchmark::State& state) {
  mq::context context{mq::inline_loop};
  for (auto _ : state) context.run(nothing());
}
BENCHMARK(task_spawn_and_join);

mq::task<> sleep_nothing() { co_await mq::sleep_for(std::chrono::nanoseconds(1)); }

/// A timer that is due at once, through the whole loop.
void timer_through_the_loop(benchmark::State& state) {
  mq::context context{mq::inline_loop};
  for (auto _ : state) context.run(sleep_nothing());
}
BENCHMARK(timer_through_the_loop);

}  // namespace

BENCHMARK_MAIN();
