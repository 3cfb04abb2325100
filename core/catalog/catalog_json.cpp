#include "core/catalog/catalog_json.hpp"

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

namespace pier::catalog {
namespace {

void add_common(Json& out, const SecurableInfo& info, const std::string& metastore_id) {
  out["name"] = info.name;
  out["full_name"] = info.full_name;
  out["owner"] = info.owner;
  out["metastore_id"] = metastore_id;
  out["created_at"] = info.created_at;
  out["created_by"] = info.created_by;
  out["updated_at"] = info.updated_at;
  out["updated_by"] = info.updated_by;
  out["securable_type"] = to_upper(to_string(info.type));
  if (info.comment) {
    out["comment"] = *info.comment;
  }
  if (!info.properties.is_null()) {
    out["properties"] = info.properties;
  }
}

Json mask_json(const ColumnMask& mask) {
  auto out = Json::object({{"function_name", mask.function_name}});
  if (!mask.using_column_names.empty()) {
    out["using_column_names"] = Json::strings(mask.using_column_names);
  }
  return out;
}

Json column_json(const ColumnInfo& column, std::int64_t position) {
  auto out = Json::object({{"name", column.name},
                           {"position", position},
                           {"type_text", column.type_text},
                           {"type_name", column.type_name},
                           {"type_json", column.type_json},
                           {"nullable", column.nullable}});
  if (column.type_name == "DECIMAL") {
    const auto open = column.type_text.find('(');
    const auto comma = column.type_text.find(',');
    std::int64_t precision = 10;
    std::int64_t scale = 0;
    if (open != std::string::npos && comma != std::string::npos) {
      parse_int64(trim(std::string_view(column.type_text).substr(open + 1, comma - open - 1)), precision);
      const auto rest = std::string_view(column.type_text).substr(comma + 1);
      parse_int64(trim(rest.substr(0, rest.find(')'))), scale);
    }
    out["type_precision"] = precision;
    out["type_scale"] = scale;
  }
  if (!column.comment.empty()) {
    out["comment"] = column.comment;
  }
  if (column.mask) {
    out["mask"] = mask_json(*column.mask);
  }
  if (column.partition_index) {
    out["partition_index"] = *column.partition_index;
  }
  return out;
}

} // namespace

std::string url_of_folder(std::string_view folder) {
  return folder.empty() ? std::string() : "file://" + percent_encode(folder, true);
}

std::string folder_of_url(std::string_view url) {
  constexpr std::string_view k_scheme = "file://";
  std::string path(url);
  if (url.starts_with(k_scheme)) {
    auto decoded = percent_decode(url.substr(k_scheme.size()));
    path = decoded ? *std::move(decoded) : std::string();
  }
  while (path.size() > 1 && path.back() == '/') {
    path.pop_back();
  }
  return path.starts_with('/') ? path : std::string();
}

Json to_json(const SecurableInfo& info, const std::string& metastore_id) {
  auto out = info.details.is_object() ? info.details : Json::object();
  add_common(out, info, metastore_id);
  switch (info.type) {
  case SecurableType::catalog:
    out["id"] = info.id;
    out["isolation_mode"] = "OPEN";
    if (!out.contains("catalog_type")) {
      out["catalog_type"] = "MANAGED_CATALOG";
    }
    break;
  case SecurableType::schema:
    out["schema_id"] = info.id;
    out["catalog_name"] = info.catalog_name();
    out["catalog_type"] = "MANAGED_CATALOG";
    break;
  case SecurableType::volume:
    out["volume_id"] = info.id;
    out["catalog_name"] = info.catalog_name();
    out["schema_name"] = info.schema_name();
    out["storage_location"] = url_of_folder(info.storage_location);
    break;
  case SecurableType::function:
    out["function_id"] = info.id;
    out["catalog_name"] = info.catalog_name();
    out["schema_name"] = info.schema_name();
    break;
  case SecurableType::external_location:
    out["url"] = url_of_folder(info.storage_location);
    out["isolation_mode"] = "ISOLATION_MODE_OPEN";
    break;
  case SecurableType::metastore:
  case SecurableType::table: break;
  }
  return out;
}

Json to_json(const TableInfo& table, const std::string& metastore_id) {
  auto out = Json::object({{"name", table.name.table},
                           {"catalog_name", table.name.catalog},
                           {"schema_name", table.name.schema},
                           {"full_name", table.name.to_string()},
                           {"table_type", table.table_type},
                           {"data_source_format", table.data_source_format},
                           {"table_id", table.table_id},
                           {"owner", table.owner},
                           {"metastore_id", metastore_id},
                           {"created_at", table.created_at},
                           {"created_by", table.created_by},
                           {"updated_at", table.updated_at},
                           {"updated_by", table.updated_by},
                           {"securable_type", "TABLE"}});
  auto columns = Json::array();
  std::int64_t position = 0;
  for (const auto& column : table.columns) {
    columns.push_back(column_json(column, position++));
  }
  out["columns"] = std::move(columns);
  if (!table.storage_location.empty()) {
    out["storage_location"] = url_of_folder(table.storage_location);
  }
  if (!table.view_definition.empty()) {
    out["view_definition"] = table.view_definition;
  }
  if (!table.comment.empty()) {
    out["comment"] = table.comment;
  }
  if (!table.properties.is_null()) {
    out["properties"] = table.properties;
  }
  if (!table.constraints.is_null()) {
    out["table_constraints"] = table.constraints;
  }
  if (table.row_filter) {
    out["row_filter"] = Json::object({{"function_name", table.row_filter->function_name},
                                      {"input_column_names", Json::strings(table.row_filter->input_column_names)}});
  }
  return out;
}

Json grants_json(const std::vector<Grant>& grants) {
  auto list = Json::array();
  for (const auto& grant : grants) {
    list.push_back(Json::object({{"principal", grant.principal}, {"privileges", Json::strings(grant.privileges)}}));
  }
  return Json::object({{"privilege_assignments", std::move(list)}});
}

Json effective_grants_json(const std::vector<EffectiveGrant>& grants) {
  auto list = Json::array();
  for (const auto& grant : grants) {
    auto privileges = Json::array();
    for (const auto& held : grant.privileges) {
      auto item = Json::object({{"privilege", held.privilege}});
      if (held.inherited_from) {
        item["inherited_from_type"] = to_upper(to_string(held.inherited_from->type));
        item["inherited_from_name"] = held.inherited_from->full_name;
      }
      privileges.push_back(std::move(item));
    }
    list.push_back(Json::object({{"principal", grant.principal}, {"privileges", std::move(privileges)}}));
  }
  return Json::object({{"privilege_assignments", std::move(list)}});
}

std::vector<ColumnInfo> columns_of_json(const Json& columns) {
  std::vector<ColumnInfo> out;
  if (!columns.is_array()) {
    return out;
  }
  for (const auto& column : columns.as_array()) {
    out.push_back(ColumnInfo{.name = column.get_string("name"),
                             .type_text = column.get_string("type_text"),
                             .type_name = column.get_string("type_name"),
                             .type_json = column.get_string("type_json"),
                             .nullable = column.get_bool("nullable", true),
                             .comment = column.get_string("comment")});
  }
  return out;
}

} // namespace pier::catalog
