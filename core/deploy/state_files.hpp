#pragma once

#include "core/base/result.hpp"
#include "core/model/bundle.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pier::deploy {

/// `resources.json` in the bundle's folder for the target on this machine.
std::filesystem::path local_state_file(const model::Bundle& bundle);

/// When the workspace is asked for its state files.
enum class Pull { always, without_local_files };

/// One of the up to four files that may tell what a target has: local or remote, direct or Terraform's.
struct StateFile {
  std::string path;
  bool is_local = false;
  bool is_direct = false;
  std::int64_t serial = 0;
  std::string lineage;
  std::string content;

  /// `PATH: local direct state serial=3 lineage="…"`
  [[nodiscard]] std::string describe() const;
};

/// From least to most preferred: by serial; when equal the local one, and the direct one, come later.
/// Error PIER2021 for a file that is no JSON.
Result<std::vector<StateFile>> read_state_files(const model::Bundle& bundle, workspace_client::RestClient& client,
                                                Pull pull);
/// The local ones only.
Result<std::vector<StateFile>> read_local_state_files(const model::Bundle& bundle);

/// Error PIER2046 for files that do not belong together.
Result<void> check_state_files(const std::vector<StateFile>& files);

} // namespace pier::deploy
