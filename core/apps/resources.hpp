#pragma once

#include "core/apps/apps.hpp"

#include <map>
#include <optional>
#include <string>

namespace pier::apps {

/// What the resources of an app are worth to it at start.
struct ResolvedResources {
  std::map<std::string, std::string, std::less<>> values; ///< by resource key: what valueFrom gives
  std::optional<DatabaseBinding> database;                ///< of the first database or postgres entry
};

/// The entry's kind ("sql_warehouse") and its settings; error invalid_argument when it has not exactly one.
struct ResourceEntry {
  std::string key;
  std::string kind;
  Json settings;
};

Result<std::vector<ResourceEntry>> parse_resources(const Json& config);

/// Values for valueFrom (facts: apps-runtime 1.3). Binds databases on the way (idempotent).
Result<ResolvedResources> resolve_resources(const Rooms& rooms, const identity::Caller& caller,
                                            const model::Principal& service_principal, const Json& config);

/// Gives the service principal the permission of each entry. The caller must be allowed to.
Result<void> grant_resources(const Rooms& rooms, const identity::Caller& caller,
                             const model::Principal& service_principal, const Json& config);

/// Takes away what entries granted that are in `before` but no longer in `after`.
Result<void> revoke_resources(const Rooms& rooms, const identity::Caller& caller,
                              const model::Principal& service_principal, const Json& before, const Json& after);

} // namespace pier::apps
