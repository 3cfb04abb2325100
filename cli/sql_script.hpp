#pragma once

#include "core/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pier::cli {

/// Statements of a SQL script: split at semicolons outside texts, names and comments; empty ones are left
/// out. Nothing else is understood here: the warehouse parses. Error usage for an unfinished text.
Result<std::vector<std::string>> split_sql_script(std::string_view script);

/// What a USE statement makes the default; both empty for any other statement.
struct UsedNames {
  std::string catalog;
  std::string schema;
};

UsedNames used_names(std::string_view statement);

} // namespace pier::cli
