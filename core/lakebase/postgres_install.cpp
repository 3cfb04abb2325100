#include "core/lakebase/postgres_install.hpp"

#include "core/base/process.hpp"
#include "core/base/text.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <vector>

namespace fs = std::filesystem;

namespace pier::lakebase {
namespace {

std::optional<int> major_of(const fs::path& bin) {
  std::error_code code;
  if (!fs::exists(bin / "initdb", code) || !fs::exists(bin / "postgres", code)) {
    return std::nullopt;
  }
  const auto output = run_captured(Command{.argv = {(bin / "postgres").string(), "--version"}});
  if (!output || !output->status.ok()) {
    return std::nullopt;
  }
  // "postgres (PostgreSQL) 15.20 (Debian …)"
  const auto words = split(output->standard_output, ' ');
  std::int64_t major = 0;
  if (words.size() < 3 || !parse_int64(split(words[2], '.').front(), major)) {
    return std::nullopt;
  }
  return static_cast<int>(major);
}

/// Folders that may hold server programs; Debian's versioned ones by falling version.
std::vector<std::pair<int, fs::path>> candidates(const fs::path& bin) {
  std::vector<std::pair<int, fs::path>> found;
  if (!bin.empty()) {
    if (const auto major = major_of(bin)) {
      found.emplace_back(*major, bin);
    }
    return found;
  }
  std::error_code code;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", code)) {
    std::int64_t major = 0;
    if (parse_int64(entry.path().filename().string(), major) && fs::exists(entry.path() / "bin" / "postgres", code)) {
      found.emplace_back(static_cast<int>(major), entry.path() / "bin");
    }
  }
  if (found.empty()) {
    if (const auto program = find_program("postgres", Environment::of_process())) {
      const auto folder = fs::canonical(*program, code).parent_path();
      if (const auto major = major_of(folder)) {
        found.emplace_back(*major, folder);
      }
    }
  }
  std::sort(found.rbegin(), found.rend());
  return found;
}

std::string server_user() {
  return ::geteuid() == 0 ? "postgres" : "";
}

struct Account {
  uid_t uid = 0;
  gid_t gid = 0;
};

Result<Account> account(const std::string& user) {
  passwd entry{};
  passwd* result = nullptr;
  std::array<char, 4096> buffer{};
  if (::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &result) != 0 || result == nullptr) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "PIER8001",
                 .message = "there is no user " + user + " on this machine",
                 .hint = "apt-get install postgresql"};
  }
  return Account{.uid = entry.pw_uid, .gid = entry.pw_gid};
}

bool may_pass(const struct stat& info, const Account& who) {
  if (info.st_uid == who.uid) {
    return (info.st_mode & S_IXUSR) != 0;
  }
  if (info.st_gid == who.gid) {
    return (info.st_mode & S_IXGRP) != 0;
  }
  return (info.st_mode & S_IXOTH) != 0;
}

bool is_home(const fs::path& folder) {
  passwd entry{};
  passwd* result = nullptr;
  std::array<char, 4096> buffer{};
  return ::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &result) == 0 && result != nullptr &&
         folder == fs::path(entry.pw_dir);
}

Result<void> open_one(const fs::path& folder, const Account& who, const std::string& user) {
  struct stat info{};
  if (::stat(folder.c_str(), &info) != 0) {
    return error_from_errno(errno, "cannot look at " + folder.string());
  }
  if (may_pass(info, who)) {
    return {};
  }
  if (is_home(folder) || folder.parent_path() == folder.root_path() || info.st_uid != ::geteuid()) {
    return Error{.kind = ErrorKind::permission_denied,
                 .code = "PIER8003",
                 .message = "the user " + user + " cannot enter " + folder.string(),
                 .hint = "set PIER_HOME to a folder outside of it, such as /var/lib/pier"};
  }
  if (::chown(folder.c_str(), static_cast<uid_t>(-1), who.gid) != 0 ||
      ::chmod(folder.c_str(), (info.st_mode & 07700U) | S_IXGRP) != 0) {
    return error_from_errno(errno, "cannot open " + folder.string() + " for the user " + user);
  }
  return {};
}

} // namespace

Result<PostgresInstall> PostgresInstall::find(const fs::path& bin) {
  const auto found = candidates(bin);
  if (found.empty()) {
    return Error{.kind = ErrorKind::invalid_state,
                 .code = "PIER8001",
                 .message = "PostgreSQL is not installed" + (bin.empty() ? "" : " in " + bin.string()),
                 .hint = bin.empty() ? "apt-get install postgresql, or name the folder of its programs in "
                                       "PIER_POSTGRES_BIN and restart the local workspace"
                                     : "install it there, or restart the local workspace without PIER_POSTGRES_BIN"};
  }
  return PostgresInstall{.bin = found.front().second, .major = found.front().first, .user = server_user()};
}

Result<PostgresInstall> PostgresInstall::find_major(int major, const fs::path& bin) {
  for (const auto& [version, folder] : candidates(bin)) {
    if (version == major) {
      return PostgresInstall{.bin = folder, .major = version, .user = server_user()};
    }
  }
  const auto text = std::to_string(major);
  return Error{.kind = ErrorKind::invalid_state,
               .code = "PIER8002",
               .message = "this instance was made by PostgreSQL " + text + ", which is not installed",
               .hint = "apt-get install postgresql-" + text};
}

Result<void> make_reachable(const fs::path& folder, const std::string& user) {
  if (user.empty()) {
    return {};
  }
  PIER_TRY_ASSIGN(const auto who, account(user));
  if (::chown(folder.c_str(), who.uid, who.gid) != 0) {
    return error_from_errno(errno, "cannot give " + folder.string() + " to the user " + user);
  }
  for (fs::path up = fs::absolute(folder).parent_path(); up != up.root_path(); up = up.parent_path()) {
    PIER_TRY(open_one(up, who, user));
  }
  return {};
}

} // namespace pier::lakebase
