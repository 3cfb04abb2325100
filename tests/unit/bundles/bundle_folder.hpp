#pragma once

#include "bundles/load.hpp"
#include "core/base/files.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace pier::bundles {

/// A bundle in a folder of its own that goes with the object.
class BundleFolder {
 public:
  BundleFolder(std::initializer_list<std::pair<std::string_view, std::string_view>> files)
      : folder_(TempDirectory::create("bundle").value()) {
    options.cwd = folder_.path();
    options.user = model::CurrentUser{"7", "ada.lovelace@x.test", "", false};
    for (const auto& [name, text] : files) {
      write(name, text);
    }
  }

  void write(std::string_view name, std::string_view text) {
    const auto path = folder_.path() / name;
    make_directories(path.parent_path()).value();
    write_file_atomically(path, text, Durability::none).value();
  }

  /// Loads afresh; `problems` are those of this load.
  std::optional<model::Bundle> load() {
    problems = {};
    return bundles::load(options, problems);
  }

  /// The value at a path of the resolved configuration as compact JSON; "" when absent.
  std::string resolved(std::initializer_list<std::string_view> path) {
    const auto bundle = load();
    const Json* value = bundle ? bundle->config.find_path(path) : nullptr;
    return value == nullptr ? std::string() : value->dump();
  }

  /// "PIER1020 databricks.yml:3:1 unknown field: x", one per line.
  [[nodiscard]] std::string report() const {
    std::string text;
    for (const auto& problem : problems.all()) {
      text += problem.code + (problem.spans.empty() ? "" : " " + problem.spans.front().to_string()) + " " +
              problem.summary + "\n";
    }
    return text;
  }

  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

  LoadOptions options;
  Diagnostics problems;

 private:
  TempDirectory folder_;
};

} // namespace pier::bundles
