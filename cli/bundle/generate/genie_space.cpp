#include "cli/bundle/generate/definition.hpp"
#include "core/base/files.hpp"
#include "core/workspace_client/workspace_client.hpp"

namespace pier::cli {
namespace {

const std::vector<std::string> k_lookups = {"existing-id", "resource"};
constexpr std::chrono::seconds k_pause{1};

Result<Json> get_space(workspace_client::RestClient& client, const std::string& id, bool with_content) {
  http::Query query;
  if (with_content) {
    query.add("include_serialized_space", "true");
  }
  return client.get("/api/2.0/genie/spaces/" + workspace_client::encode_segment(id), std::move(query));
}

Result<Json> get_whole_space(workspace_client::RestClient& client, const std::string& id) {
  return get_space(client, id, true);
}

/// A space does not tell when it changed: what it holds is compared with the file.
Result<bool> wait_for_change(Generation& generation, const Json& written, const std::filesystem::path& file) {
  PIER_TRY(generation.client().pause(k_pause));
  PIER_TRY_ASSIGN(const auto now, get_space(generation.client(), written.get_string("space_id"), true));
  const auto content = now.get_string("serialized_space");
  if (content.empty()) {
    return false;
  }
  PIER_TRY_ASSIGN(const auto wanted, stable_content(content));
  const auto there = read_file(file);
  if (!there) {
    return there.error().kind == ErrorKind::not_found ? Result<bool>(true) : there.error();
  }
  return *there != wanted;
}

constexpr DefinitionKind k_spaces{.title = "genie space",
                                  .kind = "genie_spaces",
                                  .sort = "genie_space",
                                  .suffix = ".geniespace.json",
                                  .content_field = "serialized_space",
                                  .name_field = "title",
                                  .folder_option = "genie-space-dir",
                                  .generate = bundles::generate_genie_space,
                                  .get = get_whole_space,
                                  .wait_for_change = wait_for_change};

Result<std::string> find_id(Generation& generation) {
  const auto id = generation.arguments().get("existing-id");
  const auto found = get_space(generation.client(), id, false);
  if (!found) {
    return found.error().kind == ErrorKind::not_found ? Error{.kind = ErrorKind::not_found,
                                                              .code = "PIER0025",
                                                              .message = "genie space with ID " + id + " not found"}
                                                      : found.error();
  }
  return found->get_string("space_id");
}

Result<Report> write_existing(Generation& generation) {
  const auto id = find_id(generation);
  return id ? generate_existing(generation, k_spaces, *id) : generation.flow().failed(id.error());
}

Result<Report> generate(const Arguments& arguments, Context& context) {
  PIER_TRY(require_one_of(arguments, k_lookups));
  PIER_TRY(allow_one_of(arguments, {"watch", "existing-id"}));
  PIER_TRY(allow_one_of(arguments, {"bind", "resource"}));
  Generation generation(arguments, context);
  return generate_definition(generation, k_spaces, write_existing);
}

} // namespace

CommandSpec bundle_generate_genie_space_command() {
  return {.name = "bundle generate genie-space",
          .summary = "Write down a Genie space that exists, as `databricks bundle generate genie-space` does",
          .description = "Writes KEY.genie_space.yml and the content, KEY.geniespace.json. With --resource it brings\n"
                         "the content of a deployed space back into its file.",
          .options = definition_options(k_spaces, {{.name = "existing-id", .value = "ID", .help = "the Genie space"}}),
          .examples = {"pier bundle generate genie-space --existing-id 01ef8a --key sales_questions"},
          .run = generate};
}

} // namespace pier::cli
