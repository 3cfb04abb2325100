#include "cli/bundle/generate/downloader.hpp"
#include "cli/bundle/generate/one_file.hpp"
#include "core/workspace_client/workspace_client.hpp"

namespace pier::cli {
namespace {

constexpr const char* k_id_option = "existing-pipeline-id";

Result<void> add_libraries(Downloader& downloader, Json& spec) {
  auto* libraries = spec.find("libraries");
  if (libraries == nullptr || !libraries->is_array()) {
    return {};
  }
  for (auto& library : libraries->as_array()) {
    if (auto* notebook = library.find("notebook"); notebook != nullptr && notebook->is_object()) {
      PIER_TRY_ASSIGN((*notebook)["path"], downloader.add_notebook(notebook->get_string("path")));
    } else if (auto* file = library.find("file"); file != nullptr && file->is_object()) {
      PIER_TRY_ASSIGN((*file)["path"], downloader.add_file(file->get_string("path")));
    }
  }
  return {};
}

Result<Report> generate(const Arguments& arguments, Context& context) {
  PIER_TRY(require_option(arguments, k_id_option));
  const auto id = arguments.get(k_id_option);
  Generation generation(arguments, context);
  if (!generation.begin()) {
    return generation.flow().end();
  }
  PIER_TRY_ASSIGN(auto pipeline, generation.client().get("/api/2.0/pipelines/" + workspace_client::encode_segment(id)));
  const OneFile file(generation, "pipeline");
  const auto source_dir = file.source_dir("src");
  Downloader downloader(generation, source_dir, file.config_dir());
  auto& spec = pipeline["spec"];
  PIER_TRY(add_libraries(downloader, spec));
  const auto remote_root = spec.get_string("root_path");
  if (!remote_root.empty()) {
    PIER_TRY(downloader.add_folder(remote_root));
  }
  PIER_TRY_ASSIGN(const auto local_root, path_between(file.config_dir(), source_dir));
  const auto key = generation.key_for(pipeline.get_string("name"));
  PIER_TRY(downloader.write());
  PIER_TRY(file.take_over_old(key));
  PIER_TRY(file.write(bundles::generate_pipeline(spec, remote_root, local_root), key));
  return file.finish(key, id);
}

} // namespace

CommandSpec bundle_generate_pipeline_command() {
  return {.name = "bundle generate pipeline",
          .summary = "Write down a pipeline that exists, as `databricks bundle generate pipeline` does",
          .description = "Writes KEY.pipeline.yml and the notebooks and files of the pipeline.",
          .options = {{.name = k_id_option, .value = "ID", .help = "the pipeline"},
                      key_option(),
                      folder_option("config-dir", 'd', "where the configuration goes", "resources"),
                      folder_option("source-dir", 's', "where the files go", "src"),
                      overwrite_option(),
                      bind_option()},
          .examples = {"pier bundle generate pipeline --existing-pipeline-id 5f2c-11 --key sales"},
          .run = generate};
}

} // namespace pier::cli
