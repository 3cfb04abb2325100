#include "bundles/config/path.hpp"
#include "bundles/steps/libraries.hpp"
#include "bundles/steps/steps.hpp"
#include "core/base/glob.hpp"
#include "core/model/wheel.hpp"

#include <algorithm>
#include <system_error>

namespace pier::bundles {
namespace {

namespace fs = std::filesystem;

bool has_local_libraries(Value& config) {
  bool found = false;
  const auto look = [&](Value& value, const PathNode&) {
    const bool local = value.is_text() && is_local_library(value.as_text());
    found = found || local;
  };
  for (const std::string_view pattern :
       {"resources.jobs.*.tasks[*].libraries[*].whl", "resources.jobs.*.tasks[*].libraries[*].jar",
        "resources.jobs.*.tasks[*].for_each_task.task.libraries[*].whl",
        "resources.jobs.*.tasks[*].for_each_task.task.libraries[*].jar",
        "resources.jobs.*.environments[*].spec.dependencies[*]"}) {
    for_each_match(config, pattern, look);
  }
  return found;
}

/// A Python project at the root, used by a task and not mentioned, is an artifact.
void detect_python_project(Loading& loading) {
  std::error_code code;
  if (loading.config.find("artifacts") != nullptr || !has_local_libraries(loading.config) ||
      !fs::exists(loading.root / "setup.py", code)) {
    return;
  }
  Value artifact = Value::map();
  artifact.set("path", Value::text(loading.root.string()));
  artifact.set("type", Value::text("whl"));
  loading.config.member("artifacts").set("python_artifact", std::move(artifact));
}

std::string absolute(const fs::path& folder, const std::string& path) {
  auto text = (folder / path).lexically_normal().generic_string();
  if (text.size() > 1 && text.ends_with('/')) {
    text.pop_back();
  }
  return fs::path(path).is_absolute() ? path : text;
}

Value file_entry(const std::string& source, const Value& like) {
  Value file = Value::map();
  Value text = Value::text(source);
  text.take_places_of(like);
  file.set("source", std::move(text));
  return file;
}

/// Replaces patterns by the files they match, all or none; those must exist when nothing is built.
void expand_files(Loading& loading, const std::string& key, Value& files, const fs::path& folder) {
  Value::List expanded;
  auto& list = files.as_list();
  bool failed = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Value* source = list[i].find("source");
    if (source == nullptr || !source->is_text()) {
      continue;
    }
    const fs::path pattern = source->as_text();
    const auto matches = model::latest_wheels(glob_files(pattern));
    for (const auto& match : matches) {
      expanded.push_back(file_entry(match.generic_string(), *source));
    }
    if (matches.empty()) {
      failed = true;
      loading.error("PIER1095",
                    pattern.lexically_relative(folder).generic_string() +
                        (is_well_formed_glob(pattern.string()) ? ": no matching files" : ": syntax error in pattern"),
                    source, "artifacts." + key + ".files[" + std::to_string(i) + "].source",
                    "build the files first, or give a 'build' command");
    }
  }
  if (!failed) {
    list = std::move(expanded);
  }
}

void prepare_artifact(Loading& loading, const std::string& key, Value& artifact) {
  if (!artifact.is_map()) {
    loading.report(Severity::error, "PIER1094", "Artifact not properly configured", &artifact, {}, {},
                   "please specify artifact properties");
    return;
  }
  const fs::path folder =
      loading.root / (artifact.place().known() ? fs::path(*artifact.place().file).parent_path() : fs::path());
  Value* files = artifact.find("files");
  bool has_files = files != nullptr && files->is_list() && !files->as_list().empty();
  if (has_files) {
    for (auto& file : files->as_list()) {
      if (file.is_map()) {
        const Value* source = file.find("source");
        Value text = Value::text(absolute(folder, file.text_of("source")));
        if (source != nullptr) {
          text.take_places_of(*source);
        }
        file.set("source", std::move(text));
      }
    }
  }
  const bool builds = !artifact.text_of("build").empty();
  if (artifact.text_of("path").empty()) {
    artifact.set("path", Value::text(loading.root.generic_string()));
  }
  const auto path = absolute(folder, artifact.text_of("path"));
  if (artifact.text_of("type") == "whl" && !has_files) {
    if (!builds) {
      artifact.set("build", Value::text("python3 setup.py bdist_wheel"));
    }
    Value::List list;
    list.push_back(file_entry(path + "/dist/*.whl", Value()));
    artifact.set("files", Value(std::move(list)));
    return;
  }
  if (!builds && !has_files) {
    loading.error("PIER1094", "misconfigured artifact: please specify 'build' or 'files' property",
                  loading.extra(&artifact), loading.options.compatible ? "" : "artifacts." + key);
  } else if (!builds) {
    expand_files(loading, key, *artifact.find("files"), folder);
  }
}

} // namespace

void prepare_artifacts(Loading& loading) {
  detect_python_project(loading);
  Value* artifacts = loading.config.find("artifacts");
  if (artifacts == nullptr || !artifacts->is_map()) {
    return;
  }
  const Value* dynamic = loading.config.find_path({"presets", "artifacts_dynamic_version"});
  const bool dynamic_version = dynamic != nullptr && dynamic->is_boolean() && dynamic->as_boolean();
  std::vector<Mapping::Entry*> sorted;
  for (auto& entry : artifacts->as_map().entries()) {
    sorted.push_back(&entry);
  }
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
  for (auto* entry : sorted) {
    if (dynamic_version && entry->value.text_of("type") == "whl") {
      entry->value.set("dynamic_version", Value::boolean(true));
    }
    prepare_artifact(loading, entry->key, entry->value);
    if (loading.options.compatible && loading.diagnostics.has_errors()) {
      return;
    }
  }
}

} // namespace pier::bundles
