#include "cli/bundle/generate/downloader.hpp"
#include "cli/bundle/generate/one_file.hpp"
#include "cli/console.hpp"
#include "core/base/text.hpp"
#include "core/workspace_client/workspace_client.hpp"

namespace pier::cli {
namespace {

constexpr const char* k_id_option = "existing-job-id";

Result<std::int64_t> job_id(const Arguments& arguments) {
  PIER_TRY(require_option(arguments, k_id_option));
  const auto text = arguments.get(k_id_option);
  std::int64_t id = 0;
  if (!parse_int64(text, id)) {
    return Error{.kind = ErrorKind::usage,
                 .code = "PIER0025",
                 .message = "invalid argument \"" + text +
                            "\" for \"--existing-job-id\" flag: strconv.ParseInt: parsing \"" + text +
                            "\": invalid syntax"};
  }
  return id;
}

/// Where a task says which file of the workspace it runs; null: nowhere, or it is none.
Json* file_of(Json& task, bool with_python_files) {
  if (auto* notebook = task.find("notebook_task"); notebook != nullptr && notebook->is_object()) {
    return &(*notebook)["notebook_path"];
  }
  auto* python = with_python_files ? task.find("spark_python_task") : nullptr;
  const bool in_workspace =
      python != nullptr && python->get_string("source") != "GIT" && python->get_string("python_file").starts_with('/');
  return in_workspace ? &(*python)["python_file"] : nullptr;
}

Result<void> add_files_of_tasks(Downloader& downloader, Json& tasks, bool with_python_files) {
  std::vector<std::string> paths;
  for (auto& task : tasks.as_array()) {
    if (const auto* file = file_of(task, with_python_files); file != nullptr && file->is_string()) {
      paths.push_back(file->as_string());
    }
  }
  downloader.set_base(common_folder(paths));
  for (auto& task : tasks.as_array()) {
    auto* file = file_of(task, with_python_files);
    if (file == nullptr || !file->is_string()) {
      continue;
    }
    const bool notebook = task.contains("notebook_task");
    PIER_TRY_ASSIGN(auto local,
                    notebook ? downloader.add_notebook(file->as_string()) : downloader.add_file(file->as_string()));
    *file = std::move(local);
  }
  return {};
}

Result<Report> generate(const Arguments& arguments, Context& context) {
  PIER_TRY_ASSIGN(const auto id, job_id(arguments));
  Generation generation(arguments, context);
  if (!generation.begin()) {
    return generation.flow().end();
  }
  PIER_TRY_ASSIGN(auto job, workspace_client::Jobs(generation.client()).get(id));
  const OneFile file(generation, "job");
  Downloader downloader(generation, file.source_dir("src"), file.config_dir());
  auto& settings = job["settings"];
  auto* tasks = settings.find("tasks");
  // With a Git source paths are those of the repository, and tasks that say otherwise name the workspace in full.
  if (settings.contains("git_source")) {
    context.console.status("Job is using Git source, skipping downloading files");
  } else if (tasks != nullptr && tasks->is_array()) {
    PIER_TRY(add_files_of_tasks(downloader, *tasks, arguments.has("download-spark-python-files")));
  }
  const auto key = generation.key_for(settings.get_string("name"));
  PIER_TRY(downloader.write());
  downloader.remove_old_files();
  PIER_TRY(file.take_over_old(key));
  PIER_TRY(file.write(bundles::generate_job(job), key));
  return file.finish(key, std::to_string(id));
}

} // namespace

CommandSpec bundle_generate_job_command() {
  return {.name = "bundle generate job",
          .summary = "Write down a job that exists, as `databricks bundle generate job` does",
          .description = "Writes KEY.job.yml and the notebooks that the tasks of the job run.",
          .options = {{.name = k_id_option, .value = "ID", .help = "the job"},
                      key_option(),
                      folder_option("config-dir", 'd', "where the configuration goes", "resources"),
                      folder_option("source-dir", 's', "where the files go", "src"),
                      overwrite_option(),
                      bind_option(),
                      {.name = "download-spark-python-files", .help = "also the Python files of Spark tasks"}},
          .examples = {"pier bundle generate job --existing-job-id 6565621249 --key nightly"},
          .run = generate};
}

} // namespace pier::cli
