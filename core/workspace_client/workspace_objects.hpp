#pragma once

#include "core/base/result.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace pier::workspace_client {

/// One entry of the workspace's tree: a file, folder, notebook, dashboard …
struct WorkspaceObject {
  std::string path;
  std::string type;             ///< "DIRECTORY", "FILE", "NOTEBOOK", "DASHBOARD" …
  std::string language;         ///< of a notebook: "PYTHON" …
  std::string export_format;    ///< "SOURCE", "JUPYTER" …; only when it was asked for
  std::string resource_id;      ///< of a dashboard
  std::int64_t modified_at = 0; ///< milliseconds since 1970
};

/// Reads what stands in the workspace's tree, of whatever type (facts: workspace-api 3.1). What is only a file is
/// for WorkspaceFiles. What does not exist is the API's error, of kind not_found.
class WorkspaceObjects {
 public:
  explicit WorkspaceObjects(RestClient& client)
      : client_(client) {}

  /// `with_export`: also asks how it can be exported.
  Result<WorkspaceObject> find(const std::string& path, bool with_export = false);
  Result<std::vector<WorkspaceObject>> list(const std::string& folder);
  /// `format`: "SOURCE", "JUPYTER" … or empty, as the workspace chooses.
  Result<std::string> download(const std::string& path, const std::string& format);

 private:
  RestClient& client_;
};

} // namespace pier::workspace_client
