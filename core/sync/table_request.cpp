#include "core/sync/table_request.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace pier::sync {
namespace {

Error invalid(std::string message, std::string hint = {}) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "INVALID_PARAMETER_VALUE",
               .message = std::move(message),
               .hint = std::move(hint)};
}

Error unsupported(const std::string& field) {
  return Error{.kind = ErrorKind::unsupported,
               .code = "NOT_IMPLEMENTED",
               .message = "the local workspace does not offer " + field + " of a synced table"};
}

Result<void> refuse_unknown(const Json& object, std::span<const std::string_view> known, const std::string& what) {
  for (const auto& [name, value] : object.as_object()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const auto near = nearest(name, std::vector<std::string>(known.begin(), known.end()));
      return invalid("unknown field '" + name + "' of " + what, near.empty() ? "" : "did you mean " + near + "?");
    }
  }
  return {};
}

Result<std::string> required(const Json& object, std::string_view member) {
  auto value = object.get_string(member);
  if (value.empty()) {
    return invalid("Missing required field: " + std::string(member));
  }
  return value;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Result<void> check_spec(const Json& spec) {
  constexpr std::array<std::string_view, 9> k_known = {"source_table_full_name",
                                                       "primary_key_columns",
                                                       "scheduling_policy",
                                                       "timeseries_key",
                                                       "create_database_objects_if_missing",
                                                       "new_pipeline_spec",
                                                       "existing_pipeline_id",
                                                       "accelerated_sync",
                                                       "type_overrides"};
  PIER_TRY(refuse_unknown(spec, k_known, "a synced table's spec"));
  if (spec.get_bool("accelerated_sync")) {
    return unsupported("accelerated_sync");
  }
  if (spec.contains("type_overrides")) {
    return unsupported("type_overrides");
  }
  return {};
}

} // namespace

Result<TableRequest> TableRequest::parse(const Json& body) {
  constexpr std::array<std::string_view, 9> k_known = {"name",
                                                       "database_instance_name",
                                                       "logical_database_name",
                                                       "spec",
                                                       "effective_database_instance_name",
                                                       "effective_logical_database_name",
                                                       "data_synchronization_status",
                                                       "unity_catalog_provisioning_state",
                                                       "purge_data"};
  if (!body.is_object()) {
    return invalid("a synced table is a JSON object");
  }
  PIER_TRY(refuse_unknown(body, k_known, "a synced table"));
  const auto* spec = body.find("spec");
  if (spec == nullptr || !spec->is_object()) {
    return invalid("Missing required field: spec");
  }
  PIER_TRY(check_spec(*spec));
  TableRequest request;
  auto& table = request.table;
  PIER_TRY_ASSIGN(const auto name, required(body, "name"));
  PIER_TRY_ASSIGN(table.name, model::TableName::parse(name));
  if (!is_plain_name(table.name.schema) || !is_plain_name(table.name.table)) {
    return invalid("the schema and the table of a synced table have letters, digits and underscores only");
  }
  PIER_TRY_ASSIGN(const auto source, required(*spec, "source_table_full_name"));
  PIER_TRY_ASSIGN(table.source, model::TableName::parse(source));
  table.key_columns = spec->get_strings("primary_key_columns");
  if (table.key_columns.empty()) {
    return invalid("Missing required field: primary_key_columns");
  }
  PIER_TRY_ASSIGN(table.policy, parse_policy(spec->get_string("scheduling_policy", "SNAPSHOT")));
  table.timeseries_key = spec->get_string("timeseries_key");
  table.instance = body.get_string("database_instance_name");
  table.database = body.get_string("logical_database_name");
  request.create_database_objects = spec->get_bool("create_database_objects_if_missing");
  table.spec = Json::object({{"name", name}, {"spec", *spec}});
  for (const auto* member : {"database_instance_name", "logical_database_name"}) {
    if (const auto* value = body.find(member)) {
      table.spec[member] = *value;
    }
  }
  return request;
}

Result<DatabaseCatalog> parse_catalog_request(const Json& body) {
  constexpr std::array<std::string_view, 5> k_known = {"name", "database_instance_name", "database_name",
                                                       "create_database_if_not_exists", "uid"};
  if (!body.is_object()) {
    return invalid("a database catalog is a JSON object");
  }
  PIER_TRY(refuse_unknown(body, k_known, "a database catalog"));
  DatabaseCatalog catalog{.spec = body};
  PIER_TRY_ASSIGN(catalog.name, required(body, "name"));
  catalog.name = to_lower(catalog.name);
  PIER_TRY_ASSIGN(catalog.instance, required(body, "database_instance_name"));
  PIER_TRY_ASSIGN(catalog.database, required(body, "database_name"));
  catalog.create_database_if_not_exists = body.get_bool("create_database_if_not_exists");
  catalog.spec.erase("uid");
  return catalog;
}

} // namespace pier::sync
