#include "core/deploy/deploy_lock.hpp"

#include "core/base/clock.hpp"
#include "core/base/digest.hpp"
#include "core/base/files.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <unistd.h>

#include <array>

namespace pier::deploy {
namespace {

using workspace_client::WorkspaceFiles;

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string boot_id() {
  const auto text = read_file("/proc/sys/kernel/random/boot_id", 128);
  return text ? std::string(trim(*text)) : std::string();
}

/// Field 22 of /proc/PID/stat; 0 when there is no such process.
std::int64_t start_of(std::int64_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
  if (!text) {
    return 0;
  }
  // The name in parentheses may hold blanks; fields are counted behind it (the next one is the third).
  const auto close = text->rfind(')');
  if (close == std::string::npos) {
    return 0;
  }
  const auto fields = split(trim(std::string_view(*text).substr(close + 1)), ' ');
  constexpr std::size_t k_start = 19;
  constexpr std::size_t k_state = 0;
  std::int64_t start = 0;
  if (fields.size() <= k_start || fields[k_state] == "Z" || !parse_int64(fields[k_start], start)) {
    return 0;
  }
  return start;
}

LockHolder holder_of(const Json& lock) {
  LockHolder holder;
  if (const auto* json = lock.find("Holder"); json != nullptr && json->is_object()) {
    holder.host = json->get_string("Host");
    holder.boot = json->get_string("Boot");
    holder.pid = json->get_integer("Pid");
    holder.started = json->get_integer("Started");
  }
  return holder;
}

std::string lock_text(const std::string& id, const std::string& user, bool force) {
  const auto holder = LockHolder::this_process();
  return Json::object(
             {{"ID", id},
              {"AcquisitionTime", to_rfc3339(SystemClock().now())},
              {"IsForced", force},
              {"User", user},
              {"Holder",
               Json::object(
                   {{"Host", holder.host}, {"Boot", holder.boot}, {"Pid", holder.pid}, {"Started", holder.started}})}})
      .dump();
}

/// "2026-11-24T10:00:00Z" as the official CLI shows it: "2026-11-24 10:00:00 +0000 UTC".
std::string time_text(std::string text) {
  if (const auto t = text.find('T'); t != std::string::npos) {
    text[t] = ' ';
  }
  if (text.ends_with('Z')) {
    return text.substr(0, text.size() - 1) + " +0000 UTC";
  }
  constexpr std::size_t k_offset = 6; // "+01:00"
  if (text.size() > k_offset && text[text.size() - 3] == ':') {
    const auto offset = replace_all(text.substr(text.size() - k_offset), ":", "");
    return text.substr(0, text.size() - k_offset) + " " + offset + " " + offset;
  }
  return text;
}

Error held_by(const Json& lock) {
  return Error{.kind = ErrorKind::conflict,
               .code = "PIER2045",
               .message = std::string("deploy lock ") + (lock.get_bool("IsForced") ? "force-acquired" : "acquired") +
                          " by " + lock.get_string("User") + " at " + time_text(lock.get_string("AcquisitionTime")) +
                          ".\nAnother deployment may be in progress. Use --force-lock to override, but this may\n"
                          "conflict with the other deployment if it is still active",
               .hint = "wait for it, or --force-lock when you know that it is dead"};
}

} // namespace

LockHolder LockHolder::this_process() {
  return {host_name(), boot_id(), ::getpid(), start_of(::getpid())};
}

bool LockHolder::is_dead() const {
  if (pid <= 0 || host.empty() || host != host_name()) {
    return false;
  }
  return boot != boot_id() || start_of(pid) != started;
}

Result<DeployLock> DeployLock::acquire(workspace_client::RestClient& client, const std::string& state_path,
                                       const std::string& user, bool force) {
  WorkspaceFiles files(client);
  DeployLock lock;
  lock.path_ = state_path + "/deploy.lock";
  lock.id_ = random_uuid();
  for (bool overwrite = force;; overwrite = true) {
    auto written = files.write(lock.path_, lock_text(lock.id_, user, overwrite), overwrite);
    if (!written && written.error().kind != ErrorKind::already_exists) {
      return std::move(written).error();
    }
    PIER_TRY_ASSIGN(const auto text, files.read(lock.path_));
    if (!text) {
      return Error{.kind = ErrorKind::conflict, .code = "PIER2045", .message = "the deploy lock vanished at once"};
    }
    PIER_TRY_ASSIGN(const auto current, Json::parse(*text, 16).context("reading the deploy lock"));
    if (current.get_string("ID") == lock.id_) {
      return lock;
    }
    if (overwrite || !holder_of(current).is_dead()) {
      return held_by(current);
    }
    lock.took_over_ = true;
  }
}

Result<void> DeployLock::release(workspace_client::RestClient& client) {
  WorkspaceFiles files(client);
  PIER_TRY_ASSIGN(const auto text, files.read(path_));
  if (!text) {
    return {};
  }
  const auto current = Json::parse(*text, 16);
  if (!current || current->get_string("ID") != id_) {
    return {}; // taken from us with --force-lock
  }
  return files.remove(path_);
}

} // namespace pier::deploy
