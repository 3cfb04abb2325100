#include "bundles/steps/steps.hpp"
#include "bundles/variables/resolver.hpp"

namespace pier::bundles {

void resolve_in_resources(Loading& loading) {
  ResolveScope scope{.part = ResolveScope::Part::resources};
  if (has_immutable_folder(loading.config)) {
    // The paths of the snapshot are known only after its upload.
    scope.allows = [](std::string_view path) {
      return path != "workspace.file_path" && path != "workspace.artifact_path" && path != "workspace.snapshot_path";
    };
  }
  resolve_references(loading, scope);
}

} // namespace pier::bundles
