#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/lake/delta/scan.hpp"
#include "core/lake/exec/statement_run.hpp"

#include <algorithm>
#include <array>

namespace pier::lake {
namespace {

constexpr int k_max_view_depth = 20;

catalog::Securable table_securable(const model::TableName& name) {
  return {.type = catalog::SecurableType::table, .full_name = name.to_string()};
}

Error not_found(const model::TableName& name) {
  return Error{.kind = ErrorKind::not_found,
               .code = "TABLE_OR_VIEW_NOT_FOUND",
               .message = "The table or view `" + name.catalog + "`.`" + name.schema + "`.`" + name.table +
                          "` cannot be found. Verify the spelling and correctness of the schema and catalog."};
}

bool is_path_format(const std::string& name) {
  constexpr std::array<std::string_view, 4> k_formats{"delta", "parquet", "csv", "json"};
  return std::any_of(k_formats.begin(), k_formats.end(),
                     [&](std::string_view format) { return equals_ignore_case(format, name); });
}

/// Policies are not applied yet: such a table must not be read without them.
Result<void> check_policies(const catalog::TableInfo& info) {
  const bool masked = std::any_of(info.columns.begin(), info.columns.end(),
                                  [](const catalog::ColumnInfo& column) { return column.mask.has_value(); });
  if (info.row_filter || masked) {
    return Error{.kind = ErrorKind::unsupported,
                 .code = "UNSUPPORTED_FEATURE",
                 .message = "`" + info.name.to_string() +
                            "` has a row filter or a column mask, which the local workspace does not apply yet"};
  }
  return {};
}

} // namespace

Result<TargetTable> StatementRun::target(const sql::NameParts& parts, std::string_view privilege) {
  if (parts.size() == 2 && is_path_format(parts[0])) {
    return Error{.kind = ErrorKind::unsupported,
                 .code = "UNSUPPORTED_FEATURE",
                 .message = "changing a table by its path is not offered by the local workspace"};
  }
  PIER_TRY_ASSIGN(const auto name, full_name(parts));
  auto info = core_.catalog.table(name);
  if (!info) {
    return info.error().kind == ErrorKind::not_found ? not_found(name) : std::move(info).error();
  }
  PIER_TRY(core_.catalog.require(caller_, privilege, table_securable(name)));
  PIER_TRY(check_policies(*info));
  if (info->table_type == "VIEW" || !info->view_definition.empty()) {
    const std::string what = info->table_type == "VIEW" ? "a view" : "a synced table";
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "EXPECT_TABLE_NOT_VIEW",
                 .message = "`" + name.to_string() + "` is " + what + ", a table is needed"};
  }
  TargetTable out{.info = *std::move(info), .snapshot = nullptr};
  PIER_TRY_ASSIGN(auto* const engine, engine_for(out.info.storage_location));
  PIER_TRY_ASSIGN(out.snapshot, core_.tables.latest(*engine, out.info.storage_location));
  return out;
}

Result<std::shared_ptr<const delta::Snapshot>> StatementRun::snapshot_of(const std::filesystem::path& root,
                                                                         const sql::TableVersion& version) {
  PIER_TRY_ASSIGN(auto* const engine, engine_for(root));
  if (version.version) {
    return core_.tables.at(*engine, root, *version.version);
  }
  if (!version.timestamp) {
    return core_.tables.latest(*engine, root);
  }
  PIER_TRY_ASSIGN(const auto moment, emitter().expression(*version.timestamp));
  PIER_TRY_ASSIGN(auto* const session, this->session());
  PIER_TRY_ASSIGN(const auto rows,
                  session->texts("SELECT CAST(epoch_ms(CAST(" + moment + " AS TIMESTAMPTZ)) AS VARCHAR)"));
  std::int64_t millis = 0;
  if (rows.empty() || !rows[0][0] || !parse_int64(*rows[0][0], millis)) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_TIME_TRAVEL_TIMESTAMP_EXPR",
                 .message = "The time travel timestamp expression is invalid"};
  }
  return core_.tables.at_time(*engine, root, millis);
}

Result<sql::Relation> StatementRun::table(const sql::FromItem& item) {
  if (item.name.size() == 2 && is_path_format(item.name[0])) {
    return path_table(item);
  }
  PIER_TRY_ASSIGN(const auto name, full_name(item.name));
  auto info = core_.catalog.table(name);
  if (!info) {
    return info.error().kind == ErrorKind::not_found ? not_found(name) : std::move(info).error();
  }
  PIER_TRY(core_.catalog.require(caller_, "SELECT", table_securable(name)));
  PIER_TRY(check_policies(*info));
  if (!info->view_definition.empty()) { // a synced table, too: it shows its source
    return view(*info);
  }
  PIER_TRY_ASSIGN(const auto snapshot, snapshot_of(info->storage_location, item.version));
  return delta_relation(*snapshot, {name.catalog, name.schema, name.table});
}

Result<sql::Relation> StatementRun::delta_relation(const delta::Snapshot& snapshot, sql::NameParts full_name) {
  PIER_TRY_ASSIGN(auto scan, core_.hot_tables.scan_sql(*engine_, snapshot));
  std::move(scan.keep.begin(), scan.keep.end(), std::back_inserter(keep_));
  if (!reads_.empty()) {
    reads_ += ' ' + std::to_string(snapshot.serial);
  }
  return sql::Relation{.sql = std::move(scan.sql), .columns = snapshot.columns, .full_name = std::move(full_name)};
}

/// A view reads with its owner's rights, and its names mean what they meant where it was made.
Result<sql::Relation> StatementRun::view(const catalog::TableInfo& info) {
  if (view_depth_ >= k_max_view_depth) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "VIEW_EXCEED_MAX_NESTED_DEPTH",
                 .message =
                     "The depth of view `" + info.name.to_string() + "` exceeds the maximum view resolution depth"};
  }
  PIER_TRY_ASSIGN(const auto statement, sql::parse_statement(info.view_definition));
  const auto* query = std::get_if<sql::QueryPtr>(&statement);
  if (query == nullptr) {
    return Error{.kind = ErrorKind::invalid_state, .code = "INTERNAL_ERROR", .message = "the view holds no query"};
  }
  const auto reader = caller_;
  const auto catalog = std::exchange(catalog_, info.name.catalog);
  const auto schema = std::exchange(schema_, info.name.schema);
  if (core_.options.identity != nullptr && caller_.principal.name != info.owner) {
    PIER_TRY_ASSIGN(caller_, core_.options.identity->caller_named(info.owner));
  }
  ++view_depth_;
  auto emitter = this->emitter();
  auto text = emitter.query(**query);
  --view_depth_;
  caller_ = reader;
  catalog_ = catalog;
  schema_ = schema;
  PIER_TRY_ASSIGN(auto sql, std::move(text));
  auto columns = emitter.output();
  if (!info.columns.empty()) {
    std::string names;
    for (const auto& column : info.columns) {
      names += (names.empty() ? "" : ", ") + quote_identifier(column.name);
    }
    sql = "SELECT * FROM (" + sql + ") AS pier_view(" + names + ")";
    if (columns.size() == info.columns.size()) {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        columns[i].name = info.columns[i].name;
      }
    } else {
      columns.clear();
    }
  }
  return sql::Relation{.sql = std::move(sql),
                       .columns = std::move(columns),
                       .full_name = {info.name.catalog, info.name.schema, info.name.table}};
}

/// delta.`/path`, csv.`/path` …
Result<sql::Relation> StatementRun::path_table(const sql::FromItem& item) {
  const auto format = to_lower(item.name[0]);
  if (format != "delta") {
    if (item.version.version || item.version.timestamp) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "UNSUPPORTED_FEATURE.TIME_TRAVEL",
                   .message = "Time travel on the relation is not supported"};
    }
    PIER_TRY_ASSIGN(const auto files, list_files(item.name[1]));
    return files_relation(format, files, {});
  }
  PIER_TRY_ASSIGN(const auto root, resolve_path(item.name[1], false));
  PIER_TRY_ASSIGN(const auto snapshot, snapshot_of(root, item.version));
  for (const auto& file : snapshot->files) { // a link in a volume may lead anywhere
    PIER_TRY_ASSIGN(const auto path, delta::data_file(*snapshot, file->path));
    PIER_TRY(resolve_inside(root, std::filesystem::path(path).lexically_relative(root).string()));
  }
  return delta_relation(*snapshot, {});
}

Result<std::filesystem::path> StatementRun::resolve_path(const std::string& location, bool write) {
  std::string path = location;
  for (const auto* scheme : {"dbfs:", "file://", "file:"}) {
    if (path.starts_with(scheme)) {
      path = path.substr(std::string_view(scheme).size());
      break;
    }
  }
  if (path.starts_with("/Volumes/")) {
    const auto parts = split(path, '/');
    if (parts.size() < 5 || parts[2].empty() || parts[3].empty() || parts[4].empty()) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "PATH_NOT_FOUND",
                   .message = "Path does not exist: " + location + ": write /Volumes/<catalog>/<schema>/<volume>/…"};
    }
    const auto volume = to_lower(parts[2] + "." + parts[3] + "." + parts[4]);
    PIER_TRY(core_.catalog.require(caller_, write ? "WRITE_VOLUME" : "READ_VOLUME",
                                   {.type = catalog::SecurableType::volume, .full_name = volume}));
    PIER_TRY_ASSIGN(const auto folder, core_.catalog.volume_folder(volume));
    std::string rest;
    for (std::size_t i = 5; i < parts.size(); ++i) {
      rest += (rest.empty() ? "" : "/") + parts[i];
    }
    PIER_TRY(engine_for(folder));
    if (rest.empty()) {
      return folder;
    }
    return resolve_inside(folder, rest);
  }
  const auto normal = std::filesystem::path(path).lexically_normal();
  if (!normal.is_absolute()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PATH_NOT_FOUND",
                 .message = "Path does not exist: " + location,
                 .hint = "write a path below /Volumes"};
  }
  PIER_TRY(core_.catalog.require_path(caller_, normal, write));
  std::error_code failed;
  const auto real = std::filesystem::weakly_canonical(normal, failed);
  PIER_TRY_ASSIGN(const auto folders, core_.catalog.readable_folders(caller_));
  for (const auto& folder : folders) {
    const auto inside = normal.lexically_relative(folder);
    if (!inside.empty() && *inside.begin() != "..") {
      PIER_TRY(engine_for(folder));
      return failed ? normal : real;
    }
  }
  return Error{.kind = ErrorKind::permission_denied,
               .code = "INSUFFICIENT_PERMISSIONS",
               .message = "'" + location + "' is in no volume and no external location that you may read"};
}

} // namespace pier::lake
