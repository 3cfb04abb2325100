#pragma once

#include "core/base/json.hpp"

#include <string>
#include <string_view>

namespace pier::bundles {

/// A resource that exists, as `bundle generate` writes it down: the fields that databricks.yml knows, in the order and
/// style of the official CLI 1.13.
struct GeneratedResource {
  std::string kind; ///< "jobs"
  Json config;
};

/// From what the workspace tells (GET of the REST API).
GeneratedResource generate_job(const Json& job);
/// `spec` of a pipeline; what lies below `remote_root`, its root folder in the workspace, moves to `local_root`.
GeneratedResource generate_pipeline(const Json& spec, const std::string& remote_root, const std::string& local_root);
GeneratedResource generate_app(const Json& app, const std::string& source_code_path);
GeneratedResource generate_alert(const Json& alert, const std::string& file_path);
GeneratedResource generate_dashboard(const Json& dashboard, const std::string& file_path);
GeneratedResource generate_genie_space(const Json& space, const std::string& file_path);

/// The file: `resources: KIND: KEY: …` as YAML.
std::string write_resource(const GeneratedResource& resource, const std::string& key);

/// A key from a name that people chose: lower case, one underscore for all that is neither letter nor digit.
std::string key_of_name(std::string_view name);

} // namespace pier::bundles
