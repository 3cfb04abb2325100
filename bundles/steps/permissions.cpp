#include "bundles/config/path.hpp"
#include "bundles/steps/steps.hpp"
#include "core/base/text.hpp"
#include "core/model/permission_level.hpp"
#include "core/model/principal.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

namespace pier::bundles {
namespace {

/// What the top-level levels become on a kind; empty: that level says nothing there.
struct KindLevels {
  std::string_view kind;
  std::string_view manage;
  std::string_view view;
  std::string_view run;
};

constexpr std::array k_kinds = {
    KindLevels{"alerts", "CAN_MANAGE", "CAN_READ", "CAN_RUN"},
    KindLevels{"apps", "CAN_MANAGE", "CAN_USE", ""},
    KindLevels{"clusters", "CAN_MANAGE", "CAN_ATTACH_TO", "CAN_RESTART"},
    KindLevels{"dashboards", "CAN_MANAGE", "CAN_READ", ""},
    KindLevels{"database_instances", "CAN_MANAGE", "CAN_USE", ""},
    KindLevels{"experiments", "CAN_MANAGE", "CAN_READ", ""},
    KindLevels{"genie_spaces", "CAN_MANAGE", "CAN_READ", ""},
    KindLevels{"instance_pools", "CAN_MANAGE", "CAN_ATTACH_TO", ""},
    KindLevels{"jobs", "CAN_MANAGE", "CAN_VIEW", "CAN_MANAGE_RUN"},
    KindLevels{"model_serving_endpoints", "CAN_MANAGE", "CAN_VIEW", "CAN_QUERY"},
    KindLevels{"models", "CAN_MANAGE", "CAN_READ", ""},
    KindLevels{"pipelines", "CAN_MANAGE", "CAN_VIEW", "CAN_RUN"},
    KindLevels{"postgres_projects", "CAN_MANAGE", "CAN_USE", ""},
    KindLevels{"secret_scopes", "MANAGE", "READ", ""},
    KindLevels{"sql_warehouses", "CAN_MANAGE", "CAN_VIEW", "CAN_MONITOR"},
    KindLevels{"vector_search_endpoints", "CAN_MANAGE", "CAN_USE", ""},
};

struct PrincipalField {
  std::string_view field;
  std::string_view words;
};

constexpr std::array k_principal_fields = {PrincipalField{"group_name", "group"},
                                           PrincipalField{"user_name", "user name"},
                                           PrincipalField{"service_principal_name", "service principal name"}};

std::string_view level_on(const KindLevels& kind, const std::string& level) {
  if (level == "CAN_MANAGE") {
    return kind.manage;
  }
  if (level == "CAN_VIEW") {
    return kind.view;
  }
  return level == "CAN_RUN" ? kind.run : std::string_view();
}

/// True when the resource says something of that principal itself; it is told so.
bool overlaps(Loading& loading, const Value& entry, const Value::List& own, std::string_view kind) {
  bool found = false;
  for (const auto& mine : own) {
    for (const auto& [field, words] : k_principal_fields) {
      const auto name = mine.text_of(field);
      if (!name.empty() && name == entry.text_of(field)) {
        loading.warning("PIER1103",
                        "'" + std::string(kind) + "' already has permissions set for '" + name + "' " +
                            std::string(words),
                        loading.extra(&mine));
        found = true;
      }
    }
  }
  return found;
}

Value make_entry(std::string_view level, std::string_view field, const std::string& name) {
  Value entry = Value::map();
  entry.set("level", Value::text(level));
  entry.set(field, Value::text(name));
  return entry;
}

/// The official CLI rebuilds these lists and names no places for what is in them.
void forget_places(Value& entry) {
  entry.set_place({});
  if (entry.is_map()) {
    for (auto& member : entry.as_map().entries()) {
      member.value.set_place({});
    }
  }
}

void add_bundle_permissions(Loading& loading, const KindLevels& kind, Value& resource, const Value::List& top) {
  Value* written = resource.find("permissions");
  const Value::List own = written != nullptr && written->is_list() ? written->as_list() : Value::List();
  Value::List all = own;
  if (loading.options.compatible) {
    for (auto& entry : all) {
      forget_places(entry);
    }
  }
  for (const auto& entry : top) {
    const auto level = level_on(kind, entry.text_of("level"));
    if (level.empty() || overlaps(loading, entry, own, kind.kind)) {
      continue;
    }
    Value added = Value::map();
    added.set("level", Value::text(level));
    for (const auto& [field, words] : k_principal_fields) {
      if (const auto name = entry.text_of(field); !name.empty()) {
        added.set(field, Value::text(name));
      }
    }
    if (!loading.options.compatible) {
      added.take_places_of(entry);
    }
    all.push_back(std::move(added));
  }
  if (all.empty()) {
    resource.as_map().erase("permissions");
    return;
  }
  if (written != nullptr && written->is_list()) {
    written->as_list() = std::move(all);
  } else {
    resource.set("permissions", Value(std::move(all)));
  }
}

/// The deployer must be able to manage what he deploys.
void add_deployer(Loading& loading, std::string_view kind, Value::List& entries) {
  const auto& me = loading.user.user_name;
  bool may_own = kind == "jobs" || kind == "pipelines" || kind == "sql_warehouses";
  Value* my_manage = nullptr;
  for (auto& entry : entries) {
    const auto level = entry.text_of("level");
    const auto user = entry.text_of("user_name");
    const bool mine = (user.empty() ? entry.text_of("service_principal_name") : user) == me;
    if (level == "IS_OWNER") {
      if (mine) {
        return;
      }
      may_own = false;
    }
    if (mine && level == "CAN_MANAGE") {
      my_manage = &entry;
    }
  }
  if (my_manage != nullptr) {
    if (may_own) {
      my_manage->set("level", Value::text("IS_OWNER"));
    }
    return;
  }
  entries.push_back(make_entry(may_own ? "IS_OWNER" : "CAN_MANAGE",
                               loading.user.is_service_principal ? "service_principal_name" : "user_name", me));
}

std::pair<std::string_view, std::string> principal_of(const Value& entry) {
  for (const auto field : model::k_principal_fields) {
    if (auto name = entry.text_of(field); !name.empty()) {
      return {field, std::move(name)};
    }
  }
  return {};
}

/// One entry per principal, with its highest level.
void join_principals(Loading& loading, Value::List& entries) {
  Value::List joined;
  std::map<std::pair<std::string_view, std::string>, std::size_t> seen;
  for (auto& entry : entries) {
    const auto level = entry.text_of("level");
    auto principal = principal_of(entry);
    if (level.empty() || principal.second.empty()) {
      continue;
    }
    const auto [it, is_new] = seen.emplace(principal, joined.size());
    if (is_new) {
      Value kept = make_entry(level, principal.first, principal.second);
      if (!loading.options.compatible) {
        kept.take_places_of(entry);
        kept.find("level")->take_places_of(*entry.find("level"));
      }
      joined.push_back(std::move(kept));
    } else if (model::rank_of_level(level) > model::rank_of_level(joined[it->second].text_of("level"))) {
      joined[it->second].find("level")->assign(level);
    }
  }
  entries = std::move(joined);
}

bool check_levels(Loading& loading, const Value::List& top) {
  bool good = true;
  for (std::size_t i = 0; i < top.size(); ++i) {
    const auto level = top[i].text_of("level");
    if (level != "CAN_MANAGE" && level != "CAN_VIEW" && level != "CAN_RUN") {
      const Value* at = top[i].find("level");
      loading.error("PIER1101",
                    "invalid permission level: " + level + ", allowed values: [CAN_MANAGE, CAN_VIEW, CAN_RUN]",
                    loading.extra(at == nullptr ? &top[i] : at),
                    loading.options.compatible ? "" : "permissions[" + std::to_string(i) + "]");
      good = false;
      if (loading.options.compatible) {
        break;
      }
    }
  }
  return good;
}

} // namespace

void apply_permissions(Loading& loading) {
  Value::List top;
  if (const Value* section = loading.config.find("permissions"); section != nullptr && section->is_list()) {
    top = section->as_list();
  }
  if (!check_levels(loading, top) && loading.options.compatible) {
    return;
  }
  for (const auto& kind : k_kinds) {
    for_each_resource_of(loading.config, kind.kind, [&](const std::string&, Value& resource) {
      add_bundle_permissions(loading, kind, resource, top);
    });
  }
}

void fix_permissions(Loading& loading) {
  for_each_resource(loading.config, [&](std::string_view kind, const std::string&, Value& resource) {
    Value* list = resource.find("permissions");
    if (list == nullptr || !list->is_list() || kind == "secret_scopes") {
      return;
    }
    add_deployer(loading, kind, list->as_list());
    join_principals(loading, list->as_list());
  });
}

} // namespace pier::bundles
