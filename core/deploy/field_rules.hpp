#pragma once

#include "core/deploy/action.hpp"
#include "core/deploy/field_path.hpp"
#include "core/deploy/value_diff.hpp"
#include "core/model/field_table.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pier::deploy {

/// Something that holds for a field and everything below it.
struct FieldRule {
  std::string field; ///< pattern; empty: every field
  std::string reason;
  std::vector<Json> values; ///< backend defaults only: the values that count; empty: any
};

/// How changes of the fields of one kind are dealt with (facts: bundles 9, "field decision").
struct FieldRules {
  std::optional<model::Field> shape;       ///< of the kind's states (`shape_of`)
  std::vector<FieldRule> recreate;         ///< cannot be changed in place
  std::vector<FieldRule> id_fields;        ///< make up the id: recreate on a local change, drift is spelling only
  std::vector<FieldRule> renamed_fields;   ///< make up the id and can be renamed: update_id
  std::vector<FieldRule> ignore_remote;    ///< drift does not count
  std::vector<FieldRule> ignore_local;     ///< cannot be changed through the API
  std::vector<FieldRule> backend_defaults; ///< the workspace fills in what was not set
  std::vector<FieldRule> trim_slash;       ///< the workspace drops slashes at the end
  std::vector<std::string> not_returned;   ///< fields that the workspace never tells
  /// Times and durations: the official engine cannot tell two of them apart and calls each "empty".
  std::vector<std::string> unseen;
};

/// The fields in which `desired` differs from what was deployed last or from the workspace, each with
/// its action. `remote` null: the resource is not there. `compatible`: changes of `unseen` fields do not count.
FieldChanges decide_changes(const FieldRules& rules, const KeyedLists& keyed, const Json& deployed, const Json& desired,
                            const Json& remote, bool compatible = false);

/// True if a change of this field makes the resource new.
bool makes_new(const FieldRules& rules, const FieldPath& path);

} // namespace pier::deploy
