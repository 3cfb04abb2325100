#pragma once

#include "core/catalog/catalog.hpp"
#include "core/lake/lake.hpp"
#include "core/sync/database_template.hpp"
#include "core/sync/sync.hpp"
#include "tests/support/lake_decorators.hpp"
#include "tests/support/lakebase_fixture.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pier::test {

using TextRows = std::vector<std::vector<std::string>>;

/// A lake, a Lakebase and the sync between them, in a folder of their own.
struct SyncFixture : LakebaseFixture {
  std::unique_ptr<catalog::Catalog> catalog;
  std::unique_ptr<lake::Lake> lake;
  std::unique_ptr<WatchedLake> watched; ///< what sync sees
  std::unique_ptr<sync::SyncService> sync;

  ~SyncFixture() { sync.reset(); }

  void open_all() {
    template_sql = sync::database_template_sql();
    catalog =
        catalog::Catalog::open(*database, clock, folder.path() / "lake", folder.path() / "volumes", identity.get())
            .value();
    lake = lake::Lake::open({.root = folder.path() / "lake", .volumes_root = folder.path() / "volumes", .threads = 1},
                            *catalog, clock)
               .value();
    open();
    watched = std::make_unique<WatchedLake>(*lake);
    sync = sync::SyncService::open(*database, *identity, *catalog, *watched, *lakebase, clock,
                                   {.poll = std::chrono::milliseconds(50)})
               .value();
  }

  void close_all() {
    sync.reset();
    lakebase.reset();
    watched.reset();
    lake.reset();
    catalog.reset();
  }

  TextRows sql(const std::string& text) {
    const auto result = lake->execute({.caller = owner(), .sql = text});
    REQUIRE_MESSAGE(result, (text + ": " + (result ? "" : result.error().to_string())));
    return text_rows(*result);
  }

  static TextRows rows_of(lakebase::PgConnection& connection, const std::string& text) {
    const auto result = connection.query(text);
    REQUIRE_MESSAGE(result, (text + ": " + (result ? "" : result.error().to_string())));
    TextRows rows(result->size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
      for (std::size_t column = 0; column < result->columns(); ++column) {
        rows[row].push_back(result->cell(row, column).value_or("NULL"));
      }
    }
    return rows;
  }

  sync::SyncedTable make_synced(const std::string& name, const std::string& source, const std::string& key,
                                const std::string& policy = "SNAPSHOT", const std::string& timeseries_key = {}) {
    auto spec = Json::object({{"source_table_full_name", source},
                              {"primary_key_columns", Json::array({key})},
                              {"scheduling_policy", policy},
                              {"create_database_objects_if_missing", true}});
    if (!timeseries_key.empty()) {
      spec["timeseries_key"] = timeseries_key;
    }
    const auto made = sync->create_table(owner(), Json::object({{"name", name},
                                                                {"database_instance_name", "shop"},
                                                                {"logical_database_name", "databricks_postgres"},
                                                                {"spec", spec}}));
    REQUIRE_MESSAGE(made, (made ? "" : made.error().to_string()));
    return *made;
  }

  sync::SyncedTable wait_synced(const std::string& name) {
    const auto done = sync->wait_until_synced(model::TableName::parse(name).value(), k_hang_limit);
    REQUIRE_MESSAGE(done, (done ? "" : done.error().to_string()));
    return *done;
  }

  /// Asks after every write-back until the rows are as wanted; the last answer.
  TextRows sql_until(const std::string& text, const std::function<bool(const TextRows&)>& wanted) {
    TextRows rows;
    std::uint64_t seen = 0;
    do {
      seen = watched->appends();
      if (const auto result = lake->execute({.caller = owner(), .sql = text})) {
        rows = text_rows(*result);
      }
    } while (!wanted(rows) && watched->wait_for_append(seen));
    return rows;
  }

  static TextRows text_rows(const lake::StatementResult& result) {
    TextRows rows;
    for (const auto& row : lake::result_rows(result)) {
      auto& out = rows.emplace_back();
      for (const auto& cell : row) {
        out.push_back(cell.value_or("NULL"));
      }
    }
    return rows;
  }
};

} // namespace pier::test
