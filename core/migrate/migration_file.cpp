#include "core/migrate/migration_file.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <cctype>
#include <system_error>

namespace pier::migrate {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t k_max_file = 16ULL * 1024 * 1024;
constexpr std::string_view k_help = "name it V<version>__<name>.sql (once) or R__<name>.sql (after each change)";

bool is_version(std::string_view text) {
  bool digit_before = false;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(digit_before && (c == '.' || c == '_'))) {
      return false;
    }
    digit_before = digit;
  }
  return digit_before;
}

/// V1_2__name.sql: the version reaches to the first double underscore.
bool parse_name(std::string_view file_name, MigrationFile& out) {
  if (!file_name.ends_with(".sql")) {
    return false;
  }
  file_name.remove_suffix(4);
  const auto separator = file_name.find("__");
  if (separator == std::string_view::npos || separator + 2 == file_name.size()) {
    return false;
  }
  out.name = file_name.substr(separator + 2);
  if (file_name.starts_with("R__")) {
    out.kind = MigrationKind::repeatable;
    out.version = out.name;
    return true;
  }
  const auto version = file_name.substr(1, separator - 1);
  if (!file_name.starts_with('V') || !is_version(version)) {
    return false;
  }
  out.version = replace_all(std::string(version), "_", ".");
  return true;
}

/// Directives stand in the comments before the first statement: `-- pier:transaction off`.
void read_directives(MigrationFile& file, Diagnostics& diagnostics) {
  const auto end = file.statements.empty() ? file.text.size() : file.statements.front().offset;
  std::size_t at = 0;
  while (at < end) {
    const auto line_end = std::min(file.text.find('\n', at), file.text.size());
    const auto line = trim(std::string_view(file.text).substr(at, line_end - at));
    if (line.starts_with("-- pier:") || line.starts_with("--pier:")) {
      const auto directive = trim(line.substr(line.find("pier:") + 5));
      if (directive == "transaction off") {
        file.transactional = false;
      } else if (directive != "transaction on") {
        diagnostics.error("PIER8405", "the directive \"pier:" + std::string(directive) + "\" is unknown",
                          {span_at(file.path, file.text, file.text.find("pier:", at), 5 + directive.size())},
                          "the directives are: -- pier:transaction off");
      }
    }
    at = line_end + 1;
  }
}

void check_duplicates(const MigrationSet& set, Diagnostics& diagnostics) {
  for (std::size_t i = 1; i < set.files.size(); ++i) {
    const auto& before = set.files[i - 1];
    const auto& file = set.files[i];
    if (before.kind == MigrationKind::versioned && file.kind == before.kind &&
        compare_versions(before.version, file.version) == 0) {
      diagnostics.error("PIER8406", "two migrations have the version " + file.version,
                        {SourceSpan{.file = file.path}, SourceSpan{.file = before.path}}, "give one of them the next");
    }
  }
}

Result<std::vector<fs::path>> entries(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (!at->path().filename().string().starts_with('.')) {
      out.push_back(at->path());
    }
  }
  if (error) {
    return error_from_errno(error.value(), "reading " + folder.string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool runs_before(const MigrationFile& a, const MigrationFile& b) {
  if (a.kind != b.kind) {
    return a.kind == MigrationKind::versioned;
  }
  return a.kind == MigrationKind::versioned ? compare_versions(a.version, b.version) < 0 : a.name < b.name;
}

Result<MigrationSet> read_set(const fs::path& root, const fs::path& folder, Diagnostics& diagnostics) {
  MigrationSet set{.instance = folder.parent_path().filename().string(), .database = folder.filename().string()};
  PIER_TRY_ASSIGN(const auto paths, entries(folder));
  for (const auto& path : paths) {
    if (path.extension() != ".sql") {
      continue; // a README beside the files
    }
    PIER_TRY_ASSIGN(auto text, read_file(path, k_max_file));
    const auto before = diagnostics.count(Severity::error);
    auto file = parse_migration(path.lexically_relative(root).generic_string(), std::move(text), diagnostics);
    if (diagnostics.count(Severity::error) == before) {
      set.files.push_back(std::move(file));
    }
  }
  std::stable_sort(set.files.begin(), set.files.end(), runs_before);
  check_duplicates(set, diagnostics);
  return set;
}

} // namespace

int compare_versions(std::string_view a, std::string_view b) {
  const auto left = split(a, '.');
  const auto right = split(b, '.');
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    const auto digits = [i](const std::vector<std::string>& parts) {
      auto part = i < parts.size() ? parts[i] : std::string();
      part.erase(0, std::min(part.find_first_not_of('0'), part.size()));
      return part;
    };
    const auto x = digits(left);
    const auto y = digits(right);
    if (x.size() != y.size()) {
      return x.size() < y.size() ? -1 : 1;
    }
    if (const int order = x.compare(y); order != 0) {
      return order < 0 ? -1 : 1;
    }
  }
  return 0;
}

MigrationFile parse_migration(std::string path, std::string text, Diagnostics& diagnostics) {
  MigrationFile file{.path = std::move(path), .text = std::move(text)};
  file.sha256 = hex_encode(sha256(replace_all(file.text, "\r\n", "\n")));
  if (!parse_name(fs::path(file.path).filename().string(), file)) {
    diagnostics.error("PIER8404", "the file's name says neither version nor name", {SourceSpan{.file = file.path}},
                      std::string(k_help));
    return file;
  }
  if (!is_valid_utf8(file.text) || file.text.find('\0') != std::string::npos) {
    diagnostics.error("PIER8404", "the file is no UTF-8 text", {SourceSpan{.file = file.path}}, "save it as UTF-8");
    return file;
  }
  const auto before = diagnostics.count(Severity::error);
  file.statements = split_sql(file.path, file.text, diagnostics);
  if (diagnostics.count(Severity::error) == before && file.statements.empty()) {
    diagnostics.error("PIER8404", "the file holds no statement", {SourceSpan{.file = file.path}}, "remove it");
  }
  read_directives(file, diagnostics);
  return file;
}

Result<std::vector<MigrationSet>> read_migrations(const fs::path& root, Diagnostics& diagnostics) {
  std::vector<MigrationSet> out;
  const auto top = root / "migrations";
  if (!is_folder(top)) {
    return out;
  }
  PIER_TRY_ASSIGN(const auto instances, entries(top));
  for (const auto& instance : instances) {
    if (!is_folder(instance)) {
      if (instance.extension() == ".sql") {
        diagnostics.error("PIER8404", "the migration lies in no database's folder",
                          {SourceSpan{.file = instance.lexically_relative(root).generic_string()}},
                          "move it to migrations/<instance>/<database>/");
      }
      continue;
    }
    PIER_TRY_ASSIGN(const auto databases, entries(instance));
    for (const auto& database : databases) {
      if (is_folder(database)) {
        PIER_TRY_ASSIGN(auto set, read_set(root, database, diagnostics));
        out.push_back(std::move(set));
      } else if (database.extension() == ".sql") {
        diagnostics.error("PIER8404", "the migration lies in no database's folder",
                          {SourceSpan{.file = database.lexically_relative(root).generic_string()}},
                          "move it to migrations/<instance>/<database>/");
      }
    }
  }
  return out;
}

} // namespace pier::migrate
