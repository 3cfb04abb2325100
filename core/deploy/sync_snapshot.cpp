#include "core/deploy/sync_snapshot.hpp"

#include "core/base/clock.hpp"
#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <set>

namespace pier::deploy {
namespace {

constexpr std::string_view k_version = "v1";
constexpr std::string_view k_year_one = "0001-01-01T00:00:00Z";
constexpr std::int64_t k_nanos = 1'000'000'000;

using Folders = std::set<std::string>;

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

Folders folders_of(const SyncSnapshot& snapshot) {
  Folders folders;
  for (const auto& [path, entry] : snapshot.files) {
    for (auto folder = parent_of(path); !folder.empty() && folders.insert(folder).second; folder = parent_of(folder)) {
    }
  }
  return folders;
}

Folders without(const Folders& all, const Folders& others) {
  Folders rest;
  std::set_difference(all.begin(), all.end(), others.begin(), others.end(), std::inserter(rest, rest.end()));
  return rest;
}

/// Folders of which none is inside another: making them makes the others.
std::vector<std::string> deepest(const Folders& folders) {
  Folders parents;
  for (const auto& folder : folders) {
    for (auto parent = parent_of(folder); !parent.empty(); parent = parent_of(parent)) {
      parents.insert(parent);
    }
  }
  const auto leaves = without(folders, parents);
  return {leaves.begin(), leaves.end()};
}

std::vector<std::vector<std::string>> leaves_first(Folders folders) {
  std::vector<std::vector<std::string>> groups;
  while (!folders.empty()) {
    groups.push_back(deepest(folders));
    for (const auto& folder : groups.back()) {
      folders.erase(folder);
    }
  }
  return groups;
}

bool is_sent_again(const SyncSnapshot::Entry& before, const SyncSnapshot::Entry& now, Resend resend) {
  if (resend == Resend::newer) {
    return now.modified > before.modified; // whatever its name in the workspace was
  }
  return now.modified != before.modified || now.remote != before.remote;
}

} // namespace

std::string to_rfc3339_nanos(std::int64_t nanoseconds) {
  if (nanoseconds == k_no_time) {
    return std::string(k_year_one);
  }
  auto seconds = nanoseconds / k_nanos;
  auto rest = nanoseconds % k_nanos;
  if (rest < 0) {
    rest += k_nanos;
    --seconds;
  }
  auto text = to_rfc3339(from_epoch_millis(seconds * 1000));
  if (rest == 0) {
    return text;
  }
  auto digits = std::to_string(rest);
  digits.insert(0, 9 - digits.size(), '0');
  digits.erase(digits.find_last_not_of('0') + 1);
  text.pop_back(); // Z
  return text + "." + digits + "Z";
}

std::optional<std::int64_t> parse_rfc3339_nanos(std::string_view text) {
  if (text == k_year_one) {
    return k_no_time;
  }
  std::int64_t rest = 0;
  std::string plain(text);
  if (const auto dot = text.find('.'); dot != std::string_view::npos) {
    auto end = dot + 1;
    std::string digits;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') {
      digits += text[end++];
    }
    digits.resize(9, '0');
    if (!parse_int64(digits, rest)) {
      return std::nullopt;
    }
    plain = std::string(text.substr(0, dot)) + std::string(text.substr(end));
  }
  const auto time = parse_rfc3339(plain);
  if (!time) {
    return std::nullopt;
  }
  return to_epoch_millis(*time) / 1000 * k_nanos + rest;
}

Result<SyncSnapshot> SyncSnapshot::of_files(const std::vector<LocalFile>& files) {
  SyncSnapshot snapshot;
  std::map<std::string, std::string> owners;
  for (const auto& file : files) {
    const auto remote = file.remote_name();
    const auto [owner, added] = owners.emplace(remote, file.path);
    if (!added) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "PIER2043",
                   .message = "both " + owner->second + " and " + file.path +
                              " point to the same remote file location " + remote,
                   .hint = "remove or rename one of them: notebooks lose their extension in the workspace"};
    }
    snapshot.files.emplace(file.path, Entry{file.modified, remote});
  }
  return snapshot;
}

SyncSnapshot SyncSnapshot::load(const std::filesystem::path& path) {
  SyncSnapshot snapshot;
  const auto text = read_file(path);
  const auto json = text ? Json::parse(*text) : Result<Json>(Json());
  if (!json || json->get_string("version") != k_version) {
    return snapshot;
  }
  const auto* times = json->find("last_modified_times");
  const auto* names = json->find("local_to_remote_names");
  if (times == nullptr || names == nullptr || !names->is_object()) {
    return snapshot;
  }
  for (const auto& [local, remote] : names->as_object()) {
    const auto modified = parse_rfc3339_nanos(times->get_string(local));
    if (!remote.is_string() || !modified) {
      return SyncSnapshot();
    }
    snapshot.files.emplace(local, Entry{*modified, remote.as_string()});
  }
  return snapshot;
}

Result<void> SyncSnapshot::save(const std::filesystem::path& path, const std::string& host,
                                const std::string& remote_path) const {
  auto times = Json::object();
  auto to_remote = Json::object();
  auto to_local = Json::object();
  for (const auto& [local, entry] : files) {
    times[local] = to_rfc3339_nanos(entry.modified);
    to_remote[local] = entry.remote;
    to_local[entry.remote] = local;
  }
  PIER_TRY(make_directories(path.parent_path()));
  const auto json = Json::object({{"version", std::string(k_version)},
                                  {"host", host},
                                  {"remote_path", remote_path},
                                  {"last_modified_times", std::move(times)},
                                  {"local_to_remote_names", std::move(to_remote)},
                                  {"remote_to_local_names", std::move(to_local)}});
  return write_file_atomically(path, json.dump(2), Durability::none);
}

std::filesystem::path snapshot_path(const std::filesystem::path& state_dir, const std::string& host,
                                    const std::string& remote_path) {
  return state_dir / "sync-snapshots" / (hex_encode(md5(host + remote_path)).substr(0, 16) + ".json");
}

SyncChanges compare_snapshots(const SyncSnapshot& before, const SyncSnapshot& after, Resend resend) {
  SyncChanges changes;
  for (const auto& [path, entry] : before.files) {
    const auto it = after.files.find(path);
    if (it == after.files.end() || it->second.remote != entry.remote) {
      changes.remove.push_back(entry.remote);
    }
  }
  for (const auto& [path, entry] : after.files) {
    const auto it = before.files.find(path);
    if (it == before.files.end() || is_sent_again(it->second, entry, resend)) {
      changes.upload.push_back(path);
    }
  }
  const auto old_folders = folders_of(before);
  const auto new_folders = folders_of(after);
  changes.remove_folders = leaves_first(without(old_folders, new_folders));
  changes.make_folders = deepest(without(new_folders, old_folders));
  return changes;
}

} // namespace pier::deploy
