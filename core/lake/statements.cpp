#include "core/lake/statements.hpp"

#include "core/base/digest.hpp"
#include "core/base/files.hpp"

#include <condition_variable>
#include <deque>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

namespace pier::lake {
namespace {

constexpr std::size_t k_max_waiting = 1000;
constexpr std::size_t k_max_in_memory = 1U << 20U;

/// One statement; all members are protected by the registry's mutex, but for the running request.
struct Entry {
  std::string owner;
  StatementRequest request;
  std::stop_source stop;
  StatementView view;
  std::vector<std::string> data;            ///< of the chunks, unless spilled
  std::vector<std::uint64_t> spill_offsets; ///< begin of each chunk in the spill file, then its end
  std::filesystem::path spill_file;
  TimePoint ended;
};

bool has_ended(const Entry& entry) {
  return entry.view.state != StatementState::pending && entry.view.state != StatementState::running;
}

Error unknown(const std::string& id) {
  return Error{.kind = ErrorKind::not_found,
               .code = "RESOURCE_DOES_NOT_EXIST",
               .message = "The statement " + id + " was not found."};
}

/// Moves a large result's data to a file. What cannot be written stays in memory.
void spill(Entry& entry, const std::filesystem::path& folder) {
  std::size_t total = 0;
  for (const auto& text : entry.data) {
    total += text.size();
  }
  if (total <= k_max_in_memory || folder.empty()) {
    return;
  }
  std::string all;
  std::vector<std::uint64_t> offsets{0};
  for (const auto& text : entry.data) {
    all += text;
    offsets.push_back(all.size());
  }
  const auto file = folder / entry.view.id;
  if (write_file_atomically(file, all, Durability::none, 0600)) {
    entry.spill_file = file;
    entry.spill_offsets = std::move(offsets);
    entry.data.clear();
  }
}

void drop_result(Entry& entry) {
  entry.data.clear();
  if (!entry.spill_file.empty()) {
    std::error_code ignored;
    std::filesystem::remove(entry.spill_file, ignored);
    entry.spill_file.clear();
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
      drop_result(*entry);
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
    ended_.wait_for(lock, timeout, [&] { return has_ended(*entry) || closing_; });
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
    if (entry->spill_file.empty()) {
      return entry->data[index];
    }
    const auto begin = entry->spill_offsets[index];
    std::string text(entry->spill_offsets[index + 1] - begin, '\0');
    const auto path = entry->spill_file;
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
        finish(*entry, StatementState::canceled);
      }
    }
    stop.request_stop(); // runs the engine's interrupt, so without our lock
    return {};
  }

  Result<void> close(const identity::Caller& caller, const std::string& id) override {
    PIER_TRY(cancel(caller, id));
    const std::scoped_lock lock(mutex_);
    PIER_TRY_ASSIGN(const auto entry, find(caller, id));
    drop_result(*entry);
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
        finish(*entry, StatementState::canceled);
      }
      queue_.clear();
      for (const auto& [id, entry] : entries_) {
        stops.push_back(entry->stop);
      }
    }
    work_.notify_all();
    ended_.notify_all();
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
      lock.lock();
      keep(*entry, std::move(result));
    }
  }

  void keep(Entry& entry, Result<StatementResult> result) {
    if (entry.view.state == StatementState::closed) {
      entry.ended = clock_.now();
      return;
    }
    if (!result) {
      const bool canceled = result.error().kind == ErrorKind::interrupted;
      entry.view.error = std::move(result).error();
      finish(entry, canceled ? StatementState::canceled : StatementState::failed);
      return;
    }
    entry.view.columns = std::move(result->columns);
    entry.view.row_count = result->row_count;
    entry.view.truncated = result->truncated;
    for (auto& chunk : result->chunks) {
      entry.view.chunks.push_back({.row_offset = chunk.row_offset, .row_count = chunk.row_count});
      entry.data.push_back(std::move(chunk.data_array));
    }
    spill(entry, options_.spill_folder);
    finish(entry, StatementState::succeeded);
  }

  void finish(Entry& entry, StatementState state) {
    entry.view.state = state;
    entry.ended = clock_.now();
    entry.request.parameters.clear();
    ended_.notify_all();
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
    std::erase_if(entries_, [&](auto& item) {
      const bool old = has_ended(*item.second) && now - item.second->ended > options_.keep;
      if (old) {
        drop_result(*item.second);
      }
      return old;
    });
  }

  Lake& lake_;
  const Clock& clock_;
  StatementsOptions options_;
  std::mutex mutex_;
  std::condition_variable work_;  ///< something to do
  std::condition_variable ended_; ///< some statement has ended
  std::map<std::string, std::shared_ptr<Entry>> entries_;
  std::deque<std::shared_ptr<Entry>> queue_;
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
