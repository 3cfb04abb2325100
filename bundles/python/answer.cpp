#include "bundles/python/answer.hpp"

#include "bundles/config/normalise.hpp"
#include "bundles/config/path.hpp"
#include "bundles/yaml/reader.hpp"
#include "core/base/text.hpp"

#include <map>

namespace pier::bundles {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_generated = "__generated_by_python__.yml";

/// Relative to the bundle's folder when it lies inside.
std::string shown_name(const Loading& loading, const std::string& file) {
  const fs::path path(file);
  return path.is_absolute() ? path.lexically_relative(loading.root).generic_string() : path.generic_string();
}

/// Objects one per line; nothing if a line is broken.
std::optional<std::vector<Json>> read_lines(const std::string& text) {
  std::vector<Json> objects;
  for (const auto& line : split(text, '\n')) {
    if (trim(line).empty()) {
      continue;
    }
    auto object = Json::parse(line);
    if (!object || !object->is_object()) {
      return std::nullopt;
    }
    objects.push_back(*std::move(object));
  }
  return objects;
}

using PlacesByPath = std::map<std::string, Place, std::less<>>;

PlacesByPath read_places(Loading& loading, const std::string& text) {
  PlacesByPath places;
  for (const auto& entry : read_lines(text).value_or(std::vector<Json>())) {
    Place place;
    place.file = loading.names.intern(shown_name(loading, entry.get_string("file")));
    place.line = static_cast<std::uint32_t>(entry.get_integer("line"));
    place.column = static_cast<std::uint32_t>(entry.get_integer("column"));
    places.emplace(entry.get_string("path"), place);
  }
  return places;
}

/// Each value gets the place of the nearest entry at or above it.
void set_places(Value& value, const PathNode& path, Place inherited, const PlacesByPath& places) {
  if (const auto it = places.find(path.to_string()); it != places.end()) {
    inherited = it->second;
  }
  value.set_place(inherited);
  if (value.is_list()) {
    for (std::size_t i = 0; i < value.as_list().size(); ++i) {
      set_places(value.as_list()[i], below(path, i), inherited, places);
    }
  } else if (value.is_map()) {
    for (auto& entry : value.as_map().entries()) {
      entry.place = inherited;
      set_places(entry.value, below(path, entry.key), inherited, places);
    }
  }
}

bool is_empty(const Value& value) {
  return value.is_nil() || (value.is_list() && value.as_list().empty()) ||
         (value.is_map() && value.as_map().size() == 0);
}

bool same(const Value& a, const Value& b) {
  if (is_empty(a) && is_empty(b)) {
    return true;
  }
  if (a.is_list() && b.is_list()) {
    return std::equal(a.as_list().begin(), a.as_list().end(), b.as_list().begin(), b.as_list().end(), same);
  }
  if (!a.is_map() || !b.is_map()) {
    return a.same_data(b);
  }
  const auto covered = [](const Value& from, const Value& by) {
    for (const auto& entry : from.as_map().entries()) {
      const Value* other = by.find(entry.key);
      if (other == nullptr ? !is_empty(entry.value) : !same(entry.value, *other)) {
        return false;
      }
    }
    return true;
  };
  return covered(a, b) && covered(b, a);
}

template <class Visit> void each_resource(const Value& resources, Visit visit) {
  if (!resources.is_map()) {
    return;
  }
  for (const auto& kind : resources.as_map().entries()) {
    if (kind.value.is_map()) {
      for (const auto& resource : kind.value.as_map().entries()) {
        visit(kind.key, resource.key, resource.value);
      }
    }
  }
}

} // namespace

bool report_python_problems(Loading& loading, const std::string& lines) {
  const auto objects = read_lines(lines);
  if (!objects) {
    loading.error("PIER1055", "failed to load diagnostics: failed to parse diags");
    return false;
  }
  bool works = true;
  for (const auto& object : *objects) {
    Diagnostic problem;
    problem.code = "PIER1056";
    problem.severity = object.get_string("severity") == "error" ? Severity::error : Severity::warning;
    problem.summary = object.get_string("summary");
    problem.detail = object.get_string("detail");
    if (const auto* at = object.find("location"); at != nullptr && !at->get_string("file").empty()) {
      const auto line = static_cast<std::uint32_t>(at->get_integer("line"));
      const auto column = static_cast<std::uint32_t>(at->get_integer("column"));
      problem.spans = {SourceSpan{shown_name(loading, at->get_string("file")), line, column, line, column}};
    }
    if (const auto path = object.get_string("path"); !path.empty()) {
      problem.paths = {path};
    }
    works = works && problem.severity != Severity::error;
    loading.diagnostics.add(std::move(problem));
  }
  return works;
}

std::optional<Value> read_python_resources(Loading& loading, const PythonAnswer& answer) {
  Diagnostics found;
  auto output = read_yaml(answer.output, loading.names.intern(k_generated), found);
  if (!output || !output->is_map()) {
    loading.error("PIER1055",
                  "failed to parse output file: " + (found.empty() ? "it holds no map" : found.all().front().summary));
    return std::nullopt;
  }
  Place generated;
  generated.file = loading.names.intern(k_generated);
  generated.line = 1;
  generated.column = 1;
  Value& resources = output->member("resources");
  const auto places = read_places(loading, answer.locations);
  const PathNode root;
  const auto path = below(root, "resources");
  set_places(resources, path, generated, places);
  normalise(resources, *model::Field::at("resources"), path, found);
  for (auto problem : found.all()) {
    problem.severity = Severity::error; // the package writes only what it knows
    loading.diagnostics.add(std::move(problem));
  }
  return found.empty() ? std::optional(std::move(resources)) : std::nullopt;
}

ResourceChanges compare_resources(const Value& before, const Value& after) {
  ResourceChanges changes;
  each_resource(after, [&](const std::string& kind, const std::string& key, const Value& value) {
    const Value* old = before.find_path({kind, key});
    if (old == nullptr) {
      changes.added.emplace_back(kind, key);
    } else if (!same(*old, value)) {
      changes.updated.emplace_back(kind, key);
    }
  });
  each_resource(before, [&](const std::string& kind, const std::string& key, const Value&) {
    if (after.find_path({kind, key}) == nullptr) {
      changes.deleted.emplace_back(kind, key);
    }
  });
  return changes;
}

} // namespace pier::bundles
