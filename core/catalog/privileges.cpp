#include "core/catalog/privileges.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace pier::catalog {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 12> k_metastore = {
    "CREATE_CATALOG",    "CREATE_CONNECTION",         "CREATE_EXTERNAL_LOCATION", "CREATE_STORAGE_CREDENTIAL",
    "CREATE_SHARE",      "CREATE_SERVICE_CREDENTIAL", "CREATE_RECIPIENT",         "CREATE_PROVIDER",
    "CREATE_CLEAN_ROOM", "MANAGE_ALLOWLIST",          "USE_MARKETPLACE_ASSETS",   "SET_SHARE_PERMISSION",
};
// A catalog takes all of a schema's privileges, a schema all of its children's.
constexpr std::array<std::string_view, 22> k_catalog = {
    "USE_CATALOG",
    "CREATE_SCHEMA",
    "CREATE_FOREIGN_SECURABLE",
    "BROWSE",
    "USE_SCHEMA",
    "CREATE_TABLE",
    "CREATE_VIEW",
    "CREATE_MATERIALIZED_VIEW",
    "CREATE_VOLUME",
    "CREATE_FUNCTION",
    "CREATE_MODEL",
    "EXTERNAL_USE_SCHEMA",
    "SELECT",
    "MODIFY",
    "REFRESH",
    "READ_VOLUME",
    "WRITE_VOLUME",
    "EXECUTE",
    "CREATE_MODEL_VERSION",
    "APPLY_TAG",
    "MANAGE",
    "ALL_PRIVILEGES",
};
constexpr Names k_schema = Names(k_catalog).subspan(4);
constexpr std::array<std::string_view, 6> k_table = {"SELECT",    "MODIFY", "REFRESH",
                                                     "APPLY_TAG", "MANAGE", "ALL_PRIVILEGES"};
constexpr std::array<std::string_view, 5> k_volume = {"READ_VOLUME", "WRITE_VOLUME", "APPLY_TAG", "MANAGE",
                                                      "ALL_PRIVILEGES"};
constexpr std::array<std::string_view, 3> k_function = {"EXECUTE", "MANAGE", "ALL_PRIVILEGES"};
constexpr std::array<std::string_view, 10> k_location = {
    "READ_FILES", "WRITE_FILES", "CREATE_EXTERNAL_TABLE", "CREATE_EXTERNAL_VOLUME", "CREATE_MANAGED_STORAGE",
    "BROWSE",     "MANAGE",      "ALL_PRIVILEGES",        "EXTERNAL_USE_LOCATION",  "CREATE_FOREIGN_SECURABLE",
};

constexpr std::array k_types = {
    SecurableType::metastore, SecurableType::catalog,  SecurableType::schema,           SecurableType::table,
    SecurableType::volume,    SecurableType::function, SecurableType::external_location};

} // namespace

std::string_view to_string(SecurableType type) {
  switch (type) {
  case SecurableType::metastore: return "metastore";
  case SecurableType::catalog: return "catalog";
  case SecurableType::schema: return "schema";
  case SecurableType::table: return "table";
  case SecurableType::volume: return "volume";
  case SecurableType::function: return "function";
  case SecurableType::external_location: break;
  }
  return "external_location";
}

Result<SecurableType> parse_securable_type(std::string_view text) {
  const auto wanted = to_lower(text);
  const auto* const it =
      std::find_if(k_types.begin(), k_types.end(), [&](SecurableType type) { return to_string(type) == wanted; });
  if (it == k_types.end()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "'" + std::string(text) + "' is no type of securables"};
  }
  return *it;
}

std::span<const std::string_view> privileges_of(SecurableType type) {
  switch (type) {
  case SecurableType::metastore: return k_metastore;
  case SecurableType::catalog: return k_catalog;
  case SecurableType::schema: return k_schema;
  case SecurableType::table: return k_table;
  case SecurableType::volume: return k_volume;
  case SecurableType::function: return k_function;
  case SecurableType::external_location: break;
  }
  return k_location;
}

bool applies_to(std::string_view privilege, SecurableType type) {
  const auto names = privileges_of(type);
  return std::find(names.begin(), names.end(), privilege) != names.end();
}

Result<std::string> parse_privilege(std::string_view text) {
  auto name = to_upper(trim(text));
  std::replace(name.begin(), name.end(), ' ', '_');
  const bool known =
      std::any_of(k_types.begin(), k_types.end(), [&](SecurableType type) { return applies_to(name, type); });
  if (!known) {
    std::vector<std::string> candidates;
    for (const auto type : k_types) {
      const auto names = privileges_of(type);
      candidates.insert(candidates.end(), names.begin(), names.end());
    }
    const auto near = nearest(name, candidates);
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "'" + std::string(text) + "' is no privilege",
                 .hint = near.empty() ? std::string() : "did you mean " + near + "?"};
  }
  return name;
}

bool is_in_all_privileges(std::string_view privilege) {
  return privilege != "MANAGE" && privilege != "EXTERNAL_USE_SCHEMA" && privilege != "EXTERNAL_USE_LOCATION";
}

std::string_view creation_privilege(SecurableType type) {
  switch (type) {
  case SecurableType::catalog: return "CREATE_CATALOG";
  case SecurableType::schema: return "CREATE_SCHEMA";
  case SecurableType::table: return "CREATE_TABLE";
  case SecurableType::volume: return "CREATE_VOLUME";
  case SecurableType::function: return "CREATE_FUNCTION";
  case SecurableType::metastore:
  case SecurableType::external_location: break;
  }
  return "CREATE_EXTERNAL_LOCATION";
}

SecurableType container_of(SecurableType type) {
  switch (type) {
  case SecurableType::schema: return SecurableType::catalog;
  case SecurableType::table:
  case SecurableType::volume:
  case SecurableType::function: return SecurableType::schema;
  case SecurableType::metastore:
  case SecurableType::catalog:
  case SecurableType::external_location: break;
  }
  return SecurableType::metastore;
}

std::string spoken(std::string_view privilege) {
  std::string out(privilege);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

} // namespace pier::catalog
