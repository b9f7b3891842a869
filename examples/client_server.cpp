// A SERVER that answers its CLIENTs in an order of its own: what came last is answered first. It knows each
// by a number, which is in the first frame of what it receives and sends.

#include <monocoque/monocoque.hpp>

#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace mq = monocoque;

namespace {

void ask(mq::context& ctx, const std::string& endpoint, const std::string& question) {
  mq::client client{ctx};
  client.connect(endpoint);
  client.send(question);
  const mq::message answer = client.receive();
  if (answer.view() != "about " + question) std::cerr << "that is another's: " << answer.view() << '\n';
}

}  // namespace

int main() {
  mq::context ctx;
  mq::server server{ctx};
  server.bind("tcp://127.0.0.1:0");

  const std::vector<std::string> questions{"weather", "trains", "news"};
  std::vector<std::jthread> clients;
  clients.reserve(questions.size());
  for (const std::string& question : questions) {
    clients.emplace_back(
        [&ctx, endpoint = server.last_endpoint(), question] { ask(ctx, endpoint, question); });
  }
  std::vector<mq::message> requests;
  while (requests.size() < clients.size()) requests.push_back(server.receive());
  for (; !requests.empty(); requests.pop_back()) {
    const mq::message& last = requests.back();
    server.send({last[0], "about " + last[1].str()});
    std::cout << "answered about " << last[1].view() << '\n';
  }
}
