#pragma once

#include "core/lake/lake.hpp"
#include "tests/support/limits.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace pier::test {

/// A lake that passes everything on; for tests that watch or break one call.
class ForwardingLake : public lake::Lake {
 public:
  explicit ForwardingLake(lake::Lake& inner)
      : inner_(inner) {}

  Result<lake::StatementResult> execute(const lake::StatementRequest& request) override {
    return inner_.execute(request);
  }

  Result<std::int64_t> latest_version(const model::TableName& table) override { return inner_.latest_version(table); }

  Result<lake::TableSchema> schema(const model::TableName& table, std::int64_t version) override {
    return inner_.schema(table, version);
  }

  Result<void> read_snapshot(const model::TableName& table, std::int64_t version, const lake::BatchReader& reader,
                             std::span<const std::string> columns, std::stop_token stop) override {
    return inner_.read_snapshot(table, version, reader, columns, stop);
  }

  Result<void> read_changes(const model::TableName& table, std::int64_t from, std::int64_t to,
                            const lake::BatchReader& reader, const lake::ChangeOptions& options) override {
    return inner_.read_changes(table, from, to, reader, options);
  }

  Result<std::int64_t> append(const identity::Caller& caller, const model::TableName& table, const lake::RowBatch& rows,
                              const std::optional<lake::AppTransaction>& transaction) override {
    return inner_.append(caller, table, rows, transaction);
  }

  Result<std::optional<std::int64_t>> app_transaction(const model::TableName& table, std::string_view app_id) override {
    return inner_.app_transaction(table, app_id);
  }

  Result<std::int64_t> wait_for_version_above(const model::TableName& table, std::int64_t version,
                                              std::chrono::milliseconds timeout, std::stop_token stop) override {
    return inner_.wait_for_version_above(table, version, timeout, stop);
  }

 private:
  lake::Lake& inner_;
};

/// Tells when something was appended, so that a test can wait for rows without looking all the time.
class WatchedLake final : public ForwardingLake {
 public:
  using ForwardingLake::ForwardingLake;

  Result<std::int64_t> append(const identity::Caller& caller, const model::TableName& table, const lake::RowBatch& rows,
                              const std::optional<lake::AppTransaction>& transaction) override {
    auto version = ForwardingLake::append(caller, table, rows, transaction);
    {
      const std::lock_guard lock(mutex_);
      ++appends_;
    }
    changed_.notify_all();
    return version;
  }

  std::uint64_t appends() {
    const std::lock_guard lock(mutex_);
    return appends_;
  }

  /// Until there are more than `seen`; false: none came.
  bool wait_for_append(std::uint64_t seen) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, k_hang_limit, [&] { return appends_ > seen; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t appends_ = 0;
};

} // namespace pier::test
