#include "bundles/lower/libraries.hpp"

#include "bundles/config/path.hpp"
#include "bundles/steps/libraries.hpp"

#include <array>
#include <iterator>

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

/// Where a field names a local file, below a resource.
struct LibraryPlace {
  std::string_view kind;
  std::string_view pattern;
  std::string_view sort; ///< "whl", "jar": of an entry of `libraries`; empty: the value itself is the path
};

/// In the order in which the official CLI looks at them.
constexpr std::array k_places = {
    LibraryPlace{"jobs", "tasks[*].libraries[*]", "whl"},
    LibraryPlace{"jobs", "tasks[*].libraries[*]", "jar"},
    LibraryPlace{"jobs", "tasks[*].for_each_task.task.libraries[*]", "whl"},
    LibraryPlace{"jobs", "tasks[*].for_each_task.task.libraries[*]", "jar"},
    LibraryPlace{"jobs", "environments[*].spec.dependencies[*]", ""},
    LibraryPlace{"pipelines", "environment.dependencies[*]", ""},
    LibraryPlace{"jobs", "tasks[*].ai_runtime_task.code_source_path", ""},
    LibraryPlace{"jobs", "tasks[*].for_each_task.task.ai_runtime_task.code_source_path", ""},
};

/// The path in an entry of `libraries` when it is of the wanted sort: a wheel, else a jar.
const Value* file_of(const Value& library, std::string_view wanted) {
  const std::string_view sort = library.find("whl") != nullptr ? "whl" : "jar";
  return sort == wanted ? library.find(sort) : nullptr;
}

void add_library(const LibraryPlace& place, const Value& value, const PathNode& path,
                 std::vector<model::LocalLibrary>& libraries) {
  const Value* file = place.sort.empty() ? &value : file_of(value, place.sort);
  if (file != nullptr && is_to_upload(*file)) {
    libraries.push_back(library_at(place.sort.empty() ? path : below(path, place.sort), *file, value));
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
  const PathNode root;
  const PathNode resources = below(root, "resources");
  std::array<std::vector<model::LocalLibrary>, k_places.size()> found;
  for_each_resource(config, [&](std::string_view kind, const std::string& key, Value& resource) {
    const PathNode of_kind = below(resources, kind);
    for (std::size_t i = 0; i < k_places.size(); ++i) {
      if (k_places[i].kind == kind) {
        for_each_match(
            resource, k_places[i].pattern,
            [&](Value& value, const PathNode& path) { add_library(k_places[i], value, path, found[i]); },
            below(of_kind, key));
      }
    }
  });
  std::vector<model::LocalLibrary> libraries;
  for (auto& of_place : found) {
    libraries.insert(libraries.end(), std::make_move_iterator(of_place.begin()),
                     std::make_move_iterator(of_place.end()));
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
