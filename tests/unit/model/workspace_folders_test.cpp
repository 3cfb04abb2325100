#include "core/model/workspace_folders.hpp"

#include <doctest/doctest.h>

namespace pier::model {

TEST_CASE("workspace folders: folders inside the root and volumes have no permissions of their own") {
  WorkspacePaths paths{.root_path = "/Workspace/a",
                       .file_path = "/Workspace/a/files",
                       .artifact_path = "/Volumes/main/code/builds",
                       .state_path = "/Workspace/ab/state",
                       .resource_path = "/Workspace/a/resources"};
  CHECK(folders_with_permissions(paths) == std::vector<std::string>{"/Workspace/a", "/Workspace/ab/state"});
  paths.file_path.clear();
  paths.artifact_path = "/Workspace/b";
  CHECK(folders_with_permissions(paths) ==
        std::vector<std::string>{"/Workspace/a", "/Workspace/b", "/Workspace/ab/state"});
}

} // namespace pier::model
