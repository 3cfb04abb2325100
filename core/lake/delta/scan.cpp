#include "core/lake/delta/scan.hpp"

#include "core/base/text.hpp"
#include "core/lake/delta/data_writer.hpp"
#include "core/lake/delta/deletion_vector.hpp"
#include "core/lake/delta/log_parser.hpp"

#include <algorithm>

namespace pier::lake::delta {
namespace {

const std::string& physical(const Snapshot& snapshot, const Field& field) {
  return snapshot.mapping != MappingMode::none && !field.physical_name.empty() ? field.physical_name : field.name;
}

bool is_partition(const Snapshot& snapshot, const Field& field) {
  const auto& names = snapshot.metadata.partition_columns;
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return equals_ignore_case(name, field.name); });
}

/// Type with the names that nested members have in the files.
DataType physical_type(const Snapshot& snapshot, const DataType& type) {
  auto out = type;
  for (auto& field : out.fields) {
    if (type.kind == TypeKind::structure) {
      field.name = physical(snapshot, field);
    }
    field.type = physical_type(snapshot, field.type);
  }
  return out;
}

/// Renames nested members from physical to logical names.
std::string rename_nested(const Snapshot& snapshot, const DataType& type, const std::string& value) {
  if (!type.is_nested() || snapshot.mapping == MappingMode::none) {
    return value;
  }
  if (type.kind == TypeKind::array) {
    return "list_transform(" + value + ", lambda pier_e: " + rename_nested(snapshot, type.fields[0].type, "pier_e") +
           ")";
  }
  if (type.kind == TypeKind::map) {
    return "map_from_entries(list_transform(map_entries(" + value +
           "), lambda pier_m: struct_pack(k := " + rename_nested(snapshot, type.fields[0].type, "pier_m.key") +
           ", v := " + rename_nested(snapshot, type.fields[1].type, "pier_m.value") + ")))";
  }
  std::string members;
  for (const auto& field : type.fields) {
    members += (members.empty() ? "" : ", ") + quote_identifier(field.name) + " := " +
               rename_nested(snapshot, field.type, "(" + value + ")." + quote_identifier(physical(snapshot, field)));
  }
  return "CASE WHEN " + value + " IS NOT NULL THEN struct_pack(" + members + ") END";
}

/// The `schema` argument of read_parquet for the columns that live in the files.
std::string schema_map(const Snapshot& snapshot, bool with_change_type) {
  std::string out;
  for (const auto& field : snapshot.columns) {
    if (is_partition(snapshot, field)) {
      continue;
    }
    const auto key = snapshot.mapping == MappingMode::id && field.field_id != 0 ? std::to_string(field.field_id)
                                                                                : quote_text(physical(snapshot, field));
    out += (out.empty() ? "" : ", ") + key + ": {name: " + quote_text(field.name) +
           ", type: " + quote_text(physical_type(snapshot, field.type).to_duckdb()) + ", default_value: NULL}";
  }
  if (with_change_type) {
    out += std::string(out.empty() ? "" : ", ") + (snapshot.mapping == MappingMode::id ? "-1" : "'_change_type'") +
           ": {name: '_change_type', type: 'VARCHAR', default_value: NULL}";
  }
  return out;
}

/// The text of a partition value as the column's type.
std::string partition_cast(const Field& field, const std::string& value) {
  return field.type.kind == TypeKind::string   ? value
         : field.type.kind == TypeKind::binary ? "encode(" + value + ")"
                                               : "CAST(" + value + " AS " + field.type.to_duckdb() + ")";
}

/// One row of the table that says what belongs to a file.
std::string file_row(const Snapshot& snapshot, const AddFile& add, const std::string& path, std::int64_t deletions) {
  std::string row = "(" + quote_text(path) + ", " + (deletions == 0 ? "NULL" : std::to_string(deletions)) +
                    "::BIGINT, " + quote_text(add.path);
  for (const auto& field : snapshot.columns) {
    if (is_partition(snapshot, field)) {
      const auto found = add.partition_values.find(physical(snapshot, field));
      const bool has_value = found != add.partition_values.end() && found->second;
      row += ", " + (has_value ? quote_text(*found->second) : std::string("NULL")) + "::VARCHAR";
    }
  }
  return row + ")";
}

/// Makes the file's deletion vector known to the engine, once for each snapshot.
Result<std::shared_ptr<const std::int64_t>> register_deletions(Engine& engine, const Snapshot& snapshot,
                                                               const DeletionVector& vector) {
  auto known = snapshot.deletions.lock();
  const auto key = std::to_string(engine.id()) + ' ' + vector.unique_id();
  auto& handle = (*known)[key];
  if (handle == nullptr) {
    auto rows = DeletedRows::load(vector, snapshot.root);
    if (!rows) {
      known->erase(key);
      return std::move(rows).error();
    }
    handle =
        engine.register_deletions([deleted = *std::move(rows)](std::uint64_t row) { return deleted->contains(row); });
  }
  return handle;
}

/// A table without files still has columns.
std::string empty_scan(const Snapshot& snapshot, const ScanRequest& request) {
  std::string out = "SELECT ";
  for (const auto& field : snapshot.columns) {
    out += (out.size() > 7 ? ", " : "") + std::string("CAST(NULL AS ") + field.type.to_duckdb() + ") AS " +
           quote_identifier(field.name);
  }
  if (request.with_position) {
    out += ", NULL::VARCHAR AS __pier_file, NULL::BIGINT AS __pier_row";
  }
  if (request.with_change_type) {
    out += ", NULL::VARCHAR AS _change_type";
  }
  return out + " WHERE false";
}

/// Columns of the scan, from f (the files) and p (what belongs to each file).
std::string select_list(const Snapshot& snapshot, const ScanRequest& request) {
  std::string out;
  std::size_t partition = 0;
  for (const auto& field : snapshot.columns) {
    const auto name = quote_identifier(field.name);
    const auto value = is_partition(snapshot, field) ? partition_cast(field, "p.v" + std::to_string(partition++))
                                                     : rename_nested(snapshot, field.type, "f." + name);
    out += (out.empty() ? "" : ", ") + value + " AS " + name;
  }
  if (request.with_position) {
    out += ", p.pier_path AS __pier_file, f.file_row_number AS __pier_row";
  }
  if (request.with_change_type) {
    out += ", f._change_type AS _change_type";
  }
  return out;
}

/// Files that pier wrote with the very columns of this snapshot need no schema argument.
bool is_written_alike(const Snapshot& snapshot, const ScanRequest& request) {
  return snapshot.mapping == MappingMode::none && !request.with_change_type &&
         std::all_of(request.files.begin(), request.files.end(), [&](const std::shared_ptr<const AddFile>& file) {
           const auto tag = file->tags.find(k_schema_tag);
           return tag != file->tags.end() && tag->second == snapshot.fingerprint;
         });
}

} // namespace

Result<std::string> data_file(const Snapshot& snapshot, const std::string& log_path) {
  const auto path = (snapshot.root / decode_path(log_path)).lexically_normal();
  const auto inside = path.lexically_relative(snapshot.root);
  if (inside.empty() || *inside.begin() == "..") {
    return Error{.kind = ErrorKind::unsupported,
                 .code = "DELTA_FILE_OUTSIDE_TABLE",
                 .message = "the table refers to the file '" + path.string() + "' outside its own folder"};
  }
  return path.string();
}

Result<ScanSql> scan_sql(Engine& engine, const Snapshot& snapshot, const ScanRequest& request) {
  if (request.files.empty() || snapshot.columns.empty()) {
    return ScanSql{.sql = empty_scan(snapshot, request), .keep = {}};
  }
  ScanSql out;
  std::string paths;
  std::string rows;
  bool need_rows = request.with_position || !snapshot.metadata.partition_columns.empty();
  for (const auto& file : request.files) {
    PIER_TRY_ASSIGN(const auto path, data_file(snapshot, file->path));
    std::int64_t deletions = 0;
    if (file->deletion_vector) {
      PIER_TRY_ASSIGN(auto handle, register_deletions(engine, snapshot, *file->deletion_vector));
      deletions = *handle;
      out.keep.push_back(std::move(handle));
      need_rows = true;
    }
    paths += (paths.empty() ? "" : ", ") + quote_text(escape_glob(path));
    rows += (rows.empty() ? "" : ", ") + file_row(snapshot, *file, path, deletions);
  }
  const bool as_they_are = is_written_alike(snapshot, request);
  auto schema = as_they_are ? std::string() : schema_map(snapshot, request.with_change_type);
  const bool only_partitions = schema.empty();
  const auto source = "read_parquet([" + paths + "], hive_partitioning = false" +
                      (only_partitions ? "" : ", schema = MAP {" + schema + "}") + ") AS f";
  if (!need_rows) {
    out.sql = "SELECT " + select_list(snapshot, request) + " FROM " + source;
    return out;
  }
  std::string names = "pier_name, pier_dv_no, pier_path";
  for (std::size_t i = 0; i < snapshot.metadata.partition_columns.size(); ++i) {
    names += ", v" + std::to_string(i);
  }
  out.sql = "SELECT " + select_list(snapshot, request) + " FROM " + source + " JOIN (VALUES " + rows + ") AS p(" +
            names + ") ON f.filename = p.pier_name";
  if (!out.keep.empty()) {
    out.sql += " WHERE p.pier_dv_no IS NULL OR NOT pier_dv(p.pier_dv_no, f.file_row_number)";
  }
  return out;
}

Result<ScanSql> scan_sql(Engine& engine, const Snapshot& snapshot) {
  return scan_sql(engine, snapshot, {.files = snapshot.files});
}

} // namespace pier::lake::delta
