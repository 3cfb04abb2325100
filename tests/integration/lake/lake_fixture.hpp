#pragma once

#include "core/base/files.hpp"
#include "core/catalog/catalog.hpp"
#include "core/identity/identity.hpp"
#include "core/lake/lake.hpp"
#include "core/store/database.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pier::lake {

/// A lake over a real catalog in a folder of its own.
struct LakeFixture {
  TempDirectory folder;
  SystemClock clock;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<identity::Identity> identity;
  std::unique_ptr<catalog::Catalog> catalog;
  std::unique_ptr<Lake> lake;
  identity::Caller owner;

  LakeFixture();

  [[nodiscard]] std::filesystem::path root() const { return folder.path() / "lake"; }

  Result<StatementResult> try_run(const std::string& sql, std::vector<Parameter> parameters = {});
  Result<StatementResult> try_run_as(const identity::Caller& caller, const std::string& sql);
  /// Fails the test on an error.
  StatementResult run(const std::string& sql, std::vector<Parameter> parameters = {});
  /// Cells of all rows: "a|b;c|NULL"
  std::string rows(const std::string& sql, std::vector<Parameter> parameters = {});
  /// "[CLASS]" of the error, empty when it works.
  std::string error_class(const std::string& sql);
  identity::Caller user(const std::string& name);
  /// Folder of a table.
  [[nodiscard]] std::string location(const std::string& table) const;
  void make_volume(const std::string& name);
};

std::string flatten(const StatementResult& result);

} // namespace pier::lake
