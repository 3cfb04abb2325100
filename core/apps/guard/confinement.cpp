#include "core/apps/guard/confinement.hpp"

#include "core/base/fd.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>

namespace fs = std::filesystem;

namespace pier::apps {
namespace {

// Rights of later kernels; named here because Debian 12's header ends at version 1 or 2.
constexpr std::uint64_t k_execute = 1ULL << 0U;
constexpr std::uint64_t k_write_file = 1ULL << 1U;
constexpr std::uint64_t k_read_file = 1ULL << 2U;
constexpr std::uint64_t k_read_dir = 1ULL << 3U;
constexpr std::uint64_t k_refer = 1ULL << 13U;
constexpr std::uint64_t k_truncate = 1ULL << 14U;
constexpr std::uint64_t k_read = k_execute | k_read_file | k_read_dir;
constexpr std::uint64_t k_of_files = k_execute | k_write_file | k_read_file | k_truncate;

std::uint64_t handled_rights(int version) {
  std::uint64_t rights = (1ULL << 13U) - 1;
  if (version >= 2) {
    rights |= k_refer;
  }
  if (version >= 3) {
    rights |= k_truncate;
  }
  return rights;
}

class Ruleset {
 public:
  explicit Ruleset(int version)
      : handled_(handled_rights(version)) {
    landlock_ruleset_attr attributes{};
    attributes.handled_access_fs = handled_;
    fd_ = UniqueFd(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  }

  /// A path that is not there, or that cannot be opened, needs no rule.
  void allow(const fs::path& path, std::uint64_t rights) const {
    const UniqueFd parent(::open(path.c_str(), O_PATH | O_CLOEXEC));
    struct stat info{};
    if (!parent || ::fstat(parent.get(), &info) != 0) {
      return;
    }
    landlock_path_beneath_attr beneath{};
    beneath.allowed_access = rights & handled_ & (S_ISDIR(info.st_mode) ? ~0ULL : k_of_files);
    beneath.parent_fd = parent.get();
    ::syscall(SYS_landlock_add_rule, fd_.get(), LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
  }

  [[nodiscard]] std::uint64_t all() const { return handled_; }

  [[nodiscard]] Result<void> enforce() const {
    if (!fd_ || ::syscall(SYS_landlock_restrict_self, fd_.get(), 0) != 0) {
      return error_from_errno(errno, "cannot confine the program");
    }
    return {};
  }

 private:
  std::uint64_t handled_;
  UniqueFd fd_;
};

bool is_inside(const fs::path& path, const fs::path& folder) {
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

/// Landlock only allows, so rights are given on the siblings of each step down to the hidden folders.
void allow_around(const Ruleset& rules, const fs::path& folder, const std::vector<fs::path>& hidden,
                  std::uint64_t rights) {
  const auto holds_hidden = [&](const fs::path& path) {
    return std::any_of(hidden.begin(), hidden.end(), [&](const fs::path& one) { return is_inside(one, path); });
  };
  if (!holds_hidden(folder)) {
    rules.allow(folder, rights);
    return;
  }
  if (std::find(hidden.begin(), hidden.end(), folder) != hidden.end()) {
    return;
  }
  std::error_code code;
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
    std::error_code link;
    if (!fs::is_symlink(it->path(), link)) {
      allow_around(rules, it->path(), hidden, rights);
    }
  }
}

} // namespace

int landlock_version() {
  const auto version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version > 0 ? static_cast<int>(version) : 0;
}

Result<void> confine(const Confinement& confinement) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return error_from_errno(errno, "cannot give up new privileges");
  }
  const int version = landlock_version();
  if (version == 0 || (confinement.hidden.empty() && confinement.writes_anywhere)) {
    return {};
  }
  std::vector<fs::path> hidden;
  for (const auto& folder : confinement.hidden) {
    std::error_code code;
    const auto real = fs::canonical(folder, code);
    if (!code) {
      hidden.push_back(real);
    }
  }
  const Ruleset rules(version);
  allow_around(rules, "/", hidden, confinement.writes_anywhere ? rules.all() : k_read);
  rules.allow("/dev", k_read | k_write_file);
  for (const char* scratch : {"/tmp", "/var/tmp", "/dev/shm"}) {
    const bool holds_hidden =
        std::any_of(hidden.begin(), hidden.end(), [&](const fs::path& one) { return is_inside(one, scratch); });
    if (!holds_hidden) {
      rules.allow(scratch, rules.all());
    }
  }
  for (const auto& folder : confinement.readable) {
    rules.allow(folder, k_read);
  }
  for (const auto& folder : confinement.writable) {
    rules.allow(folder, rules.all());
  }
  return rules.enforce();
}

} // namespace pier::apps
