#pragma once

#include "core/base/guarded.hpp"
#include "core/lake/delta/scan.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace pier::lake {

/// Small tables that are read again and again: their rows are kept in the engine's memory, so that a statement
/// neither decodes files nor is planned anew (the engine plans a scan of files at every run). A copy belongs to one
/// snapshot and goes with it; statements that read it keep it alive. Thread-safe.
class HotTables {
 public:
  /// All rows of the snapshot, like delta::scan_sql: from its copy once it is hot, else from its files.
  Result<delta::ScanSql> scan_sql(Engine& engine, const delta::Snapshot& snapshot);

 private:
  struct Dropped {
    std::uint64_t engine = 0;
    std::string table;
  };

  using DroppedTables = Guarded<std::vector<Dropped>>;

  Result<std::shared_ptr<const std::string>> copy(Engine& engine, const std::string& rows);
  void drop_unused(Engine& engine);

  std::atomic<std::uint64_t> next_ = 1;
  std::shared_ptr<DroppedTables> dropped_ = std::make_shared<DroppedTables>(); ///< by copies whose last reader ended
};

} // namespace pier::lake
