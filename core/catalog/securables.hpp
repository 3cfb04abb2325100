#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::catalog {

enum class SecurableType { metastore, catalog, schema, table, volume, function, external_location };

/// "schema" ↔ SecurableType::schema, as in REST paths.
std::string_view to_string(SecurableType type);
Result<SecurableType> parse_securable_type(std::string_view text);

struct Securable {
  SecurableType type = SecurableType::catalog;
  std::string full_name; ///< "main.gold.delays"
};

/// What every securable has. `details` holds the members of its type as the REST API names them: a volume's
/// volume_type, a function's function_info, a catalog's catalog_type and options, a location's url.
struct SecurableInfo {
  SecurableType type = SecurableType::catalog;
  std::string id; ///< UUID
  std::string full_name;
  std::string name;
  std::string owner;
  std::optional<std::string> comment; ///< absent unless it was given (no-drift rule)
  Json properties;                    ///< object, or null unless given
  Json details;                       ///< object
  std::string storage_location;       ///< absolute folder; empty for what has none
  std::int64_t created_at = 0;        ///< epoch milliseconds
  std::string created_by;
  std::int64_t updated_at = 0;
  std::string updated_by;

  [[nodiscard]] std::string catalog_name() const; ///< first part of the full name
  [[nodiscard]] std::string schema_name() const;  ///< second part, empty for a catalog
};

struct NewSecurable {
  SecurableType type = SecurableType::schema;
  std::string parent; ///< full name of the container; empty below the metastore
  std::string name;
  std::optional<std::string> comment;
  Json properties;
  Json details;
  std::string storage_location; ///< only for external ones
};

/// Absent members stay as they are.
struct SecurableUpdate {
  std::optional<std::string> new_name;
  std::optional<std::string> owner;
  std::optional<std::string> comment;
  std::optional<Json> properties;
  std::optional<Json> details; ///< merged member by member
};

/// A privilege somebody holds, and the container it comes from when it was not granted here.
struct EffectivePrivilege {
  std::string privilege;
  std::optional<Securable> inherited_from;
};

struct EffectiveGrant {
  std::string principal;
  std::vector<EffectivePrivilege> privileges;
};

} // namespace pier::catalog
