#pragma once

#include "core/lake/lake.hpp"
#include "core/lake/lake_core.hpp"

namespace pier::lake {

/// See Lake::append.
Result<std::int64_t> append_batch(LakeCore& core, const identity::Caller& caller, const model::TableName& table,
                                  const RowBatch& rows, const std::optional<AppTransaction>& transaction);

} // namespace pier::lake
