#include "core/deploy/snapshot_upload.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::deploy;

TEST_CASE("snapshot: its path goes where the bundle waits for it") {
  model::Bundle bundle;
  bundle.paths.artifact_path = "/Workspace/b/artifacts";
  const auto key = model::ResourceKey::parse("resources.jobs.j").value();
  bundle.graph.nodes[key] = {
      .key = key,
      .config = Json::parse(R"({"a":["${workspace.snapshot_path}/files/n"],"b":{"c":"${workspace.file_path}/d"},
                                "e":"${workspace.artifact_path}","f":1})")
                    .value(),
      .span = {}};
  settle_snapshot_path(bundle, "/Workspace/s", false);
  CHECK(bundle.graph.nodes.at(key).config.dump() ==
        R"({"a":["/Workspace/s/files/n"],"b":{"c":"/Workspace/s/files/d"},"e":"/Workspace/b/artifacts","f":1})");
  CHECK(bundle.paths.file_path == "/Workspace/s/files");
  settle_snapshot_path(bundle, "/Workspace/s", true);
  CHECK(bundle.paths.artifact_path == "/Workspace/s/artifacts");
}
