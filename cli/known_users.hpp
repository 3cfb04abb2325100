#pragma once

#include "core/base/environment.hpp"
#include "core/base/result.hpp"
#include "core/model/bundle.hpp"

#include <optional>
#include <string>

namespace pier::cli {

/// Who we were in each workspace when we last asked, so that `pier validate` resolves
/// `${workspace.current_user…}` without a network. A cache below $XDG_CACHE_HOME (~/.cache): losing it costs
/// nothing, and what cannot be read or written counts as empty.
class KnownUsers {
 public:
  explicit KnownUsers(const Environment& env);

  /// `workspace`: its host, or the folder of a local one.
  [[nodiscard]] std::optional<model::CurrentUser> find(const std::string& workspace) const;
  void remember(const std::string& workspace, const model::CurrentUser& user) const;

 private:
  std::filesystem::path file_; ///< empty: there is no home
};

/// The workspace that a bundle with these settings would go to, as KnownUsers names it; empty when the
/// settings are not good enough to tell.
std::string workspace_of(const model::WorkspaceSettings& bundle, bool local, const Environment& env);

} // namespace pier::cli
