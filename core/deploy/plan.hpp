#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/deploy/action.hpp"
#include "core/deploy/graph.hpp"
#include "core/deploy/state.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pier::deploy {

/// What is to be done with one node, and why.
struct PlanEntry {
  std::vector<Dependency> depends_on;
  Action action = Action::undefined;
  bool gone = false; ///< to delete, but not there any more: only the state is cleaned
  Json desired;      ///< state to reach; may hold references that are known only after others are done
  Json remote;       ///< as the workspace told it; null: not there
  FieldChanges changes;
};

struct PlanCounts {
  std::size_t create = 0;
  std::size_t change = 0;
  std::size_t remove = 0;
  std::size_t unchanged = 0;
};

/// The actions that bring a target to what the bundle says. JSON as the official CLI writes it
/// (plan_version 2), so that a saved plan can be applied by either tool.
struct Plan {
  std::string lineage;
  std::int64_t serial = 0;
  std::string cli_version{};                ///< who made it; empty: this version
  std::map<std::string, PlanEntry> entries; ///< by "resources.jobs.x"
  std::size_t not_selected = 0;

  [[nodiscard]] Json to_json() const;
  /// The JSON with its members in the order of the official CLI, and a newline: people compare the texts.
  [[nodiscard]] std::string to_text() const;
  /// Strict: a member that plans do not have is an error, PIER2024.
  static Result<Plan> parse(std::string_view text);
  /// Error PIER2024.
  static Result<Plan> from_json(const Json& json);

  [[nodiscard]] PlanCounts counts() const;
  [[nodiscard]] bool is_noop() const;

  /// Keeps the named resources ("jobs.x"), their permissions and grants, and what they depend on.
  /// Error PIER2025 for a name that is not in the plan.
  Result<void> select(const std::vector<std::string>& names);

  /// Edges in the order of work: dependents after what they need, deletions the other way round.
  /// Error PIER2026 for an edge to a node that does not exist.
  [[nodiscard]] Result<Graph> graph() const;
};

/// The version of the official CLI whose plans and states these are.
std::string_view compatible_version();

/// "jobs.x" for "resources.jobs.x".
std::string short_key(std::string_view key);

} // namespace pier::deploy
