#include "core/lake/hot_tables.hpp"

#include "core/base/log.hpp"
#include "core/base/text.hpp"

#include <numeric>

namespace pier::lake {
namespace {

constexpr unsigned k_reads_until_hot = 3;
constexpr std::int64_t k_max_file_bytes = 4 << 20; ///< of all files of the table
constexpr std::int64_t k_max_rows = 100'000;       ///< few bytes of parquet may hold many
constexpr std::int64_t k_max_memory = 64 << 20;    ///< of all copies together

std::int64_t bytes_of(const delta::Snapshot& snapshot) {
  return std::accumulate(snapshot.files.begin(), snapshot.files.end(), std::int64_t{0},
                         [](std::int64_t sum, const auto& file) { return sum + file->size; });
}

Result<std::int64_t> number(EngineSession& session, const std::string& sql) {
  PIER_TRY_ASSIGN(const auto rows, session.texts(sql));
  std::int64_t value = 0;
  if (rows.size() != 1 || !rows[0][0] || !parse_int64(*rows[0][0], value)) {
    return Error{.kind = ErrorKind::internal, .code = "PIER7001", .message = "no number: " + sql};
  }
  return value;
}

/// Whether the copy is as small as it must be.
Result<bool> fits(EngineSession& session, const std::string& table) {
  PIER_TRY_ASSIGN(const auto rows, number(session, "SELECT CAST(count(*) AS VARCHAR) FROM " + table));
  PIER_TRY_ASSIGN(const auto bytes,
                  number(session, "SELECT CAST(coalesce(sum(memory_usage_bytes), 0) AS VARCHAR) FROM duckdb_memory() "
                                  "WHERE tag = 'IN_MEMORY_TABLE'"));
  return rows <= k_max_rows && bytes <= k_max_memory;
}

/// What to do for one read of a snapshot.
enum class Step { read_files, make_copy, read_copy };

Step next_step(delta::HotCopy& state, const Engine& engine, const delta::Snapshot& snapshot) {
  if (state.engine != engine.id()) { // the first read, or the engine was replaced and its tables went with it
    state = {.engine = engine.id(), .is_for_files = bytes_of(snapshot) > k_max_file_bytes};
  }
  if (state.table) {
    return Step::read_copy;
  }
  if (state.is_for_files || ++state.reads < k_reads_until_hot) {
    return Step::read_files;
  }
  state.is_for_files = true; // for the others, while the copy is made; for good, if it cannot be made
  return Step::make_copy;
}

delta::ScanSql scan_of(std::shared_ptr<const std::string> table) {
  auto sql = "SELECT * FROM " + *table;
  return {.sql = std::move(sql), .keep = {std::move(table)}};
}

} // namespace

Result<delta::ScanSql> HotTables::scan_sql(Engine& engine, const delta::Snapshot& snapshot) {
  drop_unused(engine);
  Step step = Step::read_files;
  {
    auto state = snapshot.hot.lock();
    step = next_step(*state, engine, snapshot);
    if (step == Step::read_copy) {
      return scan_of(state->table);
    }
  }
  PIER_TRY_ASSIGN(auto files, delta::scan_sql(engine, snapshot));
  if (step == Step::read_files) {
    return files;
  }
  const auto made = copy(engine, files.sql);
  if (!made) {
    log::info("lake", "event=not_hot table=" + snapshot.root.string() + " error=\"" + made.error().message + "\"");
  }
  if (!made || *made == nullptr) {
    return files;
  }
  auto state = snapshot.hot.lock();
  if (state->engine == engine.id()) {
    state->table = *made;
  }
  return scan_of(*made);
}

/// Null when the rows take too much room.
Result<std::shared_ptr<const std::string>> HotTables::copy(Engine& engine, const std::string& rows) {
  PIER_TRY_ASSIGN(const auto session, engine.session());
  // With its catalog: a name that a statement gives (WITH pier_hot_1 AS …) cannot stand before it.
  const auto name = "memory.main.pier_hot_" + std::to_string(next_++);
  PIER_TRY(session->run("CREATE TABLE " + name + " AS SELECT * FROM (" + rows + ") LIMIT " +
                        std::to_string(k_max_rows + 1)));
  std::shared_ptr<const std::string> table(new std::string(name), [dropped = dropped_, id = engine.id()](auto* gone) {
    dropped->lock()->push_back({id, *gone});
    delete gone;
  });
  PIER_TRY_ASSIGN(const auto small, fits(*session, name));
  return small ? table : nullptr;
}

void HotTables::drop_unused(Engine& engine) {
  std::vector<Dropped> gone;
  dropped_->lock()->swap(gone);
  for (const auto& [id, table] : gone) {
    if (id != engine.id()) {
      continue; // went with its engine
    }
    const auto session = engine.session();
    const auto done = session ? (*session)->run("DROP TABLE " + table) : Result<void>(session.error());
    if (!done) {
      log::warn("lake", "event=hot_table_not_dropped error=\"" + done.error().message + "\"");
    }
  }
}

} // namespace pier::lake
