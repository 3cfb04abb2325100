#pragma once

#include "core/base/result.hpp"

#include <compare>
#include <string>
#include <string_view>

namespace pier::model {

/// A three-part name of the catalog, lower case as Unity Catalog keeps them. Parts hold no dots.
struct TableName {
  std::string catalog;
  std::string schema;
  std::string table;

  /// "c.s.t"; parts may be in backticks. Error PIER0201.
  static Result<TableName> parse(std::string_view text);

  [[nodiscard]] std::string to_string() const { return catalog + "." + schema + "." + table; }

  auto operator<=>(const TableName&) const = default;
};

} // namespace pier::model
