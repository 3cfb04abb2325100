#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pier::deploy {

/// Directed graph of nodes that have to be worked on in order.
class Graph {
 public:
  void add_node(const std::string& node);
  /// `before` has to be done before `after`; the label says why ("${resources.jobs.a.id}").
  void add_edge(const std::string& before, const std::string& after, std::string label);

  /// "cycle detected: B refers to A via ${…} which refers to B via ${…}", or nothing.
  [[nodiscard]] std::optional<std::string> describe_cycle() const;

  /// Calls `work` for every node, up to `workers` at a time, each after all nodes before it. When one
  /// before it failed (returned false), `failed` names the first culprit; the node is called all the same.
  /// Needs a graph without cycles.
  void run(std::size_t workers,
           const std::function<bool(const std::string& node, const std::string* failed)>& work) const;

  /// What comes after it, directly.
  [[nodiscard]] std::vector<std::string> dependents(const std::string& node) const;

 private:
  struct Edge {
    std::string after;
    std::string label;
  };

  std::map<std::string, std::vector<Edge>> edges_;
  std::vector<std::string> order_;
};

} // namespace pier::deploy
