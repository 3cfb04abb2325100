#pragma once

#include "bundles/loading.hpp"

namespace pier::bundles {

/// Gives the variables the values of `--var`.
void assign_command_line_variables(Loading& loading);

/// Gives every other variable its value: BUNDLE_VAR_x > lookup (left open) > variable-overrides.json >
/// default. PIER1040 for one that has none.
void assign_variables(Loading& loading);

/// Checks and, when the options allow, asks for the ids of `lookup` variables. Offline they stay open,
/// with a recommendation each.
void resolve_lookups(Loading& loading);

/// True while variable `name` waits for a lookup that nobody answered.
bool is_open_lookup(const Value& variable);

} // namespace pier::bundles
