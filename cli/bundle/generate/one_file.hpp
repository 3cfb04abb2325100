#pragma once

#include "cli/bundle/generate/generation.hpp"

#include <string>

namespace pier::cli {

/// The configuration file "KEY.<sort>.yml" of a job, pipeline or app, below --config-dir of the current folder.
class OneFile {
 public:
  /// `sort`: "job", "pipeline", "app".
  OneFile(Generation& generation, std::string sort);

  [[nodiscard]] std::filesystem::path config_dir() const { return config_dir_; }

  [[nodiscard]] std::filesystem::path source_dir(std::string_view fallback) const;

  /// Earlier versions called it KEY.yml: the same resource must not stand in two files.
  Result<void> take_over_old(const std::string& key) const;
  /// Writes it and says so.
  Result<void> write(const bundles::GeneratedResource& resource, const std::string& key) const;
  /// What is left to do: a warning when it is not included, --bind.
  Result<Report> finish(const std::string& key, const std::string& id) const;

 private:
  [[nodiscard]] std::string name(const std::string& key) const;

  Generation& generation_;
  std::string sort_;
  std::filesystem::path config_dir_;
};

} // namespace pier::cli
