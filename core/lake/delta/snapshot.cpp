#include "core/lake/delta/snapshot.hpp"

#include "core/base/files.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/lake/delta/data_writer.hpp"
#include "core/lake/delta/log_parser.hpp"
#include "core/lake/delta/log_segment.hpp"
#include "core/lake/schema_json.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <atomic>

namespace pier::lake::delta {
namespace {

constexpr std::uint64_t k_max_commit_bytes = 1ULL << 30U;

std::atomic<std::uint64_t> next_serial = 1;

Error corrupt(std::string message) {
  return Error{.kind = ErrorKind::invalid_state, .code = "DELTA_LOG_CORRUPT", .message = std::move(message)};
}

Error unsupported(std::string message) {
  return Error{.kind = ErrorKind::unsupported, .code = "UNSUPPORTED_FEATURE", .message = std::move(message)};
}

/// Applies actions to a state; keeps files in the order of their commits.
class Replay {
 public:
  explicit Replay(std::shared_ptr<Snapshot> state)
      : state_(std::move(state)) {
    for (std::size_t i = 0; i < state_->files.size(); ++i) {
      index_.emplace(file_key(state_->files[i]->path, state_->files[i]->deletion_vector), i);
    }
  }

  void apply(std::vector<Action> actions) {
    // Removes first: the order inside a commit means nothing.
    for (auto& action : actions) {
      if (auto* remove = std::get_if<RemoveFile>(&action)) {
        drop(file_key(remove->path, remove->deletion_vector));
        state_->tombstones.push_back(std::make_shared<const RemoveFile>(std::move(*remove)));
      }
    }
    for (auto& action : actions) {
      std::visit([this](auto&& item) { take(std::forward<decltype(item)>(item)); }, std::move(action));
    }
  }

  void finish() { std::erase(state_->files, nullptr); }

  [[nodiscard]] bool has_metadata() const { return has_metadata_; }

  [[nodiscard]] bool has_protocol() const { return has_protocol_; }

 private:
  void drop(const std::string& key) {
    if (const auto found = index_.find(key); found != index_.end()) {
      state_->files[found->second] = nullptr;
      index_.erase(found);
    }
  }

  void take(AddFile&& add) {
    auto key = file_key(add.path, add.deletion_vector);
    drop(key);
    index_.emplace(std::move(key), state_->files.size());
    state_->files.push_back(std::make_shared<const AddFile>(std::move(add)));
  }

  void take(Metadata&& metadata) {
    state_->metadata = std::move(metadata);
    has_metadata_ = true;
  }

  void take(Protocol&& protocol) {
    state_->protocol = std::move(protocol);
    has_protocol_ = true;
  }

  void take(Transaction&& transaction) {
    auto id = transaction.app_id;
    state_->transactions[std::move(id)] = std::move(transaction);
  }

  void take(DomainMetadata&& domain) {
    if (domain.removed) {
      state_->domains.erase(domain.domain);
    } else {
      auto name = domain.domain;
      state_->domains[std::move(name)] = std::move(domain);
    }
  }

  void take(RemoveFile&&) {}

  void take(CdcFile&&) {}

  void take(CommitInfo&&) {}

  void take(Sidecar&&) {}

  std::shared_ptr<Snapshot> state_;
  std::unordered_map<std::string, std::size_t> index_;
  bool has_metadata_ = false;
  bool has_protocol_ = false;
};

Result<void> check_readable(const Protocol& protocol) {
  constexpr std::array k_known{std::string_view("columnMapping"),       std::string_view("deletionVectors"),
                               std::string_view("timestampNtz"),        std::string_view("v2Checkpoint"),
                               std::string_view("vacuumProtocolCheck"), std::string_view("typeWidening"),
                               std::string_view("typeWidening-preview")};
  if (protocol.min_reader > 3) {
    return unsupported("the table needs reader version " + std::to_string(protocol.min_reader) + ", pier knows 3");
  }
  for (const auto& feature : protocol.reader_features) {
    if (std::find(k_known.begin(), k_known.end(), feature) == k_known.end()) {
      return unsupported("the table needs the reader feature '" + feature + "', which pier does not know");
    }
  }
  return {};
}

/// Derived members after the actions were applied.
Result<void> complete(Snapshot& state) {
  PIER_TRY(check_readable(state.protocol));
  state.serial = next_serial++;
  PIER_TRY_ASSIGN(const auto schema, Json::parse(state.metadata.schema_string));
  PIER_TRY_ASSIGN(state.columns, fields_from_json(schema));
  state.fingerprint = schema_fingerprint(state.columns);
  const auto mode = state.property("delta.columnMapping.mode");
  state.mapping = mode == "name" ? MappingMode::name : mode == "id" ? MappingMode::id : MappingMode::none;
  return {};
}

/// What a new version starts from; handles of deletion vectors go along.
std::shared_ptr<Snapshot> copy_of(const Snapshot& from) {
  auto copy = std::make_shared<Snapshot>();
  copy->root = from.root;
  copy->version = from.version;
  copy->timestamp = from.timestamp;
  copy->protocol = from.protocol;
  copy->metadata = from.metadata;
  copy->files = from.files;
  copy->tombstones = from.tombstones;
  copy->transactions = from.transactions;
  copy->domains = from.domains;
  *copy->deletions.lock() = *from.deletions.lock();
  return copy;
}

Result<void> apply_checkpoint(const LogSegment& segment, const CheckpointReader& reader, Replay& replay) {
  for (const auto& file : segment.checkpoint_files) {
    std::vector<Action> actions;
    if (file.extension() == ".json") {
      PIER_TRY_ASSIGN(const auto text, read_file(file, k_max_commit_bytes));
      PIER_TRY_ASSIGN(actions, parse_actions(text));
    } else {
      PIER_TRY_ASSIGN(actions, reader(file));
    }
    std::vector<std::string> sidecars;
    for (const auto& action : actions) {
      if (const auto* sidecar = std::get_if<Sidecar>(&action)) {
        sidecars.push_back(decode_path(sidecar->path));
      }
    }
    replay.apply(std::move(actions));
    for (const auto& sidecar : sidecars) {
      PIER_TRY_ASSIGN(const auto path, resolve_inside(segment.log_folder / "_sidecars",
                                                      std::filesystem::path(sidecar).filename().string()));
      PIER_TRY_ASSIGN(auto more, reader(path));
      replay.apply(std::move(more));
    }
  }
  return {};
}

} // namespace

const Field* Snapshot::column(std::string_view name) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const Field& field) { return equals_ignore_case(field.name, name); });
  return found == columns.end() ? nullptr : &*found;
}

std::string Snapshot::property(std::string_view key) const {
  const auto found = metadata.configuration.find(std::string(key));
  return found == metadata.configuration.end() ? "" : found->second;
}

Result<std::shared_ptr<const Snapshot>>
load_snapshot(const std::filesystem::path& root, std::optional<std::int64_t> version, const CheckpointReader& reader) {
  PIER_TRY_ASSIGN(const auto segment, find_segment(root, version));
  auto state = std::make_shared<Snapshot>();
  state->root = root;
  Replay replay(state);
  PIER_TRY(apply_checkpoint(segment, reader, replay));
  state->version = segment.checkpoint_version;
  for (const auto& [commit, file] : segment.commits) {
    PIER_TRY_ASSIGN(const auto text, read_file(file, k_max_commit_bytes));
    auto actions = parse_actions(text);
    if (!actions) {
      return std::move(actions).context(file.filename().string()).error();
    }
    state->version = commit;
    state->timestamp = commit_timestamp(root, commit, *actions);
    replay.apply(*std::move(actions));
  }
  replay.finish();
  if (!replay.has_protocol()) {
    return corrupt("the log of " + root.filename().string() + " has no protocol action");
  }
  if (!replay.has_metadata()) {
    return corrupt("the log of " + root.filename().string() + " has no metaData action");
  }
  PIER_TRY(complete(*state));
  return std::shared_ptr<const Snapshot>(std::move(state));
}

Result<std::shared_ptr<const Snapshot>> advance(std::shared_ptr<const Snapshot> from) {
  std::shared_ptr<Snapshot> state;
  std::optional<Replay> replay;
  while (true) {
    const auto next = (state ? state->version : from->version) + 1;
    auto actions = read_commit(from->root, next);
    if (!actions) {
      if (actions.error().kind == ErrorKind::not_found) {
        break;
      }
      return std::move(actions).error();
    }
    if (!state) {
      state = copy_of(*from);
      replay.emplace(state);
    }
    state->version = next;
    state->timestamp = commit_timestamp(from->root, next, *actions);
    replay->apply(*std::move(actions));
  }
  if (!state) {
    return from;
  }
  replay->finish();
  PIER_TRY(complete(*state));
  return std::shared_ptr<const Snapshot>(std::move(state));
}

std::filesystem::path commit_path(const std::filesystem::path& root, std::int64_t version) {
  auto digits = std::to_string(version);
  return root / "_delta_log" / (std::string(20 - std::min<std::size_t>(20, digits.size()), '0') + digits + ".json");
}

Result<std::vector<Action>> read_commit(const std::filesystem::path& root, std::int64_t version) {
  const auto path = commit_path(root, version);
  PIER_TRY_ASSIGN(const auto text, read_file(path, k_max_commit_bytes));
  return parse_actions(text).context(path.filename().string());
}

std::int64_t commit_timestamp(const std::filesystem::path& root, std::int64_t version,
                              const std::vector<Action>& actions) {
  for (const auto& action : actions) {
    if (const auto* info = std::get_if<CommitInfo>(&action); info != nullptr && info->in_commit_timestamp) {
      return *info->in_commit_timestamp;
    }
  }
  struct stat status{};

  if (::stat(commit_path(root, version).c_str(), &status) != 0) {
    return 0;
  }
  return static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1000 + status.st_mtim.tv_nsec / 1'000'000;
}

Result<void> check_writable(const Snapshot& snapshot) {
  constexpr std::array k_known{std::string_view("appendOnly"),          std::string_view("invariants"),
                               std::string_view("changeDataFeed"),      std::string_view("deletionVectors"),
                               std::string_view("timestampNtz"),        std::string_view("v2Checkpoint"),
                               std::string_view("vacuumProtocolCheck"), std::string_view("domainMetadata"),
                               std::string_view("clustering"),          std::string_view("typeWidening"),
                               std::string_view("checkConstraints"),    std::string_view("generatedColumns"),
                               std::string_view("columnMapping")};
  if (snapshot.protocol.min_writer > 7) {
    return unsupported("the table needs writer version " + std::to_string(snapshot.protocol.min_writer));
  }
  for (const auto& feature : snapshot.protocol.writer_features) {
    if (std::find(k_known.begin(), k_known.end(), feature) == k_known.end()) {
      return unsupported("the table needs the writer feature '" + feature + "', which pier does not keep");
    }
  }
  if (snapshot.mapping != MappingMode::none) {
    return unsupported("pier does not write tables with column mapping");
  }
  for (const auto& [key, value] : snapshot.metadata.configuration) {
    if (key.starts_with("delta.constraints.")) {
      return unsupported("pier does not write tables with CHECK constraints ('" + key.substr(18) + "')");
    }
    if (key == "delta.enableInCommitTimestamps" && value == "true") {
      return unsupported("pier does not write tables with in-commit timestamps");
    }
  }
  for (const auto& column : snapshot.columns) {
    for (const auto* key : {"delta.generationExpression", "delta.identity.start", "delta.invariants"}) {
      if (column.metadata_json.find(key) != std::string::npos) {
        return unsupported("pier does not write tables with " + std::string(key) + " (column '" + column.name + "')");
      }
    }
  }
  return {};
}

} // namespace pier::lake::delta
