#pragma once

#include "core/lake/delta/snapshot.hpp"
#include "core/lake/engine/engine.hpp"
#include "core/lake/lake.hpp"

namespace pier::lake {

/// Reads a query column by column: `fields` by name, nested ones as JSON text, then `extra` expressions.
Result<void> read_batches(EngineSession& session, const std::string& query, std::span<const Field> fields,
                          std::span<const std::string> extra, const BatchReader& reader, std::stop_token stop);

/// See Lake::read_changes; `last` is the snapshot of the last version.
Result<void> read_changes(Engine& engine, const delta::Snapshot& last, std::int64_t from, const BatchReader& reader,
                          const std::stop_token& stop);

} // namespace pier::lake
