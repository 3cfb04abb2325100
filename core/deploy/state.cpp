#include "core/deploy/state.hpp"

#include "core/base/digest.hpp"
#include "core/base/files.hpp"
#include "core/base/json_syntax.hpp"
#include "core/base/text.hpp"
#include "core/deploy/kind.hpp"
#include "core/deploy/state_migration.hpp"
#include "core/deploy/version.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace pier::deploy {
namespace {

constexpr std::uint64_t k_max_state = 512ULL * 1024 * 1024;

Error broken(const std::filesystem::path& path, std::string why) {
  return Error{.kind = ErrorKind::invalid_state,
               .code = "PIER2021",
               .message = path.string() + ": " + std::move(why),
               .hint = "restore the file from the workspace: remove it and deploy again"};
}

Error broken_record(const std::filesystem::path& path, std::string why) {
  auto error = broken(path, "WAL recovery failed: " + std::move(why));
  error.message = "reading state from " + error.message;
  return error;
}

DeployedResource resource_from_json(const Json& entry) {
  DeployedResource resource;
  resource.id = entry.get_string("__id__");
  if (const auto* state = entry.find("state")) {
    resource.state = *state;
  }
  resource.depends_on = dependencies_from_json(entry.find("depends_on"));
  return resource;
}

Json resource_to_json(const DeployedResource& resource) {
  auto entry = Json::object({{"__id__", resource.id}, {"state", resource.state}});
  if (!resource.depends_on.empty()) {
    entry["depends_on"] = dependencies_to_json(resource.depends_on);
  }
  return entry;
}

/// How a resource is written: whom it depends on comes last.
MemberOrder entry_order(const std::string& key) {
  return {
      .first = {"__id__", "state"},
      .below = {{"state", order_of_state(key)}, {"depends_on", MemberOrder{.first = {"node", "label"}, .below = {}}}}};
}

MemberOrder header_order() {
  return {.first = {"state_version", "cli_version", "lineage", "serial"}, .below = {}};
}

Json header_to_json(std::int64_t version, const std::string& lineage, std::int64_t serial) {
  return Json::object({{"state_version", version},
                       {"cli_version", std::string(k_cli_version)},
                       {"lineage", lineage},
                       {"serial", serial}});
}

} // namespace

Json dependencies_to_json(const std::vector<Dependency>& dependencies) {
  auto list = Json::array();
  for (const auto& dependency : dependencies) {
    auto item = Json::object({{"node", dependency.node}});
    if (!dependency.label.empty()) {
      item["label"] = dependency.label;
    }
    list.push_back(std::move(item));
  }
  return list;
}

std::vector<Dependency> dependencies_from_json(const Json* list) {
  std::vector<Dependency> dependencies;
  if (list != nullptr && list->is_array()) {
    for (const auto& item : list->as_array()) {
      dependencies.push_back({item.get_string("node"), item.get_string("label")});
    }
  }
  return dependencies;
}

Result<State> State::decode(std::string_view text, const std::filesystem::path& path) {
  State state;
  state.path_ = path;
  auto json = Json::parse(text);
  if (!json || !json->is_object()) {
    return broken(path, json ? "is no state file" : json_syntax_problem(text).value_or(json.error().message));
  }
  state.version_ = json->get_integer("state_version");
  state.lineage_ = json->get_string("lineage");
  state.serial_ = json->get_integer("serial");
  state.cli_version_ = json->get_string("cli_version");
  if (const auto* features = json->find("features")) {
    state.features_ = *features;
  }
  if (const auto* entries = json->find("state"); entries != nullptr && entries->is_object()) {
    for (const auto& [key, entry] : entries->as_object()) {
      auto resource = resource_from_json(entry);
      state.ids_.emplace(key, resource.id);
      state.resources_.emplace(key, std::move(resource));
    }
  }
  return state;
}

Result<void> State::migrate() {
  PIER_TRY(check_state_version(version_, &features_).context("migrating state " + path_.string()));
  migrate_resources(version_, resources_);
  version_ = std::max(version_, k_state_version_written);
  if (is_newer_version(cli_version_, k_cli_version)) {
    remarks_.push_back("State was last deployed with CLI version " + cli_version_ + " but current version is " +
                       std::string(k_cli_version));
  }
  return {};
}

Result<State> State::parse(std::string_view text, const std::filesystem::path& path) {
  PIER_TRY_ASSIGN(auto state, decode(text, path));
  PIER_TRY(state.migrate());
  return state;
}

Result<State> State::open(const std::filesystem::path& path) {
  State state;
  state.path_ = path;
  auto text = read_file(path, k_max_state);
  if (text) {
    PIER_TRY_ASSIGN(state, decode(*text, path));
  } else if (text.error().kind != ErrorKind::not_found) {
    return std::move(text).error();
  }
  PIER_TRY(state.fold_in());
  PIER_TRY(state.migrate());
  state.read_intents();
  return state;
}

const DeployedResource* State::find(const std::string& key) const {
  const auto it = resources_.find(key);
  return it == resources_.end() ? nullptr : &it->second;
}

std::string State::id_of(const std::string& key) const {
  const std::lock_guard lock(*mutex_);
  const auto it = ids_.find(key);
  return it == ids_.end() ? std::string() : it->second;
}

std::filesystem::path State::record_path() const {
  auto path = path_;
  path += ".wal";
  return path;
}

std::filesystem::path State::intents_path() const {
  auto path = path_;
  path += ".intents";
  return path;
}

void State::read_intents() {
  if (const auto text = read_file(intents_path(), k_max_state)) {
    for (auto& key : split(*text, '\n')) {
      if (!key.empty() && !resources_.contains(key)) {
        unfinished_.insert(std::move(key));
      }
    }
  }
}

Result<void> State::intend(const std::string& key) {
  const std::lock_guard lock(*mutex_);
  if (!intents_) {
    intents_ = UniqueFd(::open(intents_path().c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600));
  }
  intended_.insert(key);
  const auto line = key + "\n";
  // Only a kill of this process matters here, and that keeps what was written: no sync.
  if (!intents_ || ::write(intents_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    return error_from_errno(errno, "writing " + intents_path().string());
  }
  return {};
}

void State::withdraw(const std::string& key) {
  const std::lock_guard lock(*mutex_);
  intended_.erase(key);
}

Result<bool> State::apply_record(std::string_view text) {
  const auto lines = split(text, '\n');
  const auto header = lines.empty() ? Result<Json>(Json()) : Json::parse(lines.front());
  if (!header || !header->is_object()) {
    return false; // killed while writing the header: nothing was done yet
  }
  const auto lineage = header->get_string("lineage");
  const auto serial = header->get_integer("serial");
  if (lineage_.empty()) {
    lineage_ = lineage;
  } else if (lineage != lineage_) {
    return broken_record(path_,
                         "WAL lineage (\"" + lineage + "\") does not match state lineage (\"" + lineage_ + "\")");
  }
  if (serial <= serial_) {
    return false; // stale: its work is in the file already
  }
  if (serial > serial_ + 1) {
    return broken_record(path_, "WAL serial (" + std::to_string(serial) + ") is ahead of expected (" +
                                    std::to_string(serial_ + 1) + "), state may be corrupted");
  }
  bool any = false;
  std::vector<std::string> damaged;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].empty()) {
      continue;
    }
    any = true;
    if (const auto json = Json::parse(lines[i])) {
      apply_line(*json);
    } else {
      remarks_.push_back("Skipping corrupted WAL entry at " + record_path().string() + ":" + std::to_string(i + 1) +
                         ": " + json_syntax_problem(lines[i]).value_or(json.error().message));
      damaged.push_back(lines[i]);
    }
  }
  if (!damaged.empty()) {
    put_aside(damaged);
  }
  if (any) {
    serial_ = serial;
    cli_version_ = header->get_string("cli_version");
  }
  return any;
}

void State::apply_line(const Json& line) {
  const auto key = line.get_string("k");
  const auto* value = line.find("v");
  if (value == nullptr || value->is_null()) {
    resources_.erase(key);
    ids_.erase(key);
    return;
  }
  auto resource = resource_from_json(*value);
  ids_.insert_or_assign(key, resource.id);
  resources_.insert_or_assign(key, std::move(resource));
}

void State::put_aside(const std::vector<std::string>& damaged) {
  auto copy = record_path();
  copy += ".corrupted";
  const auto written = write_file_atomically(copy, join(damaged, "\n"), Durability::none, 0600);
  remarks_.push_back(written ? "Saved " + std::to_string(damaged.size()) + " corrupted WAL entries to " + copy.string()
                             : "Failed to save corrupted WAL entries to " + copy.string() + ": " +
                                   written.error().to_string());
}

Result<void> State::fold_in() {
  const auto record = record_path();
  auto text = read_file(record, k_max_state);
  if (!text) {
    return text.error().kind == ErrorKind::not_found ? Result<void>() : Result<void>(std::move(text).error());
  }
  PIER_TRY_ASSIGN(const bool any, apply_record(*text));
  if (any) {
    PIER_TRY(write_file_atomically(path_, to_text(), Durability::fsync, 0600));
    recovered_ = true;
  }
  std::error_code error;
  std::filesystem::remove(record, error);
  return {};
}

std::string State::to_text() const {
  auto order = header_order();
  auto entries = Json::object();
  for (const auto& [key, resource] : resources_) {
    entries[key] = resource_to_json(resource);
    order.below["state"].below[key] = entry_order(key);
  }
  auto json = header_to_json(version_, lineage_, serial_);
  if (!cli_version_.empty()) {
    json["cli_version"] = cli_version_;
  }
  json["state"] = std::move(entries);
  return dump_ordered(json, order, 1, true);
}

const std::string& State::settle_lineage() {
  if (lineage_.empty()) {
    lineage_ = random_uuid();
  }
  return lineage_;
}

Result<void> State::begin_writing() {
  PIER_TRY(make_directories(path_.parent_path(), 0700));
  const auto record = record_path();
  record_ = UniqueFd(::open(record.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_APPEND | O_CLOEXEC, 0600));
  if (!record_) {
    return error_from_errno(errno, "opening " + record.string());
  }
  settle_lineage();
  return append(dump_ordered(header_to_json(k_state_version_written, lineage_, serial_ + 1), header_order(), 0, true));
}

Result<void> State::append(const std::string& line) {
  const auto text = line + "\n";
  std::size_t written = 0;
  while (written < text.size()) {
    const auto count = ::write(record_.get(), text.data() + written, text.size() - written);
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      return error_from_errno(errno, "writing " + record_path().string());
    }
    written += static_cast<std::size_t>(count);
  }
  if (::fdatasync(record_.get()) != 0) {
    return error_from_errno(errno, "writing " + record_path().string());
  }
  return {};
}

Result<void> State::save(const std::string& key, const DeployedResource& resource) {
  const std::lock_guard lock(*mutex_);
  const MemberOrder order{.first = {"k"}, .below = {{"v", entry_order(key)}}};
  PIER_TRY(append(dump_ordered(Json::object({{"k", key}, {"v", resource_to_json(resource)}}), order, 0, true)));
  ids_.insert_or_assign(key, resource.id);
  intended_.erase(key);
  return {};
}

Result<void> State::erase(const std::string& key) {
  const std::lock_guard lock(*mutex_);
  PIER_TRY(append(Json::object({{"k", key}}).dump()));
  ids_.erase(key);
  return {};
}

Result<void> State::finish() {
  if (!record_) {
    return {};
  }
  record_.reset();
  PIER_TRY(fold_in());
  intents_.reset();
  if (!intended_.empty()) {
    return {};
  }
  std::error_code ignored;
  std::filesystem::remove(intents_path(), ignored);
  return {};
}

} // namespace pier::deploy
