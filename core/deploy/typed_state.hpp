#pragma once

#include "core/base/json.hpp"
#include "core/deploy/field_path.hpp"
#include "core/model/field_table.hpp"

#include <optional>
#include <string>

namespace pier::deploy {

/// The fields of the kind's states where they are those of databricks.yml; not so for "jobs.permissions",
/// "secret_scopes".
std::optional<model::Field> shape_of(const std::string& kind);

/// A state as the structures of the REST API hold it (facts: bundles 9): what is null says nothing; a
/// required field that is missing has its zero value ("", 0, false, null for lists and maps, a structure of zero
/// values); an optional zero that its structure does not remember says nothing.
/// Without a shape it only loses its nulls.
Json typed_state(const std::optional<model::Field>& shape, Json state);

/// As it is written and sent: optional lists and maps without content go too.
Json written_state(const std::optional<model::Field>& shape, Json state);

/// The part of a state at `path`, as it is written.
Json written_at(const std::optional<model::Field>& shape, const FieldPath& path, Json value);

/// A typed value at `path` that says nothing: null, "", 0, false, [], {} and structures that have only what they must
/// have, with zero values. In what was `read` from a state a written zero counts where the structure keeps zeros.
bool says_nothing(const std::optional<model::Field>& shape, const FieldPath& path, const Json& value,
                  bool read = false);

} // namespace pier::deploy
