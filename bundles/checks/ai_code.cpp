#include "bundles/checks/checks.hpp"
#include "bundles/config/path.hpp"
#include "bundles/config/quotes.hpp"
#include "bundles/steps/libraries.hpp"
#include "bundles/steps/steps.hpp"
#include "core/base/text.hpp"
#include "core/model/bundle.hpp"

#include <system_error>

namespace pier::bundles {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_field = "code_source_path";
constexpr auto k_another_place = "Set code_source_path to a workspace or volume path";

bool is_on(const Value& config, std::string_view section, std::string_view name) {
  const Value* flag = config.find_path({section, name});
  return flag != nullptr && flag->is_boolean() && flag->as_boolean();
}

/// The local path that an AI runtime task gives for its code.
const Value* local_code(const Value* task) {
  const Value* code = task == nullptr ? nullptr : task->find(k_field);
  return code != nullptr && code->is_text() && !code->as_text().empty() && is_local_path(code->as_text()) ? code
                                                                                                          : nullptr;
}

/// Code of AI runtime tasks: folders of this machine are packed when the bundle is deployed.
class CodeCheck {
 public:
  explicit CodeCheck(Loading& loading)
      : loading_(loading) {}

  void task(const Value& job, const Value& task, const std::string& path) {
    constexpr std::string_view k_inner = "for_each_task.task.ai_runtime_task";
    if (const Value* code = local_code(task.find_path({"for_each_task", "task", "ai_runtime_task"}))) {
      reject("ai_runtime_task with a local code_source_path is not supported inside a for_each_task", *code,
             path + "." + std::string(k_inner), k_another_place);
    }
    if (const Value* code = local_code(task.find("ai_runtime_task"))) {
      check(job, *code, path + ".ai_runtime_task");
    }
  }

  /// The folder of the workspace that the archives go to must be theirs.
  void check_reserved_folder() {
    if (!packs_) {
      return;
    }
    const std::string folder(model::k_code_folder);
    std::error_code ignored;
    if (fs::exists(loading_.sync_root / folder, ignored)) {
      loading_.report(Severity::error, "PIER1106",
                      in_quotes(folder) + " is reserved for AI Runtime code snapshots and must not exist in the bundle",
                      nullptr, {}, {}, "Remove it; the deploy generates code archives under this path.");
    }
    const Value* exclude = loading_.config.find_path({"sync", "exclude"});
    if (loading_.options.is_excluded && exclude != nullptr &&
        loading_.options.is_excluded(patterns_of(*exclude), folder + "/any.tar.gz")) {
      loading_.report(Severity::error, "PIER1106",
                      "sync.exclude must not match " + in_quotes(folder) + ", which holds the AI Runtime code snapshot",
                      exclude, "sync.exclude", {},
                      "Remove the pattern that excludes it; otherwise the deployed job's code_source_path would not be "
                      "uploaded.");
    }
  }

 private:
  static std::vector<std::string> patterns_of(const Value& list) {
    std::vector<std::string> patterns;
    if (list.is_list()) {
      for (const auto& item : list.as_list()) {
        if (item.is_text()) {
          patterns.push_back(item.as_text());
        }
      }
    }
    return patterns;
  }

  void check(const Value& job, const Value& code, const std::string& path) {
    const auto& text = code.as_text();
    const auto root = loading_.sync_root.lexically_normal();
    const auto folder = (root / text).lexically_normal();
    const bool is_folder = exists_as_folder(folder).value_or(false);
    packs_ = packs_ || is_folder;
    if (const auto below = folder.lexically_relative(root); below.empty() || *below.begin() == "..") {
      reject("code_source_path " + in_quotes(text) + " is outside the bundle root", code, path,
             "code_source_path must point at a directory inside the bundle, or at a workspace or volume path");
    } else if (const auto readable = exists_as_folder(folder); !readable) {
      reject("failed to inspect code_source_path " + in_quotes(text) + ": " + readable.error().message, code, path);
    } else if (is_folder) {
      check_folder(job, code, path);
    }
  }

  void check_folder(const Value& job, const Value& code, const std::string& path) {
    const Value* git = job.find("git_source");
    if (git != nullptr && !git->is_nil()) {
      reject("ai_runtime_task with a local code_source_path cannot be combined with git_source", code, path,
             "Remove git_source or set code_source_path to a workspace or volume path");
    } else if (has_immutable_folder(loading_.config)) {
      reject("ai_runtime_task with a local code_source_path is not supported with experimental.immutable_folder", code,
             path);
    } else if (is_on(loading_.config, "presets", "source_linked_deployment")) {
      reject("ai_runtime_task with a local code_source_path is not supported with source-linked deployment", code, path,
             "Disable source-linked deployment, or set code_source_path to a workspace or volume path");
    }
  }

  /// An archive that a build makes need not be there yet.
  static Result<bool> exists_as_folder(const fs::path& path) {
    std::error_code code;
    const auto status = fs::status(path, code);
    if (status.type() == fs::file_type::not_found && code != std::errc::not_a_directory) {
      return false;
    }
    if (code) {
      return Error{.code = "PIER1106", .message = "stat " + path.string() + ": " + to_lower(code.message())};
    }
    return status.type() == fs::file_type::directory;
  }

  void reject(std::string summary, const Value& code, const std::string& task, std::string detail = {}) {
    loading_.report(Severity::error, "PIER1106", std::move(summary), &code, task + "." + std::string(k_field), {},
                    std::move(detail));
  }

  Loading& loading_;
  bool packs_ = false;
};

} // namespace

void check_ai_code(Loading& loading) {
  CodeCheck check(loading);
  for_each_resource_of(loading.config, "jobs", [&](const std::string& key, Value& job) {
    const Value* tasks = job.find("tasks");
    if (tasks == nullptr || !tasks->is_list()) {
      return;
    }
    for (std::size_t i = 0; i < tasks->as_list().size(); ++i) {
      check.task(job, tasks->as_list()[i], "resources.jobs." + key + ".tasks[" + std::to_string(i) + "]");
    }
  });
  check.check_reserved_folder();
}

} // namespace pier::bundles
