#include "core/deploy/kind.hpp"

#include "core/deploy/kinds/kinds.hpp"
#include "core/deploy/references.hpp"
#include "core/deploy/typed_state.hpp"

#include <algorithm>
#include <map>

namespace pier::deploy {
namespace {

std::map<std::string, Kind> make_table() {
  std::map<std::string, Kind> table;
  const auto add = [&](Kind kind) {
    auto name = kind.name;
    kind.rules.shape = shape_of(name);
    table.emplace(std::move(name), std::move(kind));
  };
  add(kinds::apps());
  add(kinds::catalogs());
  add(kinds::database_catalogs());
  add(kinds::database_instances());
  add(kinds::job_runs());
  add(kinds::jobs());
  add(kinds::schemas());
  add(kinds::secret_scopes());
  add(kinds::secret_scope_permissions());
  add(kinds::sql_warehouses());
  add(kinds::synced_database_tables());
  add(kinds::volumes());
  add(kinds::alerts());
  add(kinds::clusters());
  add(kinds::dashboards());
  add(kinds::experiments());
  add(kinds::external_locations());
  add(kinds::genie_spaces());
  add(kinds::instance_pools());
  add(kinds::model_serving_endpoints());
  add(kinds::models());
  add(kinds::pipelines());
  add(kinds::quality_monitors());
  add(kinds::registered_models());
  add(kinds::secrets());
  add(kinds::vector_search_endpoints());
  add(kinds::vector_search_indexes());
  for (auto& kind : kinds::postgres()) {
    add(std::move(kind));
  }
  for (auto& kind : kinds::permissions()) {
    add(std::move(kind));
  }
  for (auto& kind : kinds::grants()) {
    add(std::move(kind));
  }
  return table;
}

} // namespace

const Kind* find_kind(const std::string& name) {
  static const auto k_table = make_table();
  const auto it = k_table.find(name);
  return it == k_table.end() ? nullptr : &it->second;
}

std::string kind_name(const model::ResourceKey& key) {
  return key.part.empty() ? key.kind : key.kind + "." + key.part;
}

Json pick(const Json& object, const std::vector<std::string>& names) {
  auto picked = Json::object();
  for (const auto& name : names) {
    if (const auto* value = object.find(name); value != nullptr && !value->is_null()) {
      picked[name] = *value;
    }
  }
  return picked;
}

Json Kind::state_of_remote(const Json& remote) const {
  return typed_state(rules.shape, remap ? remap(remote) : pick(remote, state_fields));
}

Json Kind::with_placeholders(Json desired) const {
  const auto is_in = [](const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
  };
  for (const auto& reference : find_reference_texts(desired)) {
    if (is_in(integer_fields, reference.place.to_pattern())) {
      reference.place.set_in(desired, Json(0));
    } else if (is_in(reference_fields, reference.place.to_string())) {
      reference.place.set_in(desired, Json(""));
    }
  }
  return desired;
}

bool Kind::is_nothing(const Json& state) const {
  const auto* list = state.find(k_embedded_list);
  return empty_is_nothing && (list == nullptr || list->is_empty());
}

MemberOrder order_of_state(const std::string& key) {
  const auto parsed = model::ResourceKey::parse(key);
  const auto* kind = parsed ? find_kind(kind_name(*parsed)) : nullptr;
  return MemberOrder{
      .first = kind == nullptr ? std::vector<std::string>() : kind->leading_members, .below = {}, .deep = true};
}

} // namespace pier::deploy
