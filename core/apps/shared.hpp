#pragma once

#include "core/apps/apps.hpp"
#include "core/apps/build/builder.hpp"
#include "core/apps/gateway/gateway.hpp"
#include "core/apps/registry.hpp"

namespace pier::apps {

/// What all apps of a workspace share. Lives as long as Apps.
struct Shared {
  Shared(Options given_options, Rooms given_rooms, Registry given_registry)
      : options(std::move(given_options)),
        rooms(std::move(given_rooms)),
        registry(given_registry),
        builder(options.folder / "environments") {}

  Options options;
  Rooms rooms;
  Registry registry;
  Builder builder;
  WorkspaceAddress address;
  std::unique_ptr<Gateway> gateway;

  [[nodiscard]] std::filesystem::path folder_of(std::string_view app) const { return options.folder / app; }

  [[nodiscard]] std::filesystem::path source_of(const DeploymentRecord& deployment) const {
    return folder_of(deployment.app) / "deployments" / deployment.id / "source";
  }

  [[nodiscard]] std::filesystem::path log_of(std::string_view app, std::string_view deployment) const {
    return folder_of(app) / "logs" / (std::string(deployment) + ".jsonl");
  }
};

} // namespace pier::apps
