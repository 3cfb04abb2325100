#include "bundles/config/merge.hpp"
#include "bundles/config/path.hpp"
#include "bundles/steps/steps.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace pier::bundles {
namespace {

enum class Rule { merge, merge_sorted, replace };

using KeyOf = std::string (*)(const Value* written);

std::string plain_key(const Value* written) {
  return written != nullptr && written->is_text() ? written->as_text() : std::string();
}

/// Pipeline clusters: the label without case, absent means "default".
std::string cluster_label(const Value* written) {
  return written == nullptr || written->is_nil() ? "default" : to_lower(plain_key(written));
}

/// A reference to a resource stands where a map belongs.
void refuse(Loading& loading, const Value& value, std::string_view member) {
  loading.error("PIER1013",
                "expected a map to index \"" + std::string(member) + "\", found " +
                    std::string(kind_word(value.kind())),
                loading.extra(&value), {}, "write its fields out");
}

/// Joins the elements of a list that share a key; the place of the first stays. Elements that do not fit together
/// leave the list as it was.
void merge_list(Loading& loading, Value& list, std::string_view key, Rule rule, KeyOf key_of) {
  if (!list.is_list() || list.as_list().empty()) {
    return;
  }
  auto& elements = list.as_list();
  std::vector<std::string> keys;
  std::map<std::string, std::size_t> positions; ///< in the merged list
  for (const auto& element : elements) {
    keys.push_back(key_of(element.find(key)));
    positions.emplace(keys.back(), positions.size());
  }
  auto before = positions.size() < keys.size() ? elements : Value::List();
  Diagnostics found;
  std::vector<std::pair<std::string, Value>> merged;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const auto position = positions.at(keys[i]);
    if (position == merged.size()) {
      merged.emplace_back(std::move(keys[i]), std::move(elements[i]));
    } else if (rule == Rule::replace) {
      merged[position].second = std::move(elements[i]);
    } else {
      merge_values(merged[position].second, std::move(elements[i]), {}, found);
    }
  }
  for (const auto& problem : found.all()) {
    loading.diagnostics.add(problem);
  }
  if (found.has_errors()) {
    elements = std::move(before);
    return;
  }
  if (rule == Rule::merge_sorted) {
    std::stable_sort(merged.begin(), merged.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  elements.clear();
  for (auto& [text, element] : merged) {
    if (!element.is_map() && !element.is_nil()) {
      refuse(loading, element, key);
    } else if (element.is_map()) {
      Value name = Value::text(text);
      if (const Value* written = element.find(key)) {
        name.take_places_of(*written);
      }
      element.set(key, std::move(name));
    }
    elements.push_back(std::move(element));
  }
}

void merge_in_kind(Loading& loading, std::string_view kind, std::string_view list_name, std::string_view key, Rule rule,
                   KeyOf key_of = plain_key) {
  Value* resources = loading.config.find_path({"resources", kind});
  if (resources == nullptr || !resources->is_map()) {
    return;
  }
  for (auto& [name, place, resource] : resources->as_map().entries()) {
    if (Value* list = resource.find(list_name)) {
      merge_list(loading, *list, key, rule, key_of);
    } else if (!resource.is_map() && !resource.is_nil()) {
      refuse(loading, resource, list_name);
    }
  }
}

void drop_repeated_privileges(Loading& loading, Value& grants) {
  if (!grants.is_list()) {
    if (!grants.is_nil()) {
      loading.error("PIER1013", "expected a map or sequence, found " + std::string(kind_word(grants.kind())),
                    loading.extra(&grants), {}, "write the grants out");
    }
    return;
  }
  for (auto& grant : grants.as_list()) {
    Value* privileges = grant.find("privileges");
    if (privileges == nullptr || !privileges->is_list()) {
      continue;
    }
    std::set<std::string> seen;
    std::erase_if(privileges->as_list(), [&](const Value& privilege) {
      return privilege.is_text() && !seen.insert(privilege.as_text()).second;
    });
  }
}

} // namespace

void merge_lists_by_key(Loading& loading) {
  merge_in_kind(loading, "jobs", "job_clusters", "job_cluster_key", Rule::merge);
  merge_in_kind(loading, "jobs", "parameters", "name", Rule::merge);
  merge_in_kind(loading, "jobs", "tasks", "task_key", Rule::merge_sorted);
  merge_in_kind(loading, "pipelines", "clusters", "label", Rule::merge, cluster_label);
  merge_in_kind(loading, "apps", "resources", "name", Rule::replace);
  for (const std::string_view kind : {"catalogs", "schemas", "external_locations", "secrets", "volumes",
                                      "registered_models", "vector_search_indexes"}) {
    merge_in_kind(loading, kind, "grants", "principal", Rule::merge);
    for_each_resource_of(loading.config, kind, [&](const std::string&, Value& resource) {
      if (Value* grants = resource.find("grants")) {
        drop_repeated_privileges(loading, *grants);
      }
    });
  }
}

} // namespace pier::bundles
