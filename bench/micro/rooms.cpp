// What single operations inside the rooms cost.
#include "base/wire.hpp"
#include "io/timer_heap.hpp"
#include "pattern/subscription_index.hpp"
#include "zmtp/frame_decoder.hpp"
#include "zmtp/frame_scan.hpp"

#include <monocoque/bytes.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <variant>
#include <vector>

namespace {

using namespace monocoque;

constexpr std::size_t buffer_size = 64UL * 1024;

void sizes(benchmark::internal::Benchmark* bench) { bench->Arg(16)->Arg(64)->Arg(256)->Arg(1024); }

/// Whole frames of one size, back to back, that fill a slab.
std::vector<std::byte> frames_of(std::size_t size) {
  std::vector<std::byte> bytes;
  const std::vector<std::byte> payload(size, std::byte{'x'});
  while (bytes.size() + size + base::wire::max_header_size <= buffer_size) {
    std::array<std::byte, base::wire::max_header_size> header{};
    const std::size_t used = base::wire::put_header(header.data(), size, 0);
    bytes.insert(bytes.end(), header.begin(), header.begin() + static_cast<std::ptrdiff_t>(used));
    bytes.insert(bytes.end(), payload.begin(), payload.end());
  }
  return bytes;
}

void frame_encode(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const std::vector<std::byte> payload(size, std::byte{'x'});
  std::vector<std::byte> buffer(buffer_size);
  std::size_t used = 0;
  for (auto _ : state) {
    if (buffer.size() - used < size + base::wire::max_header_size) used = 0;
    std::byte* const at = buffer.data() + used;
    const std::size_t header = base::wire::put_header(at, size, 0);
    std::memcpy(at + header, payload.data(), size);
    benchmark::ClobberMemory();
    used += header + size;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(frame_encode)->Apply(sizes);

/// Finding the message boundaries of a whole slab; a message is an item.
void frame_scan(benchmark::State& state) {
  const auto slab = frames_of(static_cast<std::size_t>(state.range(0)));
  const zmtp::limits allowed;
  std::int64_t found = 0;
  for (auto _ : state) {
    const zmtp::message_run run = zmtp::find_messages(slab, UINT32_MAX, allowed);
    found += run.count;
  }
  state.SetItemsProcessed(found);
}
BENCHMARK(frame_scan)->Apply(sizes);

/// The same and each payload looked up, as the receiving side does.
void frame_decode(benchmark::State& state) {
  const auto slab = frames_of(static_cast<std::size_t>(state.range(0)));
  const bytes shared = bytes::copy(std::span(slab));
  std::int64_t found = 0;
  for (auto _ : state) {
    zmtp::frame_decoder decoder{zmtp::frame_rules{}};
    decoder.push(shared);
    const zmtp::decoded batch = decoder.next(UINT32_MAX);
    std::span<const std::byte> rest = std::get<zmtp::message_batch>(batch).data.span();
    while (!rest.empty()) {
      benchmark::DoNotOptimize(base::wire::next_frame(rest).payload.data());
      ++found;
    }
  }
  state.SetItemsProcessed(found);
}
BENCHMARK(frame_decode)->Apply(sizes);

std::array<std::byte, 20> topic(std::uint64_t index) {
  std::array<std::byte, 20> made{};
  made.fill(std::byte{'t'});
  std::memcpy(made.data() + 10, &index, sizeof index);
  return made;
}

/// Topics in use, in random order, by the number of subscriptions held.
void subscription_match(benchmark::State& state) {
  const auto held = static_cast<std::uint64_t>(state.range(0));
  pattern::subscription_index index(1);
  for (std::uint64_t i = 0; i < held; ++i) index.add(topic(i), static_cast<std::uint32_t>(i % 100));
  std::uint64_t number = 0;
  for (auto _ : state) {
    const auto message = topic((++number * 0x9E3779B97F4A7C15U >> 32U) % held);
    benchmark::DoNotOptimize(index.match(message).size());
  }
}
BENCHMARK(subscription_match)->Arg(1)->Arg(1000)->Arg(1'000'000);

struct alarm : io::timer {
  alarm() {
    fire = [](io::timer&) noexcept {};
  }
};

/// Moving one of so many timers, as a heartbeat does.
void timer_restart(benchmark::State& state) {
  std::vector<alarm> alarms(static_cast<std::size_t>(state.range(0)));
  io::timer_heap timers;
  std::uint64_t now = 1;
  const auto at = [](std::uint64_t time) { return io::time_point{std::chrono::nanoseconds(time)}; };
  for (alarm& each : alarms) timers.start(each, at(now++));
  for (auto _ : state) {
    timers.start(alarms[now % alarms.size()], at(now + alarms.size()));
    ++now;
  }
  for (alarm& each : alarms) timers.stop(each);
}
BENCHMARK(timer_restart)->Arg(1)->Arg(1000)->Arg(10'000);

}  // namespace

BENCHMARK_MAIN();
