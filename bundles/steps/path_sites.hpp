#pragma once

#include "bundles/loading.hpp"
#include "bundles/yaml/value.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::bundles {

/// What a path in the configuration leads to, and what becomes of it.
enum class PathMode { notebook, file, folder, glob, local_folder, local, local_dotted, pip_flag };

/// Where a field holds a path, below a resource or artifact.
struct PathField {
  std::string_view section; ///< "resources.jobs", "artifacts"
  std::string_view pattern;
  PathMode mode;
};

/// One path in the configuration, while it is worked on.
struct Site {
  const PathField& field;
  Mapping::Entry& owner;
  Value& value;
};

/// "resources.jobs.x.tasks[0].sql_task.file.path"
std::string path_of(const Site& site);

/// Where a field needs a map on its way and finds something else.
struct Misfit {
  std::string path;
  const Value* value;
};

/// What was found of one field.
struct FieldSites {
  std::vector<Site> sites;
  std::optional<Misfit> misfit; ///< the first
};

/// All local paths of a configuration, field by field, as the official CLI goes through them.
std::vector<FieldSites> find_path_sites(Loading& loading);

/// Calls visit for the paths that their field is about: a list of dependencies also holds others.
void for_each_site(const std::vector<FieldSites>& found, const std::function<void(const Site&)>& visit);

} // namespace pier::bundles
