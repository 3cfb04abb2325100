#pragma once

#include "bundles/loading.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace pier::bundles {

/// Which references of which part of the configuration are resolved.
struct ResolveScope {
  enum class Part { all_but_resources, resources, lookups };

  Part part = Part::resources;
  std::vector<std::string_view> prefixes = {"bundle", "workspace", "variables"};
  /// Further limits what may be looked up; gets the path in steps. Unset: all.
  std::function<bool(std::string_view path)> allows;
};

/// Replaces `${…}` in the part by their values, round after round (a value may hold references again, a
/// reference may stand inside another), at most 11 rounds. What is outside the prefixes stays. Reports
/// unknown references (PIER1041), cycles (PIER1042) and what cannot be put into a text (PIER1043).
void resolve_references(Loading& loading, const ResolveScope& scope);

} // namespace pier::bundles
