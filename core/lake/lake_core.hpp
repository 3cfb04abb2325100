#pragma once

#include "core/lake/engine/engine.hpp"
#include "core/lake/hot_tables.hpp"
#include "core/lake/lake.hpp"
#include "core/lake/result_cache.hpp"
#include "core/lake/table_store.hpp"

#include <memory>
#include <mutex>
#include <vector>

namespace pier::lake {

/// The engine, opened on first use. Folders outside the lake (external locations) become reachable by opening
/// a new one: the list of allowed folders of a running engine is locked.
class EngineSlot {
 public:
  explicit EngineSlot(const LakeOptions& options);

  /// An engine that can reach `folders` besides the lake and the volumes.
  Result<std::shared_ptr<Engine>> get(const std::vector<std::filesystem::path>& folders = {});
  /// After an error that made it unusable; the next get opens a new one.
  void discard();

 private:
  EngineOptions options_;
  std::mutex mutex_;
  std::shared_ptr<Engine> engine_;
};

/// What all parts of the lake share.
struct LakeCore {
  LakeOptions options;
  catalog::Catalog& catalog;
  const Clock& clock;
  EngineSlot engines;
  TableStore tables;
  HotTables hot_tables;
  ResultCache results;

  LakeCore(LakeOptions wanted, catalog::Catalog& catalog_ref, const Clock& clock_ref)
      : options(std::move(wanted)),
        catalog(catalog_ref),
        clock(clock_ref),
        engines(options),
        tables(clock_ref) {}

  /// An engine that reaches this folder.
  Result<std::shared_ptr<Engine>> engine_for(const std::filesystem::path& folder);
  [[nodiscard]] bool is_internal(const std::filesystem::path& path) const;
};

/// Columns as the catalog keeps them.
std::vector<catalog::ColumnInfo> catalog_columns(const std::vector<Field>& fields,
                                                 const std::vector<std::string>& partition_columns);

/// Where libduckdb.so is by default.
std::filesystem::path default_engine_library();

} // namespace pier::lake
