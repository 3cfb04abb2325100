#include "core/deploy/graph.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace pier::deploy {
namespace {

struct Frame {
  std::string node;
  std::string label; ///< of the edge that led here
  std::size_t next = 0;
};

std::string describe(const std::vector<Frame>& stack, std::size_t begin, const std::string& closing) {
  const auto& first = stack[begin].node;
  if (begin + 1 == stack.size()) {
    return "cycle detected: " + first + " refers to itself via " + closing;
  }
  std::string text;
  for (std::size_t i = begin + 1; i < stack.size(); ++i) {
    text += (text.empty() ? "" : " ") + stack[i].node + " refers to " + stack[i - 1].node + " via " + stack[i].label;
  }
  return "cycle detected: " + text + " which refers to " + stack.back().node + " via " + closing;
}

} // namespace

void Graph::add_node(const std::string& node) {
  if (edges_.try_emplace(node).second) {
    order_.push_back(node);
  }
}

void Graph::add_edge(const std::string& before, const std::string& after, std::string label) {
  add_node(before);
  add_node(after);
  edges_[before].push_back({after, std::move(label)});
}

std::vector<std::string> Graph::dependents(const std::string& node) const {
  std::vector<std::string> nodes;
  if (const auto it = edges_.find(node); it != edges_.end()) {
    for (const auto& edge : it->second) {
      nodes.push_back(edge.after);
    }
  }
  return nodes;
}

std::optional<std::string> Graph::describe_cycle() const {
  enum class Colour { white, grey, black };
  std::map<std::string, Colour> colour;
  for (const auto& root : order_) {
    if (colour[root] != Colour::white) {
      continue;
    }
    std::vector<Frame> stack = {Frame{root, {}, 0}};
    colour[root] = Colour::grey;
    while (!stack.empty()) {
      const auto& outgoing = edges_.at(stack.back().node);
      if (stack.back().next == outgoing.size()) {
        colour[stack.back().node] = Colour::black;
        stack.pop_back();
        continue;
      }
      const auto& edge = outgoing[stack.back().next++];
      if (colour[edge.after] == Colour::white) {
        colour[edge.after] = Colour::grey;
        stack.push_back({edge.after, edge.label, 0});
      } else if (colour[edge.after] == Colour::grey) {
        const auto begin =
            std::find_if(stack.begin(), stack.end(), [&](const Frame& frame) { return frame.node == edge.after; });
        return describe(stack, static_cast<std::size_t>(begin - stack.begin()), edge.label);
      }
    }
  }
  return std::nullopt;
}

void Graph::run(std::size_t workers,
                const std::function<bool(const std::string& node, const std::string* failed)>& work) const {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, std::size_t> waiting_for;
  std::map<std::string, std::string> culprit;
  std::deque<std::string> ready;
  std::size_t remaining = order_.size();
  for (const auto& [node, outgoing] : edges_) {
    waiting_for.try_emplace(node, 0);
    for (const auto& edge : outgoing) {
      ++waiting_for[edge.after];
    }
  }
  for (const auto& node : order_) {
    if (waiting_for[node] == 0) {
      ready.push_back(node);
    }
  }
  const auto loop = [&] {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return !ready.empty() || remaining == 0; });
      if (remaining == 0) {
        return;
      }
      const auto node = std::move(ready.front());
      ready.pop_front();
      const auto failed = culprit.find(node);
      const std::string* cause = failed == culprit.end() ? nullptr : &failed->second;
      lock.unlock();
      const bool worked = work(node, cause);
      lock.lock();
      for (const auto& edge : edges_.at(node)) {
        if (!worked) {
          culprit.try_emplace(edge.after, cause == nullptr ? node : *cause);
        }
        if (--waiting_for[edge.after] == 0) {
          ready.push_back(edge.after);
        }
      }
      --remaining;
      changed.notify_all();
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < std::min(std::max<std::size_t>(workers, 1), order_.size()); ++i) {
    threads.emplace_back(loop);
  }
  loop(); // this thread works too
}

} // namespace pier::deploy
