#include "bundles/config/path.hpp"
#include "bundles/steps/libraries.hpp"
#include "bundles/steps/steps.hpp"
#include "core/base/glob.hpp"

namespace pier::bundles {
namespace {

/// The text that may be a pattern; nullptr when the library has none.
const Value* pattern_of(const Value& library) {
  for (const std::string_view sort : {"notebook", "file"}) {
    if (const Value* path = library.find_path({sort, "path"}); path != nullptr && path->is_text()) {
      return path;
    }
  }
  return nullptr;
}

Value with_path(const Value& library, const std::string& path) {
  Value copy = library;
  for (const std::string_view sort : {"notebook", "file"}) {
    if (Value* text = copy.find_path({sort, "path"}); text != nullptr && text->is_text()) {
      text->assign(path);
      break;
    }
  }
  return copy;
}

} // namespace

void expand_pipeline_files(Loading& loading) {
  for_each_resource_of(loading.config, "pipelines", [&](const std::string&, Value& pipeline) {
    Value* libraries = pipeline.find("libraries");
    if (libraries == nullptr || !libraries->is_list()) {
      return;
    }
    Value::List expanded;
    for (auto& library : libraries->as_list()) {
      const Value* path = pattern_of(library);
      const bool local = path != nullptr && !path->as_text().empty() && is_local_path(path->as_text());
      const auto matches = local && has_glob_characters(path->as_text()) ? glob_files(loading.root, path->as_text())
                                                                         : std::vector<std::string>();
      if (matches.empty()) {
        expanded.push_back(std::move(library));
        continue;
      }
      for (const auto& match : matches) {
        expanded.push_back(with_path(library, match));
      }
    }
    libraries->assign(std::move(expanded));
  });
}

} // namespace pier::bundles
