#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/catalog/catalog_store.hpp"

#include <algorithm>

namespace pier::catalog {
namespace {

Json mask_json(const ColumnMask& mask) {
  return Json::object(
      {{"function_name", mask.function_name}, {"using_column_names", Json::strings(mask.using_column_names)}});
}

Json column_details(const ColumnInfo& column) {
  auto out = Json::object({{"name", column.name},
                           {"type_text", column.type_text},
                           {"type_name", column.type_name},
                           {"type_json", column.type_json},
                           {"nullable", column.nullable}});
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

ColumnInfo column_of(const Json& details) {
  ColumnInfo column{.name = details.get_string("name"),
                    .type_text = details.get_string("type_text"),
                    .type_name = details.get_string("type_name"),
                    .type_json = details.get_string("type_json"),
                    .nullable = details.get_bool("nullable", true),
                    .comment = details.get_string("comment")};
  if (const auto* mask = details.find("mask")) {
    column.mask = ColumnMask{.function_name = mask->get_string("function_name"),
                             .using_column_names = mask->get_strings("using_column_names")};
  }
  if (details.contains("partition_index")) {
    column.partition_index = details.get_integer("partition_index");
  }
  return column;
}

ColumnInfo* find_column(TableInfo& table, std::string_view name) {
  const auto it = std::find_if(table.columns.begin(), table.columns.end(),
                               [&](const ColumnInfo& column) { return equals_ignore_case(column.name, name); });
  return it == table.columns.end() ? nullptr : &*it;
}

Result<void> require_columns(TableInfo& table, const std::vector<std::string>& names) {
  for (const auto& name : names) {
    if (find_column(table, name) == nullptr) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "INVALID_PARAMETER_VALUE",
                   .message = "table '" + table.name.to_string() + "' has no column '" + name + "'"};
    }
  }
  return {};
}

} // namespace

Securable securable_of(const model::TableName& name) {
  return Securable{.type = SecurableType::table, .full_name = name.to_string()};
}

Json details_of(const TableInfo& table) {
  auto columns = Json::array();
  for (const auto& column : table.columns) {
    columns.push_back(column_details(column));
  }
  auto out = Json::object({{"table_type", table.table_type},
                           {"data_source_format", table.data_source_format},
                           {"columns", std::move(columns)}});
  if (!table.view_definition.empty()) {
    out["view_definition"] = table.view_definition;
  }
  if (table.row_filter) {
    out["row_filter"] = Json::object({{"function_name", table.row_filter->function_name},
                                      {"input_column_names", Json::strings(table.row_filter->input_column_names)}});
  }
  if (!table.constraints.is_null()) {
    out["table_constraints"] = table.constraints;
  }
  return out;
}

TableInfo table_of(const SecurableInfo& info) {
  const auto& details = info.details;
  TableInfo table{.name = {.catalog = info.catalog_name(), .schema = info.schema_name(), .table = info.name},
                  .table_type = details.get_string("table_type"),
                  .data_source_format = details.get_string("data_source_format"),
                  .storage_location = info.storage_location,
                  .view_definition = details.get_string("view_definition"),
                  .comment = info.comment.value_or(std::string()),
                  .owner = info.owner,
                  .table_id = info.id,
                  .created_at = info.created_at,
                  .updated_at = info.updated_at,
                  .created_by = info.created_by,
                  .updated_by = info.updated_by,
                  .properties = info.properties};
  if (const auto* columns = details.find("columns"); columns != nullptr && columns->is_array()) {
    for (const auto& column : columns->as_array()) {
      table.columns.push_back(column_of(column));
    }
  }
  if (const auto* filter = details.find("row_filter")) {
    table.row_filter = RowFilter{.function_name = filter->get_string("function_name"),
                                 .input_column_names = filter->get_strings("input_column_names")};
  }
  if (const auto* constraints = details.find("table_constraints")) {
    table.constraints = *constraints;
  }
  return table;
}

Result<TableInfo> CatalogStore::table(const model::TableName& name) {
  PIER_TRY_ASSIGN(const auto info, get(securable_of(name)));
  return table_of(info);
}

Result<std::vector<TableInfo>> CatalogStore::tables(std::string_view catalog, std::string_view schema) {
  PIER_TRY_ASSIGN(const auto infos, children(SecurableType::table, std::string(catalog) + "." + std::string(schema)));
  std::vector<TableInfo> out;
  out.reserve(infos.size());
  for (const auto& info : infos) {
    out.push_back(table_of(info));
  }
  return out;
}

Result<TableInfo> CatalogStore::create_table(const identity::Caller& caller, TableInfo table) {
  PIER_TRY_ASSIGN(const auto name, checked_name(table.name.table));
  NewSecurable wanted{.type = SecurableType::table,
                      .parent = to_lower(table.name.catalog + "." + table.name.schema),
                      .name = name,
                      .properties = table.properties,
                      .details = details_of(table)};
  if (!table.comment.empty()) {
    wanted.comment = table.comment;
  }
  const auto id = table.table_id.empty() ? random_uuid() : table.table_id;
  return database_.transaction([&]() -> Result<TableInfo> {
    PIER_TRY(require(caller, "CREATE_TABLE", Securable{.type = SecurableType::schema, .full_name = wanted.parent}));
    if (wanted.parent.ends_with(".information_schema")) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "INVALID_PARAMETER_VALUE",
                   .message = "nothing can be made in information_schema"};
    }
    auto location = table.storage_location;
    if (location.empty() && table.table_type == "MANAGED" && table.data_source_format == "DELTA") {
      location = (lake_root_ / "tables" / id).string();
    } else if (!location.empty() && !is_inside(lake_root_, location)) {
      PIER_TRY(check_external(caller, "CREATE_EXTERNAL_TABLE", location));
    }
    PIER_TRY_ASSIGN(const auto made, insert(wanted, caller.principal.name, id, location));
    return table_of(made);
  });
}

Result<void> CatalogStore::save_details(const Securable& securable, const Json& details, const std::string& by) {
  PIER_TRY_ASSIGN(const auto id, row_id(securable));
  PIER_TRY(database_.execute("UPDATE catalog_objects SET details = ?, updated_at = ?,"
                             " updated_by = CASE ?3 WHEN '' THEN updated_by ELSE ?3 END WHERE id = ?4",
                             {details.dump(), to_epoch_millis(clock_.now()), by, id}));
  return {};
}

Result<void> CatalogStore::update_columns(const model::TableName& name, std::vector<ColumnInfo> columns) {
  return database_.transaction([&]() -> Result<void> {
    PIER_TRY_ASSIGN(auto info, table(name));
    for (auto& column : columns) {
      const auto* before = find_column(info, column.name);
      if (before != nullptr && !column.mask) {
        column.mask = before->mask; // policies outlive a change of type or order
      }
    }
    info.columns = std::move(columns);
    return save_details(securable_of(name), details_of(info), {});
  });
}

Result<void> CatalogStore::drop_table(const identity::Caller& caller, const model::TableName& name) {
  return drop(caller, securable_of(name), false);
}

Result<TableInfo> CatalogStore::update_table(const identity::Caller& caller, const model::TableName& name,
                                             const TableUpdate& change) {
  return database_.transaction([&]() -> Result<TableInfo> {
    PIER_TRY(update(caller, securable_of(name),
                    SecurableUpdate{.comment = change.comment, .properties = change.properties}));
    PIER_TRY_ASSIGN(auto info, table(name));
    if (change.view_definition) {
      info.view_definition = *change.view_definition;
    }
    if (change.constraints) {
      info.constraints = *change.constraints;
    }
    PIER_TRY(save_details(securable_of(name), details_of(info), caller.principal.name));
    return table(name);
  });
}

Result<void> CatalogStore::set_row_filter(const identity::Caller& caller, const model::TableName& name,
                                          std::optional<RowFilter> filter) {
  return database_.transaction([&]() -> Result<void> {
    PIER_TRY(require(caller, "MANAGE", securable_of(name)));
    PIER_TRY_ASSIGN(auto info, table(name));
    if (filter) {
      PIER_TRY(
          require(caller, "EXECUTE", Securable{.type = SecurableType::function, .full_name = filter->function_name}));
      PIER_TRY(require_columns(info, filter->input_column_names));
    }
    info.row_filter = std::move(filter);
    return save_details(securable_of(name), details_of(info), caller.principal.name);
  });
}

Result<void> CatalogStore::set_column_mask(const identity::Caller& caller, const model::TableName& name,
                                           std::string_view column, std::optional<ColumnMask> mask) {
  return database_.transaction([&]() -> Result<void> {
    PIER_TRY(require(caller, "MANAGE", securable_of(name)));
    PIER_TRY_ASSIGN(auto info, table(name));
    PIER_TRY(require_columns(info, {std::string(column)}));
    if (mask) {
      PIER_TRY(
          require(caller, "EXECUTE", Securable{.type = SecurableType::function, .full_name = mask->function_name}));
      PIER_TRY(require_columns(info, mask->using_column_names));
    }
    find_column(info, column)->mask = std::move(mask);
    return save_details(securable_of(name), details_of(info), caller.principal.name);
  });
}

} // namespace pier::catalog
