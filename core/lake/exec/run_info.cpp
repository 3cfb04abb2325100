#include "core/base/clock.hpp"
#include "core/base/text.hpp"
#include "core/lake/exec/statement_run.hpp"
#include "core/lake/result_writer.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace pier::lake {
namespace {

using Row = std::vector<std::optional<std::string>>;

std::vector<ResultColumn> text_columns(std::initializer_list<const char*> names) {
  std::vector<ResultColumn> out;
  for (const auto* name : names) {
    out.push_back({.name = name});
  }
  return out;
}

/// `*` and `|` of SHOW … LIKE, without case.
bool matches(const std::string& pattern, const std::string& name) {
  if (pattern.empty()) {
    return true;
  }
  const auto options = split(pattern, '|');
  return std::any_of(options.begin(), options.end(), [&](const std::string& option) {
    return ::fnmatch(to_lower(option).c_str(), to_lower(name).c_str(), 0) == 0;
  });
}

std::string timestamp_text(std::int64_t millis) {
  auto text = to_rfc3339(from_epoch_millis(millis));
  return text.find('.') == std::string::npos ? text.substr(0, text.size() - 1) + ".000Z" : text;
}

std::string properties_text(const std::map<std::string, std::string>& properties) {
  std::string out;
  for (const auto& [key, value] : properties) {
    out += (out.empty() ? "[" : ",") + key + "=" + value;
  }
  return out.empty() ? "[]" : out + "]";
}

} // namespace

Result<StatementResult> StatementRun::describe(const sql::Describe& statement) {
  auto columns = text_columns({"col_name", "data_type", "comment"});
  std::vector<Row> rows;
  if (statement.kind == sql::DescribeKind::query) {
    PIER_TRY_ASSIGN(const auto text, emitter().query(*statement.query));
    PIER_TRY_ASSIGN(auto* const session, this->session());
    PIER_TRY_ASSIGN(const auto prepared, session->prepare(text));
    for (const auto& column : prepared->columns()) {
      rows.push_back({column.name, column.type.to_catalog(), std::nullopt});
    }
    return make_result(std::move(columns), rows);
  }
  if (statement.kind == sql::DescribeKind::history) {
    return describe_history(statement);
  }
  if (statement.kind == sql::DescribeKind::catalog || statement.kind == sql::DescribeKind::schema) {
    const bool is_schema = statement.kind == sql::DescribeKind::schema;
    PIER_TRY_ASSIGN(const auto name, schema_name(statement.name));
    const catalog::Securable securable{.type =
                                           is_schema ? catalog::SecurableType::schema : catalog::SecurableType::catalog,
                                       .full_name = is_schema ? name.first + "." + name.second : name.second};
    PIER_TRY_ASSIGN(const auto info, core_.catalog.get(securable));
    PIER_TRY_ASSIGN(const bool visible, core_.catalog.is_visible(caller_, securable));
    if (!visible) {
      return Error{.kind = ErrorKind::permission_denied,
                   .code = "INSUFFICIENT_PERMISSIONS",
                   .message = "you may not see `" + securable.full_name + "`"};
    }
    return make_result(text_columns({"database_description_item", "database_description_value"}),
                       {{"Catalog Name", info.catalog_name()},
                        {"Namespace Name", info.name},
                        {"Comment", info.comment.value_or("")},
                        {"Owner", info.owner}});
  }
  PIER_TRY_ASSIGN(const auto name, full_name(statement.name));
  auto info = core_.catalog.table(name);
  if (info && info->table_type == "VIEW") {
    PIER_TRY(core_.catalog.require(caller_, "SELECT",
                                   {.type = catalog::SecurableType::table, .full_name = name.to_string()}));
    for (const auto& column : info->columns) {
      rows.push_back(
          {column.name, column.type_text, column.comment.empty() ? std::nullopt : std::optional(column.comment)});
    }
    return make_result(std::move(columns), rows);
  }
  PIER_TRY_ASSIGN(const auto table, target(statement.name, "SELECT"));
  const auto& snapshot = *table.snapshot;
  if (statement.kind == sql::DescribeKind::detail) {
    std::int64_t bytes = 0;
    for (const auto& file : snapshot.files) {
      bytes += file->size;
    }
    auto detail = text_columns({"format", "id", "name", "description", "location", "createdAt", "lastModified",
                                "partitionColumns", "numFiles", "sizeInBytes", "properties", "minReaderVersion",
                                "minWriterVersion"});
    detail[5].type.kind = detail[6].type.kind = TypeKind::timestamp;
    detail[8].type.kind = detail[9].type.kind = TypeKind::int64;
    detail[11].type.kind = detail[12].type.kind = TypeKind::int32;
    auto properties = Json::object();
    for (const auto& [key, value] : snapshot.metadata.configuration) {
      properties[key] = value;
    }
    return make_result(std::move(detail),
                       {{"delta", snapshot.metadata.id, name.to_string(),
                         table.info.comment.empty() ? std::nullopt : std::optional(table.info.comment),
                         "file://" + snapshot.root.string(), timestamp_text(table.info.created_at),
                         timestamp_text(snapshot.timestamp), Json::strings(snapshot.metadata.partition_columns).dump(),
                         std::to_string(snapshot.files.size()), std::to_string(bytes), properties.dump(),
                         std::to_string(snapshot.protocol.min_reader), std::to_string(snapshot.protocol.min_writer)}});
  }
  for (const auto& field : snapshot.columns) {
    rows.push_back(
        {field.name, field.type.to_catalog(), field.comment.empty() ? std::nullopt : std::optional(field.comment)});
  }
  if (!snapshot.metadata.partition_columns.empty()) {
    rows.push_back({"# Partition Information", "", ""});
    rows.push_back({"# col_name", "data_type", "comment"});
    for (const auto& partition : snapshot.metadata.partition_columns) {
      const auto* field = snapshot.column(partition);
      rows.push_back({partition, field == nullptr ? "" : field->type.to_catalog(), std::nullopt});
    }
  }
  if (statement.kind == sql::DescribeKind::extended) {
    rows.push_back({"", "", ""});
    rows.push_back({"# Detailed Table Information", "", ""});
    rows.push_back({"Catalog", name.catalog, ""});
    rows.push_back({"Database", name.schema, ""});
    rows.push_back({"Table", name.table, ""});
    rows.push_back({"Created Time", timestamp_text(table.info.created_at), ""});
    rows.push_back({"Type", table.info.table_type, ""});
    rows.push_back({"Comment", table.info.comment, ""});
    rows.push_back({"Location", "file://" + snapshot.root.string(), ""});
    rows.push_back({"Provider", "delta", ""});
    rows.push_back({"Owner", table.info.owner, ""});
    rows.push_back({"Table Properties", properties_text(snapshot.metadata.configuration), ""});
  }
  return make_result(std::move(columns), rows);
}

Result<StatementResult> StatementRun::describe_history(const sql::Describe& statement) {
  PIER_TRY_ASSIGN(const auto table, target(statement.name, "SELECT"));
  auto columns = text_columns({"version", "timestamp", "userId", "userName", "operation", "operationParameters", "job",
                               "notebook", "clusterId", "readVersion", "isolationLevel", "isBlindAppend",
                               "operationMetrics", "userMetadata", "engineInfo"});
  columns[0].type.kind = columns[9].type.kind = TypeKind::int64;
  columns[1].type.kind = TypeKind::timestamp;
  columns[11].type.kind = TypeKind::boolean;
  const DataType texts{.kind = TypeKind::map, .fields = {{.name = "key"}, {.name = "value"}}};
  columns[5].type = columns[12].type = texts;
  std::int64_t limit = 1000;
  if (statement.limit) {
    PIER_TRY_ASSIGN(const auto text, constant(*statement.limit));
    parse_int64(text, limit);
  }
  std::vector<Row> rows;
  PIER_TRY_ASSIGN(auto versions, delta::commit_versions(table.snapshot->root));
  std::reverse(versions.begin(), versions.end());
  for (const auto version : versions) {
    if (static_cast<std::int64_t>(rows.size()) >= limit) {
      break;
    }
    PIER_TRY_ASSIGN(const auto actions, delta::read_commit(table.snapshot->root, version));
    auto info = Json::object();
    for (const auto& action : actions) {
      if (const auto* commit = std::get_if<delta::CommitInfo>(&action)) {
        PIER_TRY_ASSIGN(info, Json::parse(commit->json));
      }
    }
    const auto text = [&](const char* key) {
      const auto* member = info.find(key);
      return member == nullptr || member->is_null() ? std::nullopt
             : member->is_string()                  ? std::optional(member->as_string())
                                                    : std::optional(member->dump());
    };
    rows.push_back({std::to_string(version),
                    timestamp_text(delta::commit_timestamp(table.snapshot->root, version, actions)), text("userId"),
                    text("userName"), text("operation"), text("operationParameters"), text("job"), text("notebook"),
                    text("clusterId"), text("readVersion"), text("isolationLevel"), text("isBlindAppend"),
                    text("operationMetrics"), text("userMetadata"), text("engineInfo")});
  }
  return make_result(std::move(columns), rows);
}

Result<StatementResult> StatementRun::show(const sql::Show& statement) {
  std::vector<Row> rows;
  const auto visible = [&](catalog::SecurableType type, const std::string& name) {
    const auto seen = core_.catalog.is_visible(caller_, {.type = type, .full_name = name});
    return seen && *seen;
  };
  switch (statement.kind) {
  case sql::ShowKind::catalogs: {
    PIER_TRY_ASSIGN(const auto names, core_.catalog.catalog_names());
    for (const auto& name : names) {
      if (matches(statement.pattern, name) && visible(catalog::SecurableType::catalog, name)) {
        rows.push_back({name});
      }
    }
    return make_result(text_columns({"catalog"}), rows);
  }
  case sql::ShowKind::schemas: {
    const auto catalog = statement.in.empty() ? catalog_ : to_lower(statement.in.back());
    PIER_TRY_ASSIGN(const auto names, core_.catalog.schema_names(catalog));
    for (const auto& name : names) {
      if (matches(statement.pattern, name) && visible(catalog::SecurableType::schema, catalog + "." + name)) {
        rows.push_back({name});
      }
    }
    return make_result(text_columns({"databaseName"}), rows);
  }
  case sql::ShowKind::tables:
  case sql::ShowKind::views: {
    PIER_TRY_ASSIGN(const auto schema, schema_name(statement.in));
    PIER_TRY_ASSIGN(const auto tables, core_.catalog.tables(schema.first, schema.second));
    for (const auto& table : tables) {
      const bool wanted = statement.kind == sql::ShowKind::tables || table.table_type == "VIEW";
      if (wanted && matches(statement.pattern, table.name.table) &&
          visible(catalog::SecurableType::table, table.name.to_string())) {
        rows.push_back({schema.second, table.name.table, "false"});
      }
    }
    auto columns = statement.kind == sql::ShowKind::tables ? text_columns({"database", "tableName", "isTemporary"})
                                                           : text_columns({"namespace", "viewName", "isTemporary"});
    columns[2].type.kind = TypeKind::boolean;
    return make_result(std::move(columns), rows);
  }
  case sql::ShowKind::columns: {
    PIER_TRY_ASSIGN(const auto name, full_name(statement.in));
    PIER_TRY(core_.catalog.require(caller_, "SELECT",
                                   {.type = catalog::SecurableType::table, .full_name = name.to_string()}));
    PIER_TRY_ASSIGN(const auto info, core_.catalog.table(name));
    for (const auto& column : info.columns) {
      rows.push_back({column.name});
    }
    return make_result(text_columns({"col_name"}), rows);
  }
  case sql::ShowKind::properties: {
    PIER_TRY_ASSIGN(const auto table, target(statement.in, "SELECT"));
    for (const auto& [key, value] : table.snapshot->metadata.configuration) {
      if (statement.property.empty() || statement.property == key) {
        rows.push_back({key, value});
      }
    }
    return make_result(text_columns({"key", "value"}), rows);
  }
  default: break;
  }
  PIER_TRY_ASSIGN(const auto table, target(statement.in, "SELECT"));
  std::string text = "CREATE TABLE " + table.info.name.to_string() + " (\n";
  for (std::size_t i = 0; i < table.snapshot->columns.size(); ++i) {
    const auto& field = table.snapshot->columns[i];
    text += (i == 0 ? "  " : ",\n  ") + field.name + " " + field.type.to_sql() + (field.nullable ? "" : " NOT NULL");
  }
  text += ")\nUSING delta";
  if (!table.snapshot->metadata.partition_columns.empty()) {
    text += "\nPARTITIONED BY (" + join(table.snapshot->metadata.partition_columns, ", ") + ")";
  }
  return make_result(text_columns({"createtab_stmt"}), {{text + "\n"}});
}

} // namespace pier::lake
