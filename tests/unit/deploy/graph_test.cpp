#include "core/deploy/graph.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>

using pier::deploy::Graph;

TEST_CASE("graph: every node after those before it") {
  Graph graph;
  graph.add_edge("a", "b", "1");
  graph.add_edge("a", "c", "2");
  graph.add_edge("b", "d", "3");
  graph.add_edge("c", "d", "4");
  graph.add_node("alone");
  std::mutex mutex;
  std::vector<std::string> order;
  graph.run(4, [&](const std::string& node, const std::string*) {
    const std::lock_guard lock(mutex);
    order.push_back(node);
    return true;
  });
  REQUIRE(order.size() == 5);
  const auto place = [&](const std::string& node) {
    return std::find(order.begin(), order.end(), node) - order.begin();
  };
  CHECK(place("a") < place("b"));
  CHECK(place("a") < place("c"));
  CHECK(place("b") < place("d"));
  CHECK(place("c") < place("d"));
}

TEST_CASE("graph: a failure reaches all dependents with its cause, others go on") {
  Graph graph;
  graph.add_edge("a", "b", "");
  graph.add_edge("b", "c", "");
  graph.add_node("x");
  std::mutex mutex;
  std::map<std::string, std::string> causes;
  graph.run(2, [&](const std::string& node, const std::string* failed) {
    const std::lock_guard lock(mutex);
    causes[node] = failed == nullptr ? "" : *failed;
    return failed == nullptr && node != "a";
  });
  CHECK(causes == std::map<std::string, std::string>{{"a", ""}, {"b", "a"}, {"c", "a"}, {"x", ""}});
}

TEST_CASE("graph: never more at a time than allowed") {
  Graph graph;
  for (int i = 0; i < 50; ++i) {
    graph.add_node("n" + std::to_string(i));
  }
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  graph.run(3, [&](const std::string&, const std::string*) {
    const int now = ++running;
    int seen = most.load();
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
    --running;
    return true;
  });
  CHECK(most <= 3);
}

TEST_CASE("graph: circles are described with the references that make them") {
  Graph graph;
  graph.add_edge("resources.jobs.a", "resources.jobs.b", "${resources.jobs.a.id}");
  CHECK_FALSE(graph.describe_cycle());
  graph.add_edge("resources.jobs.b", "resources.jobs.a", "${resources.jobs.b.id}");
  CHECK(graph.describe_cycle() ==
        "cycle detected: resources.jobs.b refers to resources.jobs.a via ${resources.jobs.a.id} which refers to "
        "resources.jobs.b via ${resources.jobs.b.id}");
  Graph self;
  self.add_edge("x", "x", "${x.id}");
  CHECK(self.describe_cycle() == "cycle detected: x refers to itself via ${x.id}");
}
