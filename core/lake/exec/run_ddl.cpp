#include "core/base/digest.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/lake/delta/data_writer.hpp"
#include "core/lake/exec/statement_run.hpp"
#include "core/lake/exec/table_writer.hpp"

#include <algorithm>

namespace pier::lake {
namespace {

Json properties_json(const std::map<std::string, std::string>& properties) {
  auto out = Json::object();
  for (const auto& [key, value] : properties) {
    out[key] = value;
  }
  return out;
}

catalog::Securable schema_securable(const std::string& catalog, const std::string& schema) {
  return {.type = catalog::SecurableType::schema, .full_name = catalog + "." + schema};
}

Error table_exists(const model::TableName& name) {
  return Error{.kind = ErrorKind::already_exists,
               .code = "TABLE_OR_VIEW_ALREADY_EXISTS",
               .message = "Cannot create table or view `" + name.schema + "`.`" + name.table +
                          "` because it already exists. Choose a different name, drop or replace the existing object, "
                          "or add the IF NOT EXISTS clause."};
}

} // namespace

Result<StatementResult> StatementRun::create_schema(const sql::CreateSchema& statement) {
  PIER_TRY_ASSIGN(const auto name, schema_name(statement.name));
  const auto& [catalog, schema] = name;
  PIER_TRY_ASSIGN(const bool exists, core_.catalog.schema_exists(catalog, schema));
  if (exists) {
    if (statement.if_not_exists) {
      return StatementResult{};
    }
    return Error{.kind = ErrorKind::already_exists,
                 .code = "SCHEMA_ALREADY_EXISTS",
                 .message = "Cannot create schema `" + schema +
                            "` because it already exists. Choose a different name, drop the existing schema, or add "
                            "the IF NOT EXISTS clause to tolerate pre-existing schema."};
  }
  PIER_TRY(core_.catalog.create_schema(caller_, catalog, schema, statement.comment));
  return StatementResult{};
}

Result<StatementResult> StatementRun::create_table(const sql::CreateTable& statement) {
  PIER_TRY_ASSIGN(const auto name, full_name(statement.name));
  PIER_TRY(core_.catalog.require(caller_, "CREATE_TABLE", schema_securable(name.catalog, name.schema)));
  auto existing = core_.catalog.table(name);
  if (!existing && existing.error().kind != ErrorKind::not_found) {
    return std::move(existing).error();
  }
  if (existing && statement.if_not_exists) {
    return StatementResult{};
  }
  if (existing && !statement.or_replace) {
    return table_exists(name);
  }
  PIER_TRY_ASSIGN(auto* const session, this->session());
  TableWriter writer(core_, *engine_, *session, caller_, request_.stop);
  TableDefinition definition{.name = name,
                             .columns = statement.columns,
                             .partition_columns = statement.partition_columns,
                             .comment = statement.comment,
                             .properties = statement.properties};
  if (!statement.location.empty()) {
    PIER_TRY_ASSIGN(definition.location, resolve_path(statement.location, true));
  }
  std::string query;
  if (statement.query) {
    PIER_TRY_ASSIGN(query, emitter().query(*statement.query));
    PIER_TRY_ASSIGN(auto* const reader, this->session()); // external files may have brought another engine
    TableWriter late(core_, *engine_, *reader, caller_, request_.stop);
    PIER_TRY(existing ? late.replace(*existing, definition, query) : late.create(definition, query));
    return change_result({{"num_affected_rows", late.rows()}, {"num_inserted_rows", late.rows()}});
  }
  PIER_TRY(existing ? writer.replace(*existing, definition, query) : writer.create(definition, query));
  return StatementResult{};
}

Result<StatementResult> StatementRun::create_view(const sql::CreateView& statement) {
  PIER_TRY_ASSIGN(const auto name, full_name(statement.name));
  PIER_TRY(core_.catalog.require(caller_, "CREATE_TABLE", schema_securable(name.catalog, name.schema)));
  auto existing = core_.catalog.table(name);
  if (existing && statement.if_not_exists) {
    return StatementResult{};
  }
  if (existing && (!statement.or_replace || existing->table_type != "VIEW")) {
    return table_exists(name);
  }
  PIER_TRY_ASSIGN(const auto text, emitter().query(*statement.query)); // must be right, and allowed, now
  PIER_TRY_ASSIGN(auto* const session, this->session());
  PIER_TRY_ASSIGN(const auto prepared, session->prepare(text));
  catalog::TableInfo info{.name = name,
                          .table_type = "VIEW",
                          .data_source_format = "UNKNOWN_DATA_SOURCE_FORMAT",
                          .view_definition = statement.query_text,
                          .comment = statement.comment};
  std::vector<Field> fields;
  for (const auto& column : prepared->columns()) {
    fields.push_back({.name = column.name, .type = column.type});
  }
  if (!statement.columns.empty()) {
    if (statement.columns.size() != fields.size()) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "CREATE_VIEW_COLUMN_ARITY_MISMATCH",
                   .message = "Cannot create view `" + name.to_string() + "`: the numbers of columns differ"};
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
      fields[i].name = statement.columns[i];
    }
  }
  info.columns = catalog_columns(fields, {});
  if (existing) {
    PIER_TRY(core_.catalog.drop_table(caller_, name));
  }
  PIER_TRY(core_.catalog.create_table(caller_, std::move(info)));
  return StatementResult{};
}

Result<StatementResult> StatementRun::drop(const sql::Drop& statement) {
  if (statement.kind == sql::ObjectKind::schema) {
    PIER_TRY_ASSIGN(const auto name, schema_name(statement.name));
    auto done = core_.catalog.drop_schema(caller_, name.first, name.second, statement.cascade);
    if (!done && !(statement.if_exists && done.error().kind == ErrorKind::not_found)) {
      return std::move(done).error();
    }
    return StatementResult{};
  }
  PIER_TRY_ASSIGN(const auto name, full_name(statement.name));
  auto info = core_.catalog.table(name);
  if (!info && info.error().kind == ErrorKind::not_found) {
    if (statement.if_exists) {
      return StatementResult{};
    }
    return Error{.kind = ErrorKind::not_found,
                 .code = "TABLE_OR_VIEW_NOT_FOUND",
                 .message = "The table or view `" + name.catalog + "`.`" + name.schema + "`.`" + name.table +
                            "` cannot be found. To tolerate the error on drop use DROP " +
                            (statement.kind == sql::ObjectKind::view ? "VIEW" : "TABLE") + " IF EXISTS."};
  }
  PIER_TRY(info);
  const bool is_view = info->table_type == "VIEW";
  if (is_view != (statement.kind == sql::ObjectKind::view)) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = is_view ? "EXPECT_TABLE_NOT_VIEW" : "EXPECT_VIEW_NOT_TABLE",
                 .message = "`" + name.to_string() + "` is a " + (is_view ? "view" : "table")};
  }
  PIER_TRY(core_.catalog.drop_table(caller_, name));
  if (!is_view) {
    core_.tables.forget(info->storage_location);
  }
  return StatementResult{};
}

Result<StatementResult> StatementRun::use(const sql::Use& statement) {
  if (statement.kind == sql::ObjectKind::catalog) {
    PIER_TRY(core_.catalog.get({.type = catalog::SecurableType::catalog, .full_name = to_lower(statement.name[0])}));
    catalog_ = to_lower(statement.name[0]);
    schema_ = "default";
    return StatementResult{};
  }
  PIER_TRY_ASSIGN(const auto name, schema_name(statement.name));
  PIER_TRY_ASSIGN(const bool exists, core_.catalog.schema_exists(name.first, name.second));
  if (!exists) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "SCHEMA_NOT_FOUND",
                 .message = "The schema `" + name.first + "`.`" + name.second +
                            "` cannot be found. Verify the spelling and correctness of the schema and catalog."};
  }
  catalog_ = name.first;
  schema_ = name.second;
  return StatementResult{};
}

Result<StatementResult> StatementRun::grant(const sql::GrantStatement& statement) {
  PIER_TRY_ASSIGN(const auto type, catalog::parse_securable_type(statement.securable));
  std::string name;
  if (type == catalog::SecurableType::catalog) {
    name = to_lower(join(statement.name, "."));
  } else if (type == catalog::SecurableType::schema) {
    PIER_TRY_ASSIGN(const auto schema, schema_name(statement.name));
    name = schema.first + "." + schema.second;
  } else {
    PIER_TRY_ASSIGN(const auto full, full_name(statement.name));
    name = full.to_string();
  }
  catalog::GrantChange change{.principal = statement.principal};
  (statement.revoke ? change.remove : change.add) = statement.privileges;
  PIER_TRY(core_.catalog.change_grants(caller_, {.type = type, .full_name = name}, {change}));
  return StatementResult{};
}

Result<StatementResult> StatementRun::alter(const sql::AlterTable& statement) {
  PIER_TRY_ASSIGN(const auto table, target(statement.name, "MODIFY"));
  const auto lock = core_.tables.writing(table.info.storage_location);
  PIER_TRY_ASSIGN(const auto snapshot, core_.tables.latest(*engine_, table.info.storage_location));
  PIER_TRY(delta::check_writable(*snapshot));
  auto metadata = snapshot->metadata;
  auto columns = snapshot->columns;
  std::string operation = "SET TBLPROPERTIES";
  auto parameters = Json::object();
  switch (statement.kind) {
  case sql::AlterTable::Kind::set_properties:
    PIER_TRY(check_properties(statement.properties));
    for (const auto& [key, value] : statement.properties) {
      metadata.configuration[key] = value;
    }
    parameters["properties"] = properties_json(statement.properties).dump();
    break;
  case sql::AlterTable::Kind::unset_properties:
    operation = "UNSET TBLPROPERTIES";
    for (const auto& key : statement.names) {
      if (metadata.configuration.erase(key) == 0 && !statement.if_exists) {
        return Error{.kind = ErrorKind::invalid_argument,
                     .code = "DELTA_UNSET_NON_EXISTENT_PROPERTY",
                     .message = "Attempted to unset non-existent property '" + key + "'"};
      }
    }
    break;
  case sql::AlterTable::Kind::add_columns:
    operation = "ADD COLUMNS";
    for (const auto& column : statement.columns) {
      if (snapshot->column(column.name) != nullptr || !column.nullable) {
        return Error{.kind = ErrorKind::invalid_argument,
                     .code = column.nullable ? "COLUMN_ALREADY_EXISTS" : "UNSUPPORTED_FEATURE",
                     .message = "The column `" + column.name + "` already exists, or is NOT NULL"};
      }
      columns.push_back(column);
    }
    break;
  default:
    operation = "CHANGE COLUMN";
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const Field& field) {
      return equals_ignore_case(field.name, statement.names.at(0));
    });
    if (found == columns.end()) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "UNRESOLVED_COLUMN.WITH_SUGGESTION",
                   .message = "the table has no column `" + statement.names.at(0) + "`"};
    }
    found->comment = statement.comment;
  }
  metadata.schema_string = schema_string(columns);
  delta::CommitRequest commit{.root = snapshot->root,
                              .base = snapshot,
                              .operation = operation,
                              .parameters = std::move(parameters),
                              .user_name = caller_.principal.name,
                              .now_millis = core_.tables.now_millis()};
  if (auto protocol = raised_protocol(snapshot->protocol, columns, metadata.configuration);
      protocol != snapshot->protocol) {
    commit.actions.emplace_back(std::move(protocol));
  }
  auto configuration = metadata.configuration;
  commit.actions.emplace_back(std::move(metadata));
  PIER_TRY(core_.tables.commit(*engine_, std::move(commit)));
  PIER_TRY(
      core_.catalog.update_columns(table.info.name, catalog_columns(columns, snapshot->metadata.partition_columns)));
  return StatementResult{};
}

} // namespace pier::lake
