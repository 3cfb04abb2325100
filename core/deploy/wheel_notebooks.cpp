#include "core/deploy/wheel_notebooks.hpp"

#include "core/base/files.hpp"
#include "core/deploy/experiments.hpp"

#include <algorithm>
#include <system_error>

namespace pier::deploy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_begin = R"(# Databricks notebook source
)";

constexpr std::string_view k_imports = R"(
dbutils.library.restartPython()

import contextlib
import io
import json
import sys

)";

constexpr std::string_view k_parameters = R"(
try:
    given = json.loads(dbutils.widgets.get("__python_params") or "[]")
except Exception:  # the run was started without parameters
    given = []
if given:
    sys.argv[1:] = given

try:
    from importlib.metadata import distribution

    found = [point for point in distribution(package).entry_points if point.name == entry_point]
except ImportError:  # Python 3.7 of old runtimes
    from pkg_resources import get_entry_map

    found = [group[entry_point] for group in get_entry_map(package).values() if entry_point in group]
if not found:
    raise ImportError(f"{package} has no entry point {entry_point}")

printed = io.StringIO()
with contextlib.redirect_stdout(printed):
    found[0].load()()
dbutils.notebook.exit(printed.getvalue())
)";

bool is_in_workspace(const Json& library) {
  for (const auto* sort : {"whl", "jar", "egg", "requirements"}) {
    const auto path = library.get_string(sort);
    if (!path.empty()) {
      return path.starts_with("/Workspace/") || path.starts_with("/Users/") || path.starts_with("/Shared/");
    }
  }
  return false;
}

Result<Json> arguments_of(const Json& wheel) {
  const auto* listed = wheel.find("parameters");
  const auto* named = wheel.find("named_parameters");
  if (listed != nullptr && named != nullptr) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER2073",
                 .message = "not allowed to pass both parameters and named_parameters"};
  }
  auto arguments = Json::array();
  arguments.push_back(wheel.get_string("package_name"));
  if (listed != nullptr && listed->is_array()) {
    for (const auto& item : listed->as_array()) {
      arguments.push_back(item);
    }
  }
  if (named != nullptr && named->is_object()) {
    for (const auto& [name, value] : named->as_object()) {
      arguments.push_back(name + "=" + (value.is_string() ? value.as_string() : value.dump()));
    }
  }
  return arguments;
}

Result<std::string> notebook_for(const Json& wheel, const Json& libraries) {
  PIER_TRY_ASSIGN(const auto arguments, arguments_of(wheel));
  std::string text(k_begin);
  for (const auto& library : libraries.as_array()) {
    if (const auto path = library.get_string("whl"); !path.empty()) {
      text += "%pip install --force-reinstall " + path + "\n";
    }
  }
  text += k_imports;
  text += "package = " + Json(wheel.get_string("package_name")).dump() + "\n";
  text += "entry_point = " + Json(wheel.get_string("entry_point")).dump() + "\n";
  text += "sys.argv = " + arguments.dump() + "\n";
  text += k_parameters;
  return text;
}

class Wrapper {
 public:
  explicit Wrapper(const model::Bundle& bundle)
      : bundle_(bundle),
        folder_(bundle.local_dir / ".internal") {}

  Result<void> wrap(const std::string& job, Json& task) const {
    const auto* wheel = task.find("python_wheel_task");
    const auto* libraries = task.find("libraries");
    const bool wraps = wheel != nullptr && wheel->is_object() && libraries != nullptr && libraries->is_array() &&
                       std::any_of(libraries->as_array().begin(), libraries->as_array().end(), is_in_workspace);
    if (!wraps) {
      return {};
    }
    PIER_TRY_ASSIGN(const auto text, notebook_for(*wheel, *libraries));
    // the length tells a_b + c from a + b_c
    const auto name = "notebook_" + std::to_string(job.size()) + "_" + job + "_" + task.get_string("task_key");
    std::error_code code;
    fs::create_directories(folder_, code);
    PIER_TRY(write_file_atomically(folder_ / (name + ".py"), text, Durability::none));
    const auto folder = folder_.lexically_relative(bundle_.sync.sync_root).generic_string();
    task["notebook_task"] = Json::object(
        {{"notebook_path", fs::path(bundle_.paths.file_path + "/" + folder + "/" + name).lexically_normal().string()}});
    drop_wheels(task);
    return {};
  }

 private:
  static void drop_wheels(Json& task) {
    auto others = Json::array();
    for (const auto& library : task.find("libraries")->as_array()) {
      if (library.get_string("whl").empty()) {
        others.push_back(library);
      }
    }
    task.erase("python_wheel_task");
    if (others.is_empty()) {
      task.erase("libraries");
    } else {
      task["libraries"] = std::move(others);
    }
  }

  const model::Bundle& bundle_;
  fs::path folder_;
};

} // namespace

Result<void> wrap_wheel_tasks(model::Bundle& bundle) {
  if (!has_experiment(bundle, "python_wheel_wrapper")) {
    return {};
  }
  const Wrapper wrapper(bundle);
  for (auto& [key, node] : bundle.graph.nodes) {
    auto* tasks = key.kind == "jobs" && !key.is_part() ? node.config.find("tasks") : nullptr;
    if (tasks == nullptr || !tasks->is_array()) {
      continue;
    }
    for (auto& task : tasks->as_array()) {
      PIER_TRY(wrapper.wrap(key.key, task));
    }
  }
  return {};
}

} // namespace pier::deploy
