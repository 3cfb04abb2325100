#pragma once

#include "core/base/clock.hpp"
#include "core/base/environment.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace pier::workspace_client {

/// Answers of workspaces that the official tools keep for a while, one file each whose age is that of the file; both
/// find what the other has kept. Where: DATABRICKS_CACHE_DIR, else the user's cache folder; nowhere when
/// DATABRICKS_CACHE_ENABLED says no. What cannot be read or written counts as absent.
class SharedCache {
 public:
  /// `clock` must outlive the cache.
  SharedCache(const Environment& env, const Clock& clock);

  [[nodiscard]] bool is_enabled() const { return !root_.empty(); }

  /// `kind` is a folder ("user"), `question` the JSON text that the answer belongs to. Nothing when it is older.
  [[nodiscard]] std::optional<std::string> read(std::string_view kind, std::string_view question,
                                                std::chrono::seconds good_for) const;
  void write(std::string_view kind, std::string_view question, std::string_view answer) const;

 private:
  const Clock& clock_;
  std::filesystem::path root_; ///< empty: nothing is kept
};

} // namespace pier::workspace_client
