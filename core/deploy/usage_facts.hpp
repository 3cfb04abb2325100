#pragma once

#include "core/base/json.hpp"
#include "core/deploy/file_set.hpp"
#include "core/model/bundle.hpp"
#include "core/model/usage.hpp"

#include <filesystem>
#include <string_view>
#include <vector>

namespace pier::deploy {

/// What a deployment tells of itself for the usage report; nothing when nobody asks.
class UsageNotes {
 public:
  explicit UsageNotes(model::Usage* usage)
      : usage_(usage) {}

  /// Whether a switch of the section `experimental` is on.
  void tell_experiment(const model::Bundle& bundle, std::string_view name, const char* called);
  void tell_builds(const model::Bundle& bundle);
  void tell_files(const std::vector<LocalFile>& files);

  /// Where the state lies, and whether others than those whom the bundle names can write there. `access` is the
  /// access list of its folder; null when the bundle names nobody.
  void tell_access(const model::Bundle& bundle, const model::CurrentUser& user, const Json& access);

  /// Which kinds of compute the tasks of jobs use.
  void tell_compute(const model::Bundle& bundle);

  /// Sizes and ids of what the state file holds.
  void tell_state(const std::filesystem::path& file);

 private:
  model::Usage* usage_;
};

} // namespace pier::deploy
