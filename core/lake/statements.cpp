#include "core/lake/statements.hpp"

#include "core/base/digest.hpp"
#include "core/base/files.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

namespace pier::lake {
namespace {

constexpr std::size_t k_max_waiting = 1000;
constexpr std::size_t k_max_ended = 10'000;
constexpr std::size_t k_max_result_in_memory = 1U << 20U;
constexpr std::size_t k_max_in_memory = 32U << 20U; ///< all results together

/// The rows of a result, in memory or in a file.
struct Stored {
  std::vector<std::string> chunks;
  std::size_t bytes = 0;                    ///< in memory
  std::vector<std::uint64_t> spill_offsets; ///< begin of each chunk in the file, then its end
  std::filesystem::path spill_file;
};

/// One statement; all members are protected by the registry's mutex, but for the running request.
struct Entry {
  std::string owner;
  StatementRequest request;
  std::stop_source stop;
  StatementView view;
  Stored stored;
  TimePoint ended;
  std::condition_variable has_end; ///< one each: an end wakes nobody who waits for another statement
};

bool has_ended(const Entry& entry) {
  return entry.view.state != StatementState::pending && entry.view.state != StatementState::running;
}

Error unknown(const std::string& id) {
  return Error{.kind = ErrorKind::not_found,
               .code = "RESOURCE_DOES_NOT_EXIST",
               .message = "The statement " + id + " was not found."};
}

/// Moves a result's rows to a file. What cannot be written stays in memory.
void spill(Stored& stored, const std::filesystem::path& file) {
  std::string all;
  all.reserve(stored.bytes);
  std::vector<std::uint64_t> offsets{0};
  for (const auto& text : stored.chunks) {
    all += text;
    offsets.push_back(all.size());
  }
  if (write_file_atomically(file, all, Durability::none, 0600)) {
    stored = {.chunks = {}, .bytes = 0, .spill_offsets = std::move(offsets), .spill_file = file};
  }
}

class Registry final : public Statements {
 public:
  Registry(Lake& lake, const Clock& clock, StatementsOptions options)
      : lake_(lake),
        clock_(clock),
        options_(std::move(options)) {}

  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  ~Registry() override {
    shut_down();
    workers_.clear(); // joins
    for (auto& [id, entry] : entries_) {
      drop(entry->stored);
    }
  }

  Result<std::string> submit(StatementRequest request) override {
    const std::scoped_lock lock(mutex_);
    if (closing_ || queue_.size() >= k_max_waiting) {
      return Error{.kind = ErrorKind::invalid_state,
                   .code = "REQUEST_LIMIT_EXCEEDED",
                   .message = closing_ ? "the workspace is stopping" : "too many statements are waiting"};
    }
    forget_old();
    auto entry = std::make_shared<Entry>();
    entry->owner = request.caller.principal.name;
    entry->request = std::move(request);
    entry->request.stop = entry->stop.get_token();
    entry->view.id = random_uuid();
    auto id = entry->view.id;
    entries_.emplace(id, entry);
    queue_.push_back(std::move(entry));
    if (idle_ == 0 && workers_.size() < options_.workers) {
      workers_.emplace_back([this] { work(); });
    }
    work_.notify_one();
    return id;
  }

  Result<StatementView> wait(const identity::Caller& caller, const std::string& id,
                             std::chrono::milliseconds timeout) override {
    std::unique_lock lock(mutex_);
    PIER_TRY_ASSIGN(const auto entry, find(caller, id));
    entry->has_end.wait_for(lock, timeout, [&] { return has_ended(*entry) || closing_; });
    return entry->view;
  }

  Result<std::string> chunk(const identity::Caller& caller, const std::string& id, std::size_t index) override {
    std::unique_lock lock(mutex_);
    PIER_TRY_ASSIGN(const auto entry, find(caller, id));
    if (entry->view.state != StatementState::succeeded) {
      return Error{.kind = ErrorKind::invalid_state,
                   .code = "INVALID_STATE",
                   .message = "The statement " + id + " is in state " + std::string(to_string(entry->view.state)) +
                              ": it has no result."};
    }
    if (index >= entry->view.chunks.size()) {
      return Error{.kind = ErrorKind::not_found,
                   .code = "RESOURCE_DOES_NOT_EXIST",
                   .message = "The statement " + id + " has no chunk " + std::to_string(index) + "."};
    }
    const auto& stored = entry->stored;
    if (stored.spill_file.empty()) {
      return stored.chunks[index];
    }
    const auto begin = stored.spill_offsets[index];
    std::string text(stored.spill_offsets[index + 1] - begin, '\0');
    const auto path = stored.spill_file;
    lock.unlock();
    std::ifstream file(path, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(begin));
    if (!file.read(text.data(), static_cast<std::streamsize>(text.size()))) {
      return unknown(id); // closed in between
    }
    return text;
  }

  Result<void> cancel(const identity::Caller& caller, const std::string& id) override {
    std::stop_source stop;
    {
      const std::scoped_lock lock(mutex_);
      PIER_TRY_ASSIGN(const auto entry, find(caller, id));
      stop = entry->stop;
      if (entry->view.state == StatementState::pending) { // no worker has it yet
        std::erase(queue_, entry);
        finish(entry, StatementState::canceled);
      }
    }
    stop.request_stop(); // runs the engine's interrupt, so without our lock
    return {};
  }

  Result<void> close(const identity::Caller& caller, const std::string& id) override {
    PIER_TRY(cancel(caller, id));
    const std::scoped_lock lock(mutex_);
    PIER_TRY_ASSIGN(const auto entry, find(caller, id));
    drop(entry->stored);
    entry->view.state = StatementState::closed;
    entry->view.chunks.clear();
    return {};
  }

  void shut_down() override {
    std::vector<std::stop_source> stops;
    {
      const std::scoped_lock lock(mutex_);
      closing_ = true;
      for (const auto& entry : queue_) {
        finish(entry, StatementState::canceled);
      }
      queue_.clear();
      for (const auto& [id, entry] : entries_) {
        stops.push_back(entry->stop);
        entry->has_end.notify_all();
      }
    }
    work_.notify_all();
    for (auto& stop : stops) {
      stop.request_stop();
    }
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      ++idle_;
      work_.wait(lock, [&] { return closing_ || !queue_.empty(); });
      --idle_;
      if (closing_) {
        return;
      }
      const auto entry = queue_.front();
      queue_.pop_front();
      entry->view.state = StatementState::running;
      lock.unlock();
      auto result = lake_.execute(entry->request);
      auto stored = result ? store(*result, entry->view.id) : Stored();
      lock.lock();
      keep(entry, std::move(result), std::move(stored));
    }
  }

  /// Takes the rows out of a result; without our lock, a file may be written.
  Stored store(StatementResult& result, const std::string& id) {
    Stored out;
    for (auto& chunk : result.chunks) {
      out.bytes += chunk.data_array.size();
      out.chunks.push_back(std::move(chunk.data_array));
    }
    const bool too_much = out.bytes > k_max_result_in_memory || in_memory_ + out.bytes > k_max_in_memory;
    if (too_much && !options_.spill_folder.empty()) {
      spill(out, options_.spill_folder / id);
    }
    in_memory_ += out.bytes;
    return out;
  }

  void drop(Stored& stored) {
    in_memory_ -= stored.bytes;
    if (!stored.spill_file.empty()) {
      std::error_code ignored;
      std::filesystem::remove(stored.spill_file, ignored);
    }
    stored = {};
  }

  void keep(const std::shared_ptr<Entry>& entry, Result<StatementResult> result, Stored stored) {
    auto& view = entry->view;
    if (view.state == StatementState::closed) {
      drop(stored);
      finish(entry, StatementState::closed);
      return;
    }
    if (!result) {
      const bool canceled = result.error().kind == ErrorKind::interrupted;
      view.error = std::move(result).error();
      finish(entry, canceled ? StatementState::canceled : StatementState::failed);
      return;
    }
    view.columns = std::move(result->columns);
    view.row_count = result->row_count;
    view.truncated = result->truncated;
    for (const auto& chunk : result->chunks) {
      view.chunks.push_back({.row_offset = chunk.row_offset, .row_count = chunk.row_count});
    }
    entry->stored = std::move(stored);
    finish(entry, StatementState::succeeded);
  }

  void finish(const std::shared_ptr<Entry>& entry, StatementState state) {
    entry->view.state = state;
    entry->ended = clock_.now();
    entry->request = {};
    past_.push_back(entry);
    entry->has_end.notify_all();
  }

  Result<std::shared_ptr<Entry>> find(const identity::Caller& caller, const std::string& id) {
    const auto found = entries_.find(id);
    if (found == entries_.end() || (found->second->owner != caller.principal.name && !caller.is_admin)) {
      return unknown(id);
    }
    return found->second;
  }

  void forget_old() {
    const auto now = clock_.now();
    while (!past_.empty() && (now - past_.front()->ended > options_.keep || past_.size() > k_max_ended)) {
      drop(past_.front()->stored);
      entries_.erase(past_.front()->view.id);
      past_.pop_front();
    }
  }

  Lake& lake_;
  const Clock& clock_;
  StatementsOptions options_;
  std::mutex mutex_;
  std::condition_variable work_; ///< something to do
  std::map<std::string, std::shared_ptr<Entry>> entries_;
  std::deque<std::shared_ptr<Entry>> queue_;
  std::deque<std::shared_ptr<Entry>> past_; ///< in the order in which they ended
  std::atomic<std::size_t> in_memory_ = 0;  ///< bytes of the results that are not in files
  std::size_t idle_ = 0;
  bool closing_ = false;
  std::vector<std::jthread> workers_;
};

} // namespace

std::string_view to_string(StatementState state) {
  switch (state) {
  case StatementState::pending: return "PENDING";
  case StatementState::running: return "RUNNING";
  case StatementState::succeeded: return "SUCCEEDED";
  case StatementState::failed: return "FAILED";
  case StatementState::canceled: return "CANCELED";
  default: return "CLOSED";
  }
}

Result<std::unique_ptr<Statements>> Statements::create(Lake& lake, const Clock& clock, StatementsOptions options) {
  if (!options.spill_folder.empty()) {
    PIER_TRY(remove_tree(options.spill_folder));
    PIER_TRY(make_directories(options.spill_folder, 0700));
  }
  return std::unique_ptr<Statements>(std::make_unique<Registry>(lake, clock, std::move(options)));
}

} // namespace pier::lake
