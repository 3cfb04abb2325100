#include "bundles/lower/locations.hpp"

#include <map>
#include <set>

namespace pier::bundles {
namespace {

using Places = std::map<std::string, std::vector<Place>>;

void add_tasks(Places& places, const std::string& job_path, const Value& job) {
  const Value* tasks = job.find("tasks");
  if (tasks == nullptr) {
    return;
  }
  const auto path = job_path + ".tasks";
  places[path] = tasks->places();
  if (!tasks->is_list()) {
    return;
  }
  for (std::size_t i = 0; i < tasks->as_list().size(); ++i) {
    places[path + "[" + std::to_string(i) + "]"] = tasks->as_list()[i].places();
  }
}

Places collect(const Value& config) {
  Places places;
  for (const auto& section : config.as_map().entries()) {
    places[section.key] = section.value.places();
  }
  const Value* resources = config.find("resources");
  if (resources == nullptr || !resources->is_map()) {
    return places;
  }
  for (const auto& kind : resources->as_map().entries()) {
    const auto kind_path = "resources." + kind.key;
    places[kind_path] = kind.value.places();
    if (!kind.value.is_map()) {
      continue;
    }
    for (const auto& resource : kind.value.as_map().entries()) {
      places[kind_path + "." + resource.key] = resource.value.places();
      if (kind.key == "jobs") {
        add_tasks(places, kind_path + "." + resource.key, resource.value);
      }
    }
  }
  return places;
}

} // namespace

Json locations_of(const Value& config) {
  const auto all = collect(config);
  std::map<std::string, std::int64_t> files;
  for (const auto& [path, places] : all) {
    for (const auto& place : places) {
      files.emplace(*place.file, 0);
    }
  }
  Json names = Json::array();
  std::int64_t index = 0;
  for (auto& [name, number] : files) {
    number = index++;
    names.push_back(name);
  }
  Json locations = Json::object();
  for (const auto& [path, places] : all) {
    if (places.empty()) {
      continue;
    }
    Json list = Json::array();
    for (const auto& place : places) {
      Json entry = Json::array();
      entry.push_back(files.at(*place.file));
      entry.push_back(static_cast<std::int64_t>(place.line));
      entry.push_back(static_cast<std::int64_t>(place.column));
      list.push_back(std::move(entry));
    }
    locations[path] = std::move(list);
  }
  return Json::object({{"version", 1}, {"files", std::move(names)}, {"locations", std::move(locations)}});
}

} // namespace pier::bundles
