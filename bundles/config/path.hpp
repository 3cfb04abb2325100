#pragma once

#include "bundles/yaml/value.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::bundles {

/// A place in a configuration tree while walking it; lives on the stack and is turned into text only
/// when something is reported.
struct PathNode {
  const PathNode* parent = nullptr;
  std::string_view key;
  std::size_t index = 0;
  bool is_index = false;

  /// "resources.jobs.x.tasks[0]"
  [[nodiscard]] std::string to_string() const;
};

inline PathNode below(const PathNode& parent, std::string_view key) {
  return {&parent, key, 0, false};
}

inline PathNode below(const PathNode& parent, std::size_t index) {
  return {&parent, {}, index, true};
}

/// One step of a path that was parsed.
struct PathStep {
  std::string key;
  std::size_t index = 0;
  bool is_index = false;
};

/// "a.b[0].c" in steps. Indexes beyond what fits become unreachable ones.
std::vector<PathStep> parse_path(std::string_view text);

/// Value below `root`; nullptr when any step is missing or of another kind.
const Value* find_by_path(const Value& root, const std::vector<PathStep>& path);

/// Calls visit(value, path) for every text in the tree, in the order of the source.
template <class Visit> void walk_texts(Value& value, const PathNode& path, Visit& visit) {
  if (value.is_text()) {
    visit(value, path);
  } else if (value.is_list()) {
    for (std::size_t i = 0; i < value.as_list().size(); ++i) {
      walk_texts(value.as_list()[i], below(path, i), visit);
    }
  } else if (value.is_map()) {
    for (auto& entry : value.as_map().entries()) {
      walk_texts(entry.value, below(path, entry.key), visit);
    }
  }
}

/// The shortest way to write a path of a file system, without a slash at its end; "." for an empty one.
std::string clean_path(const std::filesystem::path& path);

/// Calls visit(kind, key, value) for every resource that is a map.
template <class Visit> void for_each_resource(Value& config, Visit visit) {
  Value* resources = config.find("resources");
  if (resources == nullptr || !resources->is_map()) {
    return;
  }
  for (auto& kind : resources->as_map().entries()) {
    if (!kind.value.is_map()) {
      continue;
    }
    for (auto& resource : kind.value.as_map().entries()) {
      if (resource.value.is_map()) {
        visit(std::string_view(kind.key), resource.key, resource.value);
      }
    }
  }
}

/// The same for one kind: visit(key, value).
template <class Visit> void for_each_resource_of(Value& config, std::string_view wanted, Visit visit) {
  Value* kind = config.find_path({"resources", wanted});
  if (kind == nullptr || !kind->is_map()) {
    return;
  }
  for (auto& resource : kind->as_map().entries()) {
    if (resource.value.is_map()) {
      visit(resource.key, resource.value);
    }
  }
}

using VisitMatch = std::function<void(Value& value, const PathNode& path)>;

/// Calls visit(value, path) for everything that a pattern such as "resources.jobs.*.tasks[*].sql_task"
/// reaches below `root`, which stands at `base`. Calls misfit(value, path) where the pattern names a member of what is
/// neither a map nor nil: `path` is that of the member.
void for_each_match(Value& root, std::string_view pattern, const VisitMatch& visit, const PathNode& base = {},
                    const VisitMatch& misfit = {});

} // namespace pier::bundles
