#pragma once

#include "core/base/json.hpp"

#include <string>

namespace pier::deploy {

/// A state of the kind as the structures of the REST API hold it (facts: bundles 9): what is null says nothing; a
/// required field that is missing has its zero value ("", 0, false, null for lists and maps, a structure of zero
/// values); an optional choice that is empty says nothing where a structure has nothing but choices.
/// Kinds without fields of their own ("jobs.permissions", "secret_scopes") only lose their nulls.
Json typed_state(const std::string& kind, Json state);

/// As it is written and sent: optional lists and maps without content go too.
Json written_state(const std::string& kind, Json state);

} // namespace pier::deploy
