#include "bundles/lower/libraries.hpp"

#include "bundles/config/path.hpp"
#include "bundles/steps/libraries.hpp"

namespace pier::bundles {
namespace {

bool is_to_upload(const Value& value) {
  return value.is_text() && is_local_library(value.as_text()) && value.as_text().find("${") == std::string::npos;
}

/// `path` starts with "resources", the kind and the key.
model::LocalLibrary library_at(const PathNode& path, const Value& source, const Value& item) {
  std::vector<const PathNode*> steps;
  for (const PathNode* step = &path; step->parent != nullptr; step = step->parent) {
    steps.insert(steps.begin(), step);
  }
  model::ResourceKey resource{.kind = std::string(steps[1]->key), .key = std::string(steps[2]->key), .part = {}};
  auto field = path.to_string().substr(resource.to_string().size() + 1);
  return {.resource = std::move(resource),
          .field = std::move(field),
          .source = source.as_text(),
          .span = item.place().to_span()};
}

/// The wheel of a library, else its jar.
void add_from_library(Value& library, const PathNode& path, std::string_view wanted,
                      std::vector<model::LocalLibrary>& libraries) {
  const Value* file = library.is_map() ? library.find("whl") : nullptr;
  const std::string_view sort = file != nullptr ? "whl" : "jar";
  if (file == nullptr && library.is_map()) {
    file = library.find("jar");
  }
  if (file != nullptr && sort == wanted && is_to_upload(*file)) {
    libraries.push_back(library_at(below(path, sort), *file, library));
  }
}

} // namespace

std::vector<model::Artifact> lower_artifacts(const Value* section) {
  std::vector<model::Artifact> artifacts;
  if (section == nullptr || !section->is_map()) {
    return artifacts;
  }
  for (const auto& entry : section->as_map().entries()) {
    const Value* dynamic = entry.value.find("dynamic_version");
    model::Artifact artifact{.key = entry.key,
                             .type = entry.value.text_of("type"),
                             .path = entry.value.text_of("path"),
                             .build = entry.value.text_of("build"),
                             .executable = entry.value.text_of("executable"),
                             .dynamic_version = dynamic != nullptr && dynamic->is_boolean() && dynamic->as_boolean(),
                             .files = {}};
    if (const Value* files = entry.value.find("files"); files != nullptr && files->is_list()) {
      for (const auto& file : files->as_list()) {
        const Value* source = file.find("source");
        artifact.files.push_back(
            {.source = file.text_of("source"), .span = source == nullptr ? SourceSpan() : source->place().to_span()});
      }
    }
    artifacts.push_back(std::move(artifact));
  }
  return artifacts;
}

std::vector<model::LocalLibrary> lower_libraries(Value& config) {
  std::vector<model::LocalLibrary> libraries;
  for (const std::string_view lists :
       {"resources.jobs.*.tasks[*].libraries[*]", "resources.jobs.*.tasks[*].for_each_task.task.libraries[*]"}) {
    for (const std::string_view sort : {"whl", "jar"}) {
      for_each_match(config, lists,
                     [&](Value& value, const PathNode& path) { add_from_library(value, path, sort, libraries); });
    }
  }
  for (const std::string_view texts :
       {"resources.jobs.*.environments[*].spec.dependencies[*]", "resources.pipelines.*.environment.dependencies[*]",
        "resources.jobs.*.tasks[*].ai_runtime_task.code_source_path",
        "resources.jobs.*.tasks[*].for_each_task.task.ai_runtime_task.code_source_path"}) {
    for_each_match(config, texts, [&](Value& value, const PathNode& path) {
      if (is_to_upload(value)) {
        libraries.push_back(library_at(path, value, value));
      }
    });
  }
  return libraries;
}

std::vector<model::LocalLibrary> lower_code_sources(Value& config) {
  std::vector<model::LocalLibrary> sources;
  for_each_match(config, "resources.jobs.*.tasks[*].ai_runtime_task.code_source_path",
                 [&](Value& value, const PathNode& path) {
                   if (value.is_text() && is_local_path(value.as_text())) {
                     sources.push_back(library_at(path, value, value));
                   }
                 });
  return sources;
}

} // namespace pier::bundles
