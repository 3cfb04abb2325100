#pragma once

#include "core/base/json.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace pier::deploy {

/// What happens to a node, in increasing weight (facts: bundles 9).
enum class Action { undefined, skip, resize, update, update_id, create, recreate, remove };

/// "skip", "update_id", "delete" … as plans write it.
std::string_view to_string(Action action);
std::optional<Action> parse_action(std::string_view text);
/// "update" for update_id; what people read.
std::string_view verb(Action action);
std::string_view past_verb(Action action); ///< "created"

/// False when the id of the resource may be another one afterwards.
bool keeps_id(Action action);

/// One field that differs, and what that means.
struct FieldChange {
  Action action = Action::undefined;
  std::string reason;
  Json before; ///< as last deployed; null: not set
  Json after;  ///< as the bundle says
  Json remote; ///< as the workspace has it
};

using FieldChanges = std::map<std::string, FieldChange>; ///< by path

/// The heaviest action of all.
Action heaviest(const FieldChanges& changes);

/// True if any field other than these is to change.
bool changes_other_than(const FieldChanges& changes, std::initializer_list<std::string_view> fields);

} // namespace pier::deploy
