#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pier::model {

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
