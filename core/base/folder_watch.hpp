#pragma once

#include "core/base/fd.hpp"
#include "core/base/result.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>

namespace pier {

/// Tells when something in folders changes (inotify): files written, made, removed, renamed or touched, also in
/// folders that appear later. Not for file systems that other machines change.
class FolderWatch {
 public:
  /// True for folders that shall not be looked at, as `.git`.
  using Skip = std::function<bool(const std::filesystem::path& folder)>;

  static Result<FolderWatch> create(Skip skip);

  /// Watches a folder and those below it; one that is watched already is no error. Error `unavailable` PIER0113
  /// when the machine watches too many folders already.
  Result<void> add_tree(const std::filesystem::path& root);
  /// Watches a folder without those below it.
  Result<void> add_folder(const std::filesystem::path& folder);

  /// Waits for a change, and then until nothing has changed for `settle`. False: a stop was asked for.
  Result<bool> wait(std::stop_token stop, std::chrono::milliseconds settle);

 private:
  explicit FolderWatch(Skip skip)
      : skip_(std::move(skip)) {}

  struct Place {
    std::filesystem::path folder;
    bool tree = false; ///< new folders in it are watched too
  };

  Result<void> add(const std::filesystem::path& folder, bool tree);
  /// Takes what has been told. True if it matters.
  Result<bool> take_events();

  Skip skip_;
  UniqueFd events_;
  std::map<int, Place> places_; ///< by inotify's number
};

} // namespace pier
