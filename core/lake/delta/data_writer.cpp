#include "core/lake/delta/data_writer.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/fd.hpp"
#include "core/base/files.hpp"
#include "core/lake/delta/file_stats.hpp"
#include "core/lake/delta/log_parser.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace pier::lake::delta {
namespace {

Result<void> sync_file(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) {
    return error_from_errno(errno, "writing " + path.filename().string());
  }
  return {};
}

Result<void> check_nulls(const WrittenFile& file, const std::vector<Field>& columns) {
  for (const auto& column : columns) {
    if (column.nullable) {
      continue;
    }
    const auto stats = file.statistics.find(quote_identifier(column.name));
    const auto partition = file.partition.find(column.name);
    const bool has_null = (partition != file.partition.end() && !partition->second) ||
                          (stats != file.statistics.end() && stats->second.contains("null_count") &&
                           stats->second.at("null_count") != "0");
    if (has_null) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "DELTA_NOT_NULL_CONSTRAINT_VIOLATED",
                   .message = "NOT NULL constraint violated for column: " + column.name};
    }
  }
  return {};
}

/// Removes what a failed write left: everything below `folder` with the id in its name.
void remove_named(const std::filesystem::path& folder, const std::string& id) {
  std::error_code failed;
  std::error_code ignored;
  std::filesystem::recursive_directory_iterator entries(folder, failed);
  for (; !failed && entries != std::filesystem::recursive_directory_iterator(); entries.increment(failed)) {
    if (entries->path().filename().string().find(id) != std::string::npos) {
      std::filesystem::remove(entries->path(), ignored);
    }
  }
}

/// The query with partition columns as the texts that the log keeps.
std::string select_for_copy(const WriteRequest& request) {
  std::string out = "SELECT ";
  for (const auto& column : request.columns) {
    const auto name = quote_identifier(column.name);
    const bool is_partition = std::find(request.partition_columns.begin(), request.partition_columns.end(),
                                        column.name) != request.partition_columns.end();
    out += (out.size() > 7 ? ", " : "");
    if (!is_partition) {
      out += name;
    } else if (column.type.kind == TypeKind::timestamp || column.type.kind == TypeKind::timestamp_ntz) {
      out += "strftime(" + name + ", '%Y-%m-%d %H:%M:%S.%f') AS " + name;
    } else {
      out += "nullif(" + name + "::VARCHAR, '') AS " + name;
    }
  }
  return out + " FROM (" + request.query + ")";
}

std::string copy_statement(const WriteRequest& request, const std::filesystem::path& folder, const std::string& id) {
  constexpr std::string_view k_options = " (FORMAT parquet, COMPRESSION zstd, RETURN_STATS";
  if (request.partition_columns.empty()) {
    const auto file = folder / ("part-00000-" + id + "-c000.zstd.parquet");
    return "COPY (" + request.query + ") TO " + quote_text(file.string()) + std::string(k_options) + ")";
  }
  std::string names;
  for (const auto& name : request.partition_columns) {
    names += (names.empty() ? "" : ", ") + quote_identifier(name);
  }
  return "COPY (" + select_for_copy(request) + ") TO " + quote_text(folder.string()) + std::string(k_options) +
         ", PARTITION_BY (" + names + "), OVERWRITE_OR_IGNORE, FILENAME_PATTERN 'part-00000-" + id + "-{uuid}')";
}

AddFile describe(const WriteRequest& request, const WrittenFile& written) {
  AddFile add{.path =
                  percent_encode(std::filesystem::path(written.path).lexically_relative(request.root).string(), true),
              .size = written.bytes,
              .modification_time = request.now_millis,
              .stats = file_stats(written, request.columns),
              .tags = {{k_schema_tag, schema_fingerprint(request.columns)}}};
  for (const auto& [name, value] : written.partition) {
    add.partition_values[name] = value;
  }
  return add;
}

} // namespace

std::string schema_fingerprint(const std::vector<Field>& columns) {
  std::string text;
  for (const auto& column : columns) {
    text += quote_identifier(column.name) + " " + column.type.to_duckdb() + ",";
  }
  return hex_encode(sha256(text)).substr(0, 32);
}

void discard_files(const std::filesystem::path& root, const std::vector<AddFile>& files) {
  for (const auto& file : files) {
    std::error_code ignored;
    std::filesystem::remove(root / decode_path(file.path), ignored);
  }
}

Result<WriteResult> write_files(EngineSession& session, const WriteRequest& request) {
  const auto folder = request.folder.empty() ? request.root : request.root / request.folder;
  PIER_TRY(make_directories(folder));
  const auto id = random_uuid();
  auto written = session.copy(copy_statement(request, folder, id), request.stop);
  WriteResult result;
  Result<void> failure;
  if (!written) {
    failure = std::move(written).error();
    // The engine leaves a cut-off file when it stops in the middle; its name holds our id.
    remove_named(folder, id);
    return std::move(failure).error();
  }
  for (const auto& file : *written) {
    if (failure) {
      failure = check_nulls(file, request.columns);
    }
    if (failure) {
      failure = sync_file(file.path);
    }
    auto add = describe(request, file);
    result.rows += file.rows;
    result.bytes += file.bytes;
    if (file.rows > 0) {
      result.files.push_back(std::move(add));
    } else {
      discard_files(request.root, {add});
    }
  }
  if (!failure) {
    discard_files(request.root, result.files);
    return std::move(failure).error();
  }
  return result;
}

} // namespace pier::lake::delta
