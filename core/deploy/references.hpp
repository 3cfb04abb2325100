#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/deploy/field_path.hpp"
#include "core/deploy/kind.hpp"
#include "core/deploy/state.hpp"
#include "core/model/resource_key.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pier::deploy {

/// A text in a state that holds `${resources.…}`.
struct ReferenceText {
  FieldPath place;
  std::string text;
};

std::vector<ReferenceText> find_reference_texts(const Json& state);

/// Edges of a state, sorted, each once.
std::vector<Dependency> find_dependencies(const Json& state);

/// "resources.schemas.s.grants[0].principal" → node "resources.schemas.s.grants", field "[0].principal". The field
/// has the name that the bundle knows, also when the text has Terraform's.
struct ReferenceTarget {
  model::ResourceKey node;
  FieldPath field;
};

std::optional<ReferenceTarget> parse_target(const std::string& path);

/// Looks up one reference; nothing: not known yet, leave it.
using Lookup = std::function<Result<std::optional<Json>>(const ReferenceTarget& target, const std::string& path)>;

/// Replaces the references that `lookup` knows. A text that is one reference takes the value as it is
/// (as a number for fields that are numbers; null: the field is not set), others take it as text. Error PIER2023
/// naming the reference.
Result<void> resolve_references(Json& state, const Kind& kind, const Lookup& lookup);

} // namespace pier::deploy
