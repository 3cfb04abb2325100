#include "bundles/checks/checks.hpp"
#include "bundles/config/path.hpp"
#include "core/base/text.hpp"
#include "core/model/resource_key.hpp"

namespace pier::bundles {
namespace {

/// The volume of the bundle with this name, whose schema may be one of the bundle's own.
const Value* find_volume(Loading& loading, const std::vector<std::string>& parts, std::string& path) {
  const Value* found = nullptr;
  for_each_resource_of(loading.config, "volumes", [&](const std::string& key, const Value& volume) {
    const auto schema = volume.text_of("schema_name");
    const auto reference = model::pure_reference(schema);
    const bool own_schema = reference && reference->starts_with("resources.schemas.");
    if (volume.text_of("catalog_name") == parts[2] && volume.text_of("name") == parts[4] &&
        (schema == parts[3] || own_schema)) {
      found = &volume;
      path = "resources.volumes." + key;
    }
  });
  return found;
}

} // namespace

void check_artifact_volume(Loading& loading) {
  const Value* artifact_path = loading.config.find_path({"workspace", "artifact_path"});
  if (artifact_path == nullptr || !artifact_path->is_text() || !artifact_path->as_text().starts_with("/Volumes/")) {
    return;
  }
  Diagnostic problem;
  problem.code = "PIER1051";
  problem.spans = artifact_path->spans();
  problem.paths = {"workspace.artifact_path"};
  const auto parts = split(artifact_path->as_text(), '/');
  if (parts.size() < 5 || parts[2].empty() || parts[3].empty() || parts[4].empty()) {
    problem.summary = "expected UC volume path to be in the format /Volumes/<catalog>/<schema>/<volume>/..., got " +
                      artifact_path->as_text();
    loading.diagnostics.add(std::move(problem));
    return;
  }
  if (!loading.options.read_volume) {
    return;
  }
  const auto name = parts[2] + "." + parts[3] + "." + parts[4];
  const auto volume = loading.options.read_volume(name);
  if (volume) {
    return;
  }
  const auto& error = volume.error();
  if (error.kind == ErrorKind::not_found) {
    problem.summary = "volume " + name + " does not exist";
    std::string path;
    if (const Value* own = find_volume(loading, parts, path)) {
      problem.detail = "You are using a volume in your artifact_path that is managed by\n"
                       "this bundle but which has not been deployed yet. Please first deploy\n"
                       "the volume using 'bundle deploy' and then switch over to using it in\n"
                       "the artifact_path.";
      problem.paths.push_back(path);
      for (auto& span : own->spans()) {
        problem.spans.push_back(std::move(span));
      }
    }
  } else {
    problem.summary = (error.kind == ErrorKind::permission_denied ? "cannot access volume " : "cannot read volume ") +
                      name + ": " + error.message;
  }
  loading.diagnostics.add(std::move(problem));
}

} // namespace pier::bundles
