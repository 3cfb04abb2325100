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

/// Joins the elements of a list that share a key; the place of the first stays.
void merge_list(Loading& loading, Value& list, std::string_view key, Rule rule, KeyOf key_of) {
  if (!list.is_list() || list.as_list().empty()) {
    return;
  }
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
  if (rule == Rule::merge_sorted) {
    std::stable_sort(merged.begin(), merged.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  list.as_list().clear();
  for (auto& [text, element] : merged) {
    if (element.is_map()) {
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
  for_each_resource_of(loading.config, kind, [&](const std::string&, Value& resource) {
    if (Value* list = resource.find(list_name)) {
      merge_list(loading, *list, key, rule, key_of);
    }
  });
}

void drop_repeated_privileges(Value& grants) {
  if (!grants.is_list()) {
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
    for_each_resource_of(loading.config, kind, [](const std::string&, Value& resource) {
      if (Value* grants = resource.find("grants")) {
        drop_repeated_privileges(*grants);
      }
    });
  }
}

} // namespace pier::bundles
