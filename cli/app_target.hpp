#pragma once

#include "cli/session.hpp"

namespace pier::cli {

/// A deployed app that a command is about.
struct AppTarget {
  std::unique_ptr<TargetSession> target; ///< when a bundle led to it
  WorkspaceSession own;                  ///< else
  std::string name;
  std::string url;

  [[nodiscard]] workspace_client::RestClient& client() { return target ? *target->workspace.client : *own.client; }

  [[nodiscard]] bool is_local() const { return target ? target->workspace.local : own.local; }
};

/// APP is a key or a name in the bundle around here, else the name of any app of the workspace. Nothing when the
/// bundle has errors: they are in `report`.
Result<std::unique_ptr<AppTarget>> find_app(const Arguments& arguments, Context& context, Report& report);

} // namespace pier::cli
