#pragma once

#include "core/lake/delta/snapshot.hpp"
#include "core/lake/engine/engine.hpp"

namespace pier::lake::delta {

/// Actions of a parquet checkpoint or sidecar file.
Result<std::vector<Action>> read_parquet_checkpoint(Engine& engine, const std::filesystem::path& file);

/// Writes a classic checkpoint of the snapshot and `_last_checkpoint`. Tombstones older than the retention
/// (7 days before `now_millis`) are left out.
Result<void> write_checkpoint(Engine& engine, const Snapshot& snapshot, std::int64_t now_millis);

} // namespace pier::lake::delta
