#include "rivals/frames.hpp"
#include "rivals/makers.hpp"

#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace bench {

namespace {

/// What encrypting or decrypting alone takes, over and over the same payload, in the processor's caches.
class bare_crypto final : public rival {
 public:
  explicit bare_crypto(std::string name) : rival(std::move(name)) {}

  bool plays(const traffic& what) const override { return what.curve && !what.round_trip; }
  bool works_alone() const override { return true; }

  void send(const duty& mine) override {
    message_box box = box_of(mine);
    std::vector<std::byte> body(body_size(mine.what, mine.what.size));
    for (;;) {
      box.seal(body.data(), mine.what.size, false);
      mine.mine.messages.add(1);
    }
  }
  void receive(const duty& mine) override {
    std::vector<std::byte> body(body_size(mine.what, mine.what.size));
    message_box(*mine.what.curve, !mine.binds, mine.what.size).seal(body.data(), mine.what.size, false);
    message_box box = box_of(mine);
    for (;;) {
      if (box.open(body).payload.size() != mine.what.size) mine.mine.wrong.add(1);
      mine.mine.messages.add(1);
    }
  }
  void publish(const duty& mine) override { send(mine); }
  void subscribe(const duty& mine) override { receive(mine); }
  void ask(const duty& /*mine*/) override { no_role(); }
  void answer(const duty& /*mine*/) override { no_role(); }
  void exchange(const duty& /*sending*/, const duty& /*receiving*/) override { no_role(); }

 private:
  [[noreturn]] static void no_role() { throw std::logic_error("bare crypto has no such role"); }
};

}  // namespace

std::unique_ptr<rival> make_crypto(std::string name) {
  return std::make_unique<bare_crypto>(std::move(name));
}

}  // namespace bench
