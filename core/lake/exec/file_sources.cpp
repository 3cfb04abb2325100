#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/lake/exec/statement_run.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>

namespace pier::lake {
namespace {

constexpr std::size_t k_max_files = 100'000;

using Options = std::map<std::string, std::string>;

Error path_not_found(const std::string& location) {
  return Error{.kind = ErrorKind::not_found, .code = "PATH_NOT_FOUND", .message = "Path does not exist: " + location};
}

bool is_hidden(const std::filesystem::path& path) {
  const auto name = path.filename().string();
  return name.starts_with('_') || name.starts_with('.');
}

/// Regular files below a folder, by name; hidden ones and links are left out.
Result<std::vector<std::string>> walk(const std::filesystem::path& folder) {
  std::vector<std::string> out;
  std::error_code failed;
  std::filesystem::recursive_directory_iterator entries(folder, failed);
  for (; !failed && entries != std::filesystem::recursive_directory_iterator(); entries.increment(failed)) {
    const auto& entry = *entries;
    if (is_hidden(entry.path())) {
      if (entry.is_directory(failed)) {
        entries.disable_recursion_pending();
      }
      continue;
    }
    if (entry.symlink_status(failed).type() == std::filesystem::file_type::regular) {
      out.push_back(entry.path().string());
      if (out.size() > k_max_files) {
        return Error{.kind = ErrorKind::too_large,
                     .code = "INVALID_PARAMETER_VALUE",
                     .message = "'" + folder.filename().string() + "' holds more than 100,000 files"};
      }
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// Options of one format: what the dialect calls them and what the engine does.
struct OptionRule {
  std::string_view name;
  std::string_view engine; ///< empty: handled by hand or without effect here
};

constexpr std::array k_csv_options{
    OptionRule{"header", ""},           OptionRule{"sep", "delim"},     OptionRule{"delimiter", "delim"},
    OptionRule{"quote", "quote"},       OptionRule{"escape", "escape"}, OptionRule{"nullvalue", "nullstr"},
    OptionRule{"comment", "comment"},   OptionRule{"schema", ""},       OptionRule{"inferschema", ""},
    OptionRule{"multiline", ""},        OptionRule{"mode", ""},         OptionRule{"encoding", "encoding"},
    OptionRule{"inferColumnTypes", ""},
};

Result<std::string> csv_arguments(const Options& options) {
  std::string out;
  for (const auto& [name, value] : options) {
    const auto* const rule = std::find_if(k_csv_options.begin(), k_csv_options.end(), [&](const OptionRule& known) {
      return equals_ignore_case(known.name, name);
    });
    if (rule == k_csv_options.end() ||
        (name == "mode" && !equals_ignore_case(value, "FAILFAST") && !equals_ignore_case(value, "PERMISSIVE"))) {
      return Error{.kind = ErrorKind::unsupported,
                   .code = "UNSUPPORTED_FEATURE",
                   .message = "the option '" + name + "' of read_files is not offered by the local workspace"};
    }
    if (!rule->engine.empty()) {
      out += ", " + std::string(rule->engine) + " = " + quote_text(value);
    }
  }
  return out;
}

bool flag(const Options& options, const std::string& name, bool fallback) {
  const auto found = options.find(name);
  return found == options.end() ? fallback : equals_ignore_case(found->second, "true");
}

/// Columns in the text of a `schema` option: "a INT, b STRING".
Result<std::vector<Field>> schema_option(const std::string& text) {
  PIER_TRY_ASSIGN(auto type, DataType::parse("STRUCT<" + text + ">"));
  return std::move(type.fields);
}

} // namespace

Result<std::vector<std::string>> StatementRun::list_files(const std::string& location) {
  const auto star = location.find_first_of("*?[{");
  if (star == std::string::npos) {
    PIER_TRY_ASSIGN(const auto path, resolve_path(location, false));
    std::error_code failed;
    if (std::filesystem::is_regular_file(path, failed)) {
      return std::vector{path.string()};
    }
    if (!std::filesystem::is_directory(path, failed)) {
      return path_not_found(location);
    }
    PIER_TRY_ASSIGN(auto files, walk(path));
    return files.empty() ? Result<std::vector<std::string>>(path_not_found(location)) : std::move(files);
  }
  if (location[star] == '{') {
    return Error{.kind = ErrorKind::unsupported,
                 .code = "UNSUPPORTED_FEATURE",
                 .message = "a path pattern with { } is not offered by the local workspace"};
  }
  const auto slash = location.rfind('/', star);
  if (slash == std::string::npos) {
    return path_not_found(location);
  }
  PIER_TRY_ASSIGN(const auto folder, resolve_path(location.substr(0, slash), false));
  PIER_TRY_ASSIGN(auto files, walk(folder));
  const auto pattern = (std::filesystem::path(escape_glob(folder.string())) / location.substr(slash + 1)).string();
  std::erase_if(files,
                [&](const std::string& file) { return ::fnmatch(pattern.c_str(), file.c_str(), FNM_PATHNAME) != 0; });
  return files.empty() ? Result<std::vector<std::string>>(path_not_found(location)) : std::move(files);
}

Result<sql::Relation> StatementRun::read_files(const sql::Expression& call) {
  if (call.arguments.empty() || !call.argument_names[0].empty()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "WRONG_NUM_ARGS",
                 .message = "read_files needs a path as its first argument"};
  }
  Options options;
  for (std::size_t i = 1; i < call.arguments.size(); ++i) {
    if (call.argument_names[i].empty()) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "UNEXPECTED_POSITIONAL_ARGUMENT",
                   .message = "the options of read_files are named: header => true"};
    }
    PIER_TRY_ASSIGN(options[call.argument_names[i]], constant(*call.arguments[i]));
  }
  PIER_TRY_ASSIGN(const auto location, constant(*call.arguments[0]));
  PIER_TRY_ASSIGN(const auto files, list_files(location));
  auto format = to_lower(options["format"]);
  options.erase("format");
  if (format.empty()) {
    const auto extension = to_lower(std::filesystem::path(files.front()).extension().string());
    format = extension.empty() ? "" : extension.substr(1);
  }
  return files_relation(std::move(format), files, options);
}

Result<sql::Relation> StatementRun::files_relation(std::string format, const std::vector<std::string>& files,
                                                   const Options& options) {
  std::string list;
  for (const auto& file : files) {
    list += (list.empty() ? "[" : ", ") + quote_text(escape_glob(file));
  }
  list += "]";
  PIER_TRY_ASSIGN(auto* const session, this->session());
  reads_.clear();
  sql::Relation out;
  if (format == "csv" || format == "tsv") {
    PIER_TRY_ASSIGN(out, csv_relation(list, options));
  } else if (!options.empty()) {
    return Error{.kind = ErrorKind::unsupported,
                 .code = "UNSUPPORTED_FEATURE",
                 .message = "the option '" + options.begin()->first + "' of read_files for " + format +
                            " is not offered by the local workspace"};
  } else if (format == "parquet") {
    out.sql = "SELECT * FROM read_parquet(" + list + ", hive_partitioning = false)";
  } else if (format == "json" || format == "ndjson" || format == "jsonl") {
    out.sql = "SELECT * FROM read_json(" + list + ", sample_size = -1, maximum_object_size = 268435456)";
  } else {
    return Error{.kind = ErrorKind::unsupported,
                 .code = "UNSUPPORTED_FEATURE",
                 .message = "the file format '" + format + "' is not offered by the local workspace",
                 .hint = "csv, json and parquet are"};
  }
  if (out.columns.empty()) {
    PIER_TRY_ASSIGN(const auto probe, session->prepare(out.sql));
    for (const auto& column : probe->columns()) {
      out.columns.push_back({.name = column.name, .type = column.type});
    }
  }
  return out;
}

/// Infers columns from the whole of the files, then reads with these columns. A column of instants becomes
/// TIMESTAMP; what cannot be read as its column fails, so _rescued_data is always NULL.
Result<sql::Relation> StatementRun::csv_relation(const std::string& list, const Options& options) {
  PIER_TRY_ASSIGN(auto arguments, csv_arguments(options));
  if (!options.contains("sep") && !options.contains("delimiter")) {
    arguments += ", delim = ','";
  }
  if (!options.contains("quote")) {
    arguments += ", quote = '\"'";
  }
  const bool header = flag(options, "header", false);
  arguments += header ? ", header = true" : ", header = false";
  sql::Relation out;
  if (const auto schema = options.find("schema"); schema != options.end()) {
    PIER_TRY_ASSIGN(out.columns, schema_option(schema->second));
  } else {
    const bool infer = flag(options, "inferschema", true) && flag(options, "infercolumntypes", true);
    PIER_TRY_ASSIGN(auto* const session, this->session());
    PIER_TRY_ASSIGN(
        const auto probe,
        session->prepare("SELECT * FROM read_csv(" + list + arguments + ", sample_size = -1" +
                         (infer ? ", auto_type_candidates = ['BOOLEAN', 'INTEGER', 'BIGINT', 'DOUBLE', 'DATE', "
                                  "'TIMESTAMPTZ', 'VARCHAR']"
                                : ", all_varchar = true") +
                         ")"));
    for (const auto& column : probe->columns()) {
      Field field{.name = header ? column.name : "_c" + std::to_string(out.columns.size()), .type = column.type};
      if (field.type.kind == TypeKind::timestamp_ntz) {
        field.type.kind = TypeKind::timestamp;
      }
      out.columns.push_back(std::move(field));
    }
  }
  std::string columns;
  for (const auto& field : out.columns) {
    columns += (columns.empty() ? "" : ", ") + quote_text(field.name) + ": " + quote_text(field.type.to_duckdb());
  }
  out.sql = "SELECT *, CAST(NULL AS VARCHAR) AS _rescued_data FROM read_csv(" + list + arguments +
            ", auto_detect = false, columns = {" + columns + "})";
  out.columns.push_back({.name = "_rescued_data"});
  return out;
}

} // namespace pier::lake
