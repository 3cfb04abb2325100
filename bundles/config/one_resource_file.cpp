#include "bundles/config/one_resource_file.hpp"

#include "core/base/text.hpp"
#include "core/model/field_table.hpp"

#include <algorithm>
#include <set>

namespace pier::bundles {
namespace {

struct Found {
  std::string path;
  std::string singular;
  std::string key;
  const Value* value;
};

void collect(const Value* resources, const std::string& prefix, std::vector<Found>& found) {
  if (resources == nullptr || !resources->is_map()) {
    return;
  }
  for (const auto& kind : resources->as_map().entries()) {
    if (kind.value.is_map()) {
      for (const auto& resource : kind.value.as_map().entries()) {
        found.push_back({prefix + "resources." + kind.key + "." + resource.key, model::singular_of(kind.key),
                         resource.key, &resource.value});
      }
    }
  }
}

/// The kind that the file's name promises, with its extension: "job", ".job.yml".
std::pair<std::string, std::string> promised(const std::string& name) {
  for (const auto& kind : model::Field::at("resources")->members()) {
    const auto singular = model::singular_of(kind.name);
    for (const std::string_view extension : {".yml", ".yaml"}) {
      auto ending = "." + singular + std::string(extension);
      if (name.ends_with(ending)) {
        return {singular, std::move(ending)};
      }
    }
  }
  return {};
}

Diagnostic describe(const std::vector<Found>& found, const std::string& singular, const std::string& ending) {
  Diagnostic note;
  note.code = "PIER1012";
  note.severity = Severity::recommendation;
  note.summary = "define a single " + replace_all(singular, "_", " ") + " in a file with the " + ending + " extension.";
  std::set<std::string> lines;
  for (const auto& item : found) {
    lines.insert("  - " + item.key + " (" + item.singular + ")\n");
    note.paths.push_back(item.path);
    for (auto& span : item.value->spans()) {
      note.spans.push_back(std::move(span));
    }
  }
  note.detail = "The following resources are defined or configured in this file:\n";
  for (const auto& line : lines) {
    note.detail += line;
  }
  std::sort(note.paths.begin(), note.paths.end());
  std::sort(note.spans.begin(), note.spans.end(),
            [](const SourceSpan& a, const SourceSpan& b) { return a.to_string() < b.to_string(); });
  return note;
}

} // namespace

void check_one_resource_file(Loading& loading, const Value& file, const std::string& name) {
  const auto [singular, ending] = promised(name);
  if (singular.empty()) {
    return;
  }
  std::vector<Found> found;
  collect(file.find("resources"), "", found);
  if (const Value* targets = file.find("targets"); targets != nullptr && targets->is_map()) {
    for (const auto& target : targets->as_map().entries()) {
      collect(target.value.find("resources"), "targets." + target.key + ".", found);
    }
  }
  std::set<std::string> keys;
  for (const auto& item : found) {
    keys.insert(item.key);
  }
  const bool right_kind =
      std::all_of(found.begin(), found.end(), [&](const Found& item) { return item.singular == singular; });
  if (!right_kind || keys.size() > 1) {
    loading.diagnostics.add(describe(found, singular, ending));
  }
}

} // namespace pier::bundles
