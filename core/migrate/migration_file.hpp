#pragma once

#include "core/base/diagnostics.hpp"
#include "core/base/result.hpp"
#include "core/migrate/sql_splitter.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pier::migrate {

enum class MigrationKind {
  versioned,  ///< V<version>__<name>.sql: once, in order of the version
  repeatable, ///< R__<name>.sql: after the versioned ones, again whenever its content changes
};

/// One file, read and cut into statements.
struct MigrationFile {
  MigrationKind kind = MigrationKind::versioned;
  std::string version; ///< "001", "1.2"; of a repeatable one its name
  std::string name;    ///< "compensation_decision"
  std::string path;    ///< for people: relative to the project
  std::string text;
  std::string sha256; ///< hexadecimal, of the text with LF line ends
  bool transactional = true;
  std::vector<SqlStatement> statements;
};

/// The files of one database: `migrations/<instance>/<database>/`.
struct MigrationSet {
  std::string instance;
  std::string database;
  std::vector<MigrationFile> files; ///< in the order of running
};

/// "1.10" comes after "1.9", "007" equals "7". Parts are compared as numbers of any length.
int compare_versions(std::string_view a, std::string_view b);

/// Reads every set below `root`/migrations; none if there is no such folder. `root` is the bundle's folder. Problems
/// of names, directives and SQL become diagnostics (PIER8401…PIER8406). Files are at most 16 MiB.
Result<std::vector<MigrationSet>> read_migrations(const std::filesystem::path& root, Diagnostics& diagnostics);

/// One file by its name and text; for callers that have it in memory.
MigrationFile parse_migration(std::string path, std::string text, Diagnostics& diagnostics);

} // namespace pier::migrate
