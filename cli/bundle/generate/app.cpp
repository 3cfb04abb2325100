#include "cli/bundle/generate/downloader.hpp"
#include "cli/bundle/generate/one_file.hpp"
#include "cli/console.hpp"
#include "core/workspace_client/workspace_client.hpp"

namespace pier::cli {
namespace {

constexpr const char* k_name_option = "existing-app-name";

Result<Report> generate(const Arguments& arguments, Context& context) {
  PIER_TRY(require_option(arguments, k_name_option));
  const auto name = arguments.get(k_name_option);
  Generation generation(arguments, context);
  if (!generation.begin()) {
    return generation.flow().end();
  }
  context.console.status("Loading app '" + name + "' configuration");
  PIER_TRY_ASSIGN(const auto app, workspace_client::Apps(generation.client()).get(name));
  const OneFile file(generation, "app");
  const auto source_dir = file.source_dir("src/app");
  Downloader downloader(generation, source_dir, file.config_dir());
  // An app that was never deployed has no code.
  if (const auto code = app.get_string("default_source_code_path"); !code.empty()) {
    PIER_TRY(downloader.add_folder(code));
  }
  PIER_TRY_ASSIGN(const auto local_code, path_between(file.config_dir(), source_dir));
  const auto key = generation.key_for(app.get_string("name"));
  PIER_TRY(downloader.write());
  PIER_TRY(file.write(bundles::generate_app(app, local_code), key));
  return file.finish(key, app.get_string("name"));
}

} // namespace

CommandSpec bundle_generate_app_command() {
  return {.name = "bundle generate app",
          .summary = "Write down an app that exists, as `databricks bundle generate app` does",
          .description = "Writes KEY.app.yml and the code of the app.",
          .options = {{.name = k_name_option, .value = "NAME", .help = "the app"},
                      key_option(),
                      folder_option("config-dir", 'd', "where the configuration goes", "resources"),
                      folder_option("source-dir", 's', "where the code goes", "src/app"),
                      overwrite_option(),
                      bind_option()},
          .examples = {"pier bundle generate app --existing-app-name flightdesk"},
          .run = generate};
}

} // namespace pier::cli
