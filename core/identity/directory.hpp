#pragma once

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/secret.hpp"
#include "core/model/principal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pier::identity {

inline constexpr std::string_view k_admins_group = "admins";         ///< manages the workspace
inline constexpr std::string_view k_users_group = "users";           ///< every user and service principal
inline constexpr std::string_view k_account_users = "account users"; ///< everybody, in grants of the catalog

/// A group that holds a principal, directly or through another group.
struct Membership {
  model::Principal group;
  bool direct = true;
  bool operator==(const Membership&) const = default;
};

/// A principal with all that the directory keeps about it.
struct PrincipalRecord {
  model::Principal principal;
  bool active = true;
  Json attributes; ///< SCIM members kept as sent: emails, name, entitlements, roles, externalId
  std::vector<Membership> groups;
  std::vector<model::Principal> members; ///< of a group; direct ones
};

/// What changes; absent members stay as they are.
struct PrincipalUpdate {
  std::optional<std::string> name; ///< user name or group name; never of a service principal
  std::optional<std::string> display_name;
  std::optional<bool> active;
  std::optional<Json> attributes;
};

/// A secret of a service principal, as lists show it: only its SHA-256 is kept.
struct ClientSecret {
  std::string id;
  Secret secret; ///< only when just made
  std::string hash;
  TimePoint created;
  std::optional<TimePoint> expires;
};

} // namespace pier::identity
