#include "core/lake/engine/engine.hpp"

#include "core/lake/engine/connection.inc"

#include <chrono>
#include <utility>

namespace pier::lake {
namespace {

Error interrupted() {
  return Error{.kind = ErrorKind::interrupted, .code = "OPERATION_CANCELED", .message = "Operation was canceled"};
}

/// Interrupts a connection when a stop is asked for.
struct Interrupt {
  const DuckApi* api;
  duckdb_connection connection;

  void operator()() const { api->duckdb_interrupt(connection); }
};

/// How a run went: the plan of one that took long may hold much memory (hash tables, sorted rows).
struct RunState {
  std::chrono::steady_clock::time_point begin{};
  bool was_quick = true; ///< ended without an error, in a moment; or has not begun
};

constexpr std::chrono::milliseconds k_quick{20};

class Rows final : public EngineRows {
 public:
  Rows(const DuckApi& api, duckdb_connection connection, std::vector<Column> columns, std::stop_token stop,
       RunState& state)
      : api_(api),
        connection_(connection),
        columns_(std::move(columns)),
        stop_(std::move(stop)),
        state_(state) {}

  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  ~Rows() override {
    callback_.reset();
    drop_chunk();
    if (has_result_) {
      api_.duckdb_destroy_result(&result_);
    }
  }

  Result<void> start(duckdb_prepared_statement statement) {
    duckdb_pending_result pending = nullptr;
    auto state = api_.duckdb_pending_prepared_streaming(statement, &pending);
    if (state != DuckDBSuccess) {
      auto error = engine_error(api_.duckdb_pending_error(pending));
      api_.duckdb_destroy_pending(&pending);
      return error;
    }
    // Only now: starting a query clears an earlier interrupt. A stop that is already there fires at once.
    callback_.emplace(stop_, Interrupt{&api_, connection_});
    state = api_.duckdb_execute_pending(pending, &result_);
    has_result_ = true;
    Result<void> out;
    if (state != DuckDBSuccess) {
      out = failure(api_.duckdb_result_error(&result_), api_.duckdb_pending_error(pending));
    }
    api_.duckdb_destroy_pending(&pending);
    return out;
  }

  Result<duckdb_data_chunk> fetch() {
    drop_chunk();
    if (stop_.stop_requested()) {
      return interrupted();
    }
    chunk_ = api_.duckdb_fetch_chunk(result_);
    if (chunk_ == nullptr) {
      if (const char* message = api_.duckdb_result_error(&result_); message != nullptr && *message != '\0') {
        return failure(message, nullptr);
      }
      state_.was_quick = std::chrono::steady_clock::now() - state_.begin < k_quick;
    }
    return chunk_;
  }

  Result<bool> next(ColumnBatch& batch) override {
    PIER_TRY(fetch());
    if (chunk_ == nullptr) {
      return false;
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      auto* vector = api_.duckdb_data_chunk_get_vector(chunk_, i);
      columns_[i].data = api_.duckdb_vector_get_data(vector);
      columns_[i].validity = api_.duckdb_vector_get_validity(vector);
    }
    batch.columns = columns_;
    batch.rows = api_.duckdb_data_chunk_get_size(chunk_);
    return true;
  }

 private:
  Error failure(const char* first, const char* second) const {
    if (stop_.stop_requested()) {
      return interrupted();
    }
    return engine_error(first != nullptr && *first != '\0' ? first : second);
  }

  void drop_chunk() {
    if (chunk_ != nullptr) {
      api_.duckdb_destroy_data_chunk(&chunk_);
      chunk_ = nullptr;
    }
  }

  const DuckApi& api_;
  duckdb_connection connection_;
  std::vector<Column> columns_;
  std::stop_token stop_;
  RunState& state_;
  std::optional<std::stop_callback<Interrupt>> callback_;
  duckdb_result result_{};
  bool has_result_ = false;
  duckdb_data_chunk chunk_ = nullptr;
};

class Statement final : public EngineStatement {
 public:
  Statement(const DuckApi& api, Connection& connection, Plan plan, std::string key)
      : api_(api),
        connection_(connection),
        plan_(std::move(plan)),
        key_(std::move(key)) {}

  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  ~Statement() override {
    if (!key_.empty() && state_.was_quick) {
      connection_.keep(std::move(key_), std::move(plan_));
    } else {
      api_.duckdb_destroy_prepare(&plan_.handle);
    }
  }

  [[nodiscard]] const std::vector<EngineColumn>& columns() const override { return plan_.columns; }

  Result<std::unique_ptr<EngineRows>> run(std::stop_token stop) override {
    PIER_TRY_ASSIGN(auto rows, start(std::move(stop)));
    return std::unique_ptr<EngineRows>(std::move(rows));
  }

  Result<std::unique_ptr<Rows>> start(std::stop_token stop) {
    if (stop.stop_requested()) {
      return interrupted();
    }
    std::vector<Column> columns;
    for (const auto& column : plan_.columns) {
      columns.push_back(
          {.type = physical_type_of(column.type), .precision = column.type.precision, .scale = column.type.scale});
    }
    state_ = {.begin = std::chrono::steady_clock::now(), .was_quick = false};
    auto rows = std::make_unique<Rows>(api_, connection_.handle(), std::move(columns), std::move(stop), state_);
    PIER_TRY(rows->start(plan_.handle));
    return rows;
  }

 private:
  const DuckApi& api_;
  Connection& connection_;
  Plan plan_;
  std::string key_; ///< to keep the plan under; empty: never
  RunState state_;
};

class Session final : public EngineSession {
 public:
  Session(const DuckApi& api, std::unique_ptr<Connection> connection,
          std::function<void(std::unique_ptr<Connection>)> give_back)
      : api_(api),
        connection_(std::move(connection)),
        give_back_(std::move(give_back)) {}

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  ~Session() override { give_back_(std::move(connection_)); }

  Result<std::unique_ptr<EngineStatement>> prepare(const std::string& sql, std::string_view reads) override {
    PIER_TRY_ASSIGN(auto statement, make(sql, reads.empty() ? std::string() : std::string(reads) + '\n' + sql));
    return std::unique_ptr<EngineStatement>(std::move(statement));
  }

  Result<std::unique_ptr<Statement>> make(const std::string& sql, std::string key = {}) {
    auto plan = key.empty() ? Plan() : connection_->take(key);
    if (plan.handle == nullptr) {
      PIER_TRY_ASSIGN(plan, plan_of(sql));
    }
    return std::make_unique<Statement>(api_, *connection_, std::move(plan), std::move(key));
  }

  Result<void> run(const std::string& sql, std::stop_token stop) override {
    PIER_TRY_ASSIGN(auto statement, make(sql));
    PIER_TRY_ASSIGN(auto rows, statement->run(std::move(stop)));
    ColumnBatch batch;
    while (true) {
      PIER_TRY_ASSIGN(const bool more, rows->next(batch));
      if (!more) {
        return {};
      }
    }
  }

  Result<std::vector<std::vector<std::optional<std::string>>>> texts(const std::string& sql,
                                                                     std::stop_token stop) override {
    PIER_TRY_ASSIGN(auto statement, make(sql));
    PIER_TRY_ASSIGN(auto rows, statement->run(std::move(stop)));
    std::vector<std::vector<std::optional<std::string>>> out;
    ColumnBatch batch;
    while (true) {
      PIER_TRY_ASSIGN(const bool more, rows->next(batch));
      if (!more) {
        return out;
      }
      for (std::size_t row = 0; row < batch.rows; ++row) {
        auto& cells = out.emplace_back();
        for (const auto& column : batch.columns) {
          cells.push_back(column.is_valid(row) ? std::optional<std::string>(column.text(row)) : std::nullopt);
        }
      }
    }
  }

  Result<std::vector<WrittenFile>> copy(const std::string& sql, std::stop_token stop) override {
    PIER_TRY_ASSIGN(auto statement, make(sql));
    PIER_TRY_ASSIGN(auto rows, statement->start(std::move(stop)));
    std::vector<WrittenFile> files;
    while (true) {
      PIER_TRY_ASSIGN(auto* chunk, rows->fetch());
      if (chunk == nullptr) {
        return files;
      }
      read_written_files(api_, chunk, files);
    }
  }

  Result<void> append_texts(const std::string& table, std::span<const DataType> types,
                            std::span<const std::optional<std::string>> cells) override {
    duckdb_appender appender = nullptr;
    auto state = api_.duckdb_appender_create(connection_->handle(), nullptr, table.c_str(), &appender);
    for (std::size_t i = 0; state == DuckDBSuccess && i < cells.size(); ++i) {
      const auto& cell = cells[i];
      const auto& type = types[i % types.size()];
      state = !cell                           ? api_.duckdb_append_null(appender)
              : type.kind == TypeKind::binary ? api_.duckdb_append_blob(appender, cell->data(), cell->size())
                                              : api_.duckdb_append_varchar_length(appender, cell->data(), cell->size());
      if (state == DuckDBSuccess && i % types.size() == types.size() - 1) {
        state = api_.duckdb_appender_end_row(appender);
      }
    }
    if (state == DuckDBSuccess) {
      state = api_.duckdb_appender_close(appender);
    }
    Result<void> out;
    if (state != DuckDBSuccess) {
      out = engine_error(api_.duckdb_appender_error(appender));
    }
    api_.duckdb_appender_destroy(&appender);
    return out;
  }

 private:
  Result<Plan> plan_of(const std::string& sql) {
    Plan plan;
    if (api_.duckdb_prepare(connection_->handle(), sql.c_str(), &plan.handle) != DuckDBSuccess) {
      auto error = engine_error(api_.duckdb_prepare_error(plan.handle));
      api_.duckdb_destroy_prepare(&plan.handle);
      return error;
    }
    const auto count = api_.duckdb_prepared_statement_column_count(plan.handle);
    for (idx_t i = 0; i < count; ++i) {
      const char* name = api_.duckdb_prepared_statement_column_name(plan.handle, i);
      plan.columns.push_back(engine_column(api_, name == nullptr ? "" : name,
                                           api_.duckdb_prepared_statement_column_logical_type(plan.handle, i)));
      api_.duckdb_free(const_cast<char*>(name));
    }
    return plan;
  }

  const DuckApi& api_;
  std::unique_ptr<Connection> connection_;
  std::function<void(std::unique_ptr<Connection>)> give_back_;
};

} // namespace

std::unique_ptr<EngineSession> make_session(const DuckApi& api, std::unique_ptr<Connection> connection,
                                            std::function<void(std::unique_ptr<Connection>)> give_back) {
  return std::make_unique<Session>(api, std::move(connection), std::move(give_back));
}

} // namespace pier::lake
