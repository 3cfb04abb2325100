#include "core/workspace_client/shared_cache.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace pier::workspace_client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t k_max_answer = 4ULL * 1024 * 1024;
constexpr std::string_view k_version = "1.13.0"; // of the official CLI that has this format

bool is_switched_off(const Environment& env) {
  constexpr std::array k_off = {"false", "0", "no", "off", "n", "f"};
  const auto setting = to_lower(env.get("DATABRICKS_CACHE_ENABLED").value_or(""));
  return std::find(k_off.begin(), k_off.end(), setting) != k_off.end();
}

/// Empty: there is no place.
fs::path folder_of_user(const Environment& env) {
  if (const auto chosen = env.get("DATABRICKS_CACHE_DIR")) {
    return *chosen;
  }
  const auto home = env.get("HOME").value_or("");
  const auto caches = env.get("XDG_CACHE_HOME").value_or(home.empty() ? "" : home + "/.cache");
  return caches.empty() ? fs::path() : fs::path(caches) / "databricks";
}

/// The question may hold a secret: only its hash is seen.
std::string file_name(std::string_view question) {
  return hex_encode(sha256(question)) + ".json";
}

} // namespace

SharedCache::SharedCache(const Environment& env, const Clock& clock)
    : clock_(clock) {
  if (const auto folder = folder_of_user(env); !folder.empty() && !is_switched_off(env)) {
    root_ = folder / k_version;
  }
}

std::optional<std::string> SharedCache::read(std::string_view kind, std::string_view question,
                                             std::chrono::seconds good_for) const {
  if (!is_enabled()) {
    return std::nullopt;
  }
  std::error_code error;
  const auto path = root_ / kind / file_name(question);
  const auto written = fs::last_write_time(path, error);
  if (error || std::chrono::file_clock::to_sys(written) + good_for < clock_.now()) {
    return std::nullopt;
  }
  auto text = read_file(path, k_max_answer);
  return text ? std::optional(*std::move(text)) : std::nullopt;
}

void SharedCache::write(std::string_view kind, std::string_view question, std::string_view answer) const {
  if (is_enabled() && make_directories(root_ / kind, 0700)) {
    [[maybe_unused]] const auto ignored =
        write_file_atomically(root_ / kind / file_name(question), answer, Durability::none, 0600);
  }
}

} // namespace pier::workspace_client
