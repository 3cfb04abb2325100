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

bool has_repeated_keys(const Value::List& list, std::string_view key, KeyOf key_of) {
  std::set<std::string> seen;
  return std::any_of(list.begin(), list.end(),
                     [&](const Value& element) { return !seen.insert(key_of(element.find(key))).second; });
}

/// Joins the elements of a list that share a key; the place of the first stays. Elements that do not fit together
/// leave the list as it was.
void merge_list(Loading& loading, Value& list, std::string_view key, Rule rule, KeyOf key_of) {
  if (!list.is_list() || list.as_list().empty()) {
    return;
  }
  auto before = has_repeated_keys(list.as_list(), key, key_of) ? list.as_list() : Value::List();
  const auto errors_before = loading.diagnostics.count(Severity::error);
  std::map<std::string, std::size_t> seen;
  std::vector<std::pair<std::string, Value>> merged;
  for (auto& element : list.as_list()) {
    auto text = key_of(element.find(key));
    const auto [it, is_new] = seen.emplace(text, merged.size());
    if (is_new) {
      merged.emplace_back(std::move(text), std::move(element));
    } else if (rule == Rule::replace) {
      merged[it->second].second = std::move(element);
    } else {
      merge_values(merged[it->second].second, std::move(element), {}, loading.diagnostics);
    }
  }
  if (loading.diagnostics.count(Severity::error) > errors_before) {
    list.as_list() = std::move(before);
    return;
  }
  if (rule == Rule::merge_sorted) {
    std::stable_sort(merged.begin(), merged.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  list.as_list().clear();
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
    list.as_list().push_back(std::move(element));
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
