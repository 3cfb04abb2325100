#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace pier::model {

/// The members of which an entry of an access list has one: who it is about.
inline constexpr std::array<std::string_view, 3> k_principal_fields = {"user_name", "service_principal_name",
                                                                       "group_name"};

enum class PrincipalKind { user, service_principal, group };

/// Somebody who may be granted something. `name` is what grants and ACLs use: a user's userName
/// (e-mail), a service principal's application id (UUID), a group's display name.
struct Principal {
  std::int64_t id = 0;
  PrincipalKind kind = PrincipalKind::user;
  std::string name;
  std::string display_name;
  bool operator==(const Principal&) const = default;
};

/// "Ada.Lovelace+x@y.z" → "ada_lovelace_x": the part before @, lower case, other characters one `_`.
std::string short_name(std::string_view user_name);

} // namespace pier::model
