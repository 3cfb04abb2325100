#pragma once

#include "cli/bundle/generate/generation.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::cli {

/// Resources whose content is a JSON text of the service, kept in a file beside the configuration: dashboards and
/// Genie spaces.
struct DefinitionKind {
  std::string_view title;         ///< "dashboard", "genie space"
  std::string_view kind;          ///< "dashboards"
  std::string_view sort;          ///< of "KEY.dashboard.yml"
  std::string_view suffix;        ///< of "KEY.lvdash.json"
  std::string_view content_field; ///< "serialized_dashboard"
  std::string_view name_field;    ///< "display_name"
  std::string_view folder_option; ///< "dashboard-dir"
  bundles::GeneratedResource (*generate)(const Json& resource, const std::string& file_path) = nullptr;
  /// The resource with its content.
  Result<Json> (*get)(workspace_client::RestClient& client, const std::string& id) = nullptr;
  /// --watch: true when the content must be written again, after a pause or none. `written`: what was written last.
  Result<bool> (*wait_for_change)(Generation& generation, const Json& written,
                                  const std::filesystem::path& file) = nullptr;
};

/// Writes both files for a resource that exists; --bind.
Result<Report> generate_existing(Generation& generation, const DefinitionKind& kind, const std::string& id);

/// The command: with --resource it brings the content of a deployed resource back into its file, with --watch again and
/// again; otherwise `existing` writes down what the other options name.
Result<Report> generate_definition(Generation& generation, const DefinitionKind& kind,
                                   Result<Report> (*existing)(Generation&));

/// `lookups` and what all these commands have.
std::vector<OptionSpec> definition_options(const DefinitionKind& kind, std::vector<OptionSpec> lookups);

/// The content in a stable form: members by name, indented, a line break at the end.
Result<std::string> stable_content(std::string_view content);

} // namespace pier::cli
