#include "bundles/config/path.hpp"
#include "bundles/config/quotes.hpp"
#include "bundles/config/target.hpp"
#include "core/model/resource_key.hpp"

#include <algorithm>
#include <map>

namespace pier::bundles {
namespace {

struct Uses {
  std::vector<std::string> paths;
  std::vector<SourceSpan> spans;
};

void note_use(std::map<std::string, Uses>& uses, const std::string& key, std::string path, const Value& value) {
  auto& use = uses[key];
  use.paths.push_back(std::move(path));
  for (auto& span : value.spans()) {
    use.spans.push_back(std::move(span));
  }
}

void check_key_text(Loading& loading, const std::string& key, const std::string& path, const Value& value) {
  if (model::find_references(key).empty()) {
    return;
  }
  loading.error("PIER1034", "resource key " + in_quotes(key) + " must not contain variable references", &value, path,
                "use a fixed key and put the reference into the resource's name");
}

bool earlier(const SourceSpan& a, const SourceSpan& b) {
  return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
}

/// Calls visit(path, key, value) for every resource below a section, also for empty ones.
template <class Visit> void each_resource(const Value& section, const std::string& prefix, Visit visit) {
  const Value* resources = section.find("resources");
  if (resources == nullptr || !resources->is_map()) {
    return;
  }
  for (const auto& kind : resources->as_map().entries()) {
    if (kind.value.is_map()) {
      for (const auto& resource : kind.value.as_map().entries()) {
        visit(prefix + "resources." + kind.key + "." + resource.key, resource.key, resource.value);
      }
    }
  }
}

bool expect_map(Loading& loading, const Value* section, const std::string& expectation) {
  if (section == nullptr || section->is_map()) {
    return true;
  }
  loading.error("PIER1013", expectation + ", found " + std::string(kind_word(section->kind())), loading.extra(section),
                {}, "write its entries out, or remove it");
  return false;
}

/// What holds the keys has to be there when they are looked at: a reference is no map yet.
bool check_shapes(Loading& loading) {
  bool fits = expect_map(loading, loading.config.find("resources"), "expected a map at \"resources\"");
  for (const auto& target : loading.config.find("targets")->as_map().entries()) {
    if (!target.value.is_nil()) {
      fits = expect_map(loading, &target.value, "expected a map to index \"targets." + target.key + ".resources\"") &&
             fits;
    }
  }
  const Value* scripts = loading.config.find("scripts");
  return fits && (scripts == nullptr || scripts->is_nil() || expect_map(loading, scripts, "expected a map at \"\""));
}

} // namespace

void check_resource_keys(Loading& loading) {
  if (!check_shapes(loading)) {
    return;
  }
  std::map<std::string, Uses> uses;
  each_resource(loading.config, "", [&](const std::string& path, const std::string& key, const Value& value) {
    check_key_text(loading, key, path, value);
    note_use(uses, key, path, value);
  });
  for (const auto& target : loading.config.find("targets")->as_map().entries()) {
    each_resource(target.value, "targets." + target.key + ".",
                  [&](const std::string& path, const std::string& key, const Value& value) {
                    check_key_text(loading, key, path, value);
                  });
  }
  if (const Value* scripts = loading.config.find("scripts"); scripts != nullptr && scripts->is_map()) {
    for (const auto& script : scripts->as_map().entries()) {
      note_use(uses, script.key, "scripts." + script.key, script.value);
    }
  }
  for (auto& [key, use] : uses) {
    if (use.spans.size() <= 1) {
      continue;
    }
    std::sort(use.paths.begin(), use.paths.end());
    std::sort(use.spans.begin(), use.spans.end(), earlier);
    Diagnostic problem;
    problem.code = "PIER1033";
    problem.summary = "multiple resources or scripts have been defined with the same key: " + key;
    problem.paths = use.paths;
    problem.spans = use.spans;
    problem.help = "rename one of them: a key is unique over all kinds of a bundle";
    loading.diagnostics.add(std::move(problem));
  }
}

} // namespace pier::bundles
