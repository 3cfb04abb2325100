#pragma once

#include "core/base/clock.hpp"
#include "core/lake/lake.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pier::lake {

enum class StatementState { pending, running, succeeded, failed, canceled, closed };

std::string_view to_string(StatementState state); ///< "SUCCEEDED"

struct ChunkInfo {
  std::int64_t row_offset = 0;
  std::int64_t row_count = 0;
};

/// A statement as its owner sees it at one moment.
struct StatementView {
  std::string id;
  StatementState state = StatementState::pending;
  std::optional<Error> error;        ///< failed
  std::vector<ResultColumn> columns; ///< succeeded
  std::vector<ChunkInfo> chunks;
  std::int64_t row_count = 0;
  bool truncated = false;
};

struct StatementsOptions {
  unsigned workers = 8;               ///< statements at the same time
  std::filesystem::path spill_folder; ///< emptied at start: large results, and many small ones, go there
  std::chrono::minutes keep{60};      ///< results after the end of a statement
};

/// Statements that run on their own threads, are asked for and cancelled by id, and whose results wait to be
/// fetched. Only who submitted one (and admins) may see it: for others it does not exist. Thread-safe.
class Statements {
 public:
  static Result<std::unique_ptr<Statements>> create(Lake& lake, const Clock& clock, StatementsOptions options);
  virtual ~Statements() = default;

  /// Queues it. The request's own stop token is replaced. Error REQUEST_LIMIT_EXCEEDED when too many wait.
  virtual Result<std::string> submit(StatementRequest request) = 0;
  /// As it is when it has ended or after the timeout. Error RESOURCE_DOES_NOT_EXIST.
  virtual Result<StatementView> wait(const identity::Caller& caller, const std::string& id,
                                     std::chrono::milliseconds timeout) = 0;
  /// JSON array of arrays.
  virtual Result<std::string> chunk(const identity::Caller& caller, const std::string& id, std::size_t index) = 0;
  /// Interrupts; no error when it has ended already.
  virtual Result<void> cancel(const identity::Caller& caller, const std::string& id) = 0;
  /// Cancels and forgets the result.
  virtual Result<void> close(const identity::Caller& caller, const std::string& id) = 0;
  /// Cancels all and lets every wait return; nothing is accepted any more.
  virtual void shut_down() = 0;
};

} // namespace pier::lake
