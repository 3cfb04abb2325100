#include "bundles/checks/checks.hpp"
#include "bundles/config/path.hpp"
#include "core/base/text.hpp"
#include "core/model/field_table.hpp"
#include "core/model/resource_key.hpp"

namespace pier::bundles {
namespace {

std::vector<std::string> keys_of(const Value* map) {
  std::vector<std::string> keys;
  if (map != nullptr && map->is_map()) {
    for (const auto& entry : map->as_map().entries()) {
      keys.push_back(entry.key);
    }
  }
  return keys;
}

std::vector<std::string> member_names(model::Field field) {
  std::vector<std::string> names;
  for (const auto& member : field.members()) {
    names.emplace_back(member.name);
  }
  return names;
}

std::string did_you_mean(const std::string& before, const std::string& best, const std::string& after) {
  return best.empty() ? std::string() : "did you mean ${" + before + best + after + "}?";
}

/// The part of a field path up to the first dot or index.
std::string head_of(const std::string& field) {
  return field.substr(0, field.find_first_of(".["));
}

void check_reference(Loading& loading, const std::string& path, const Value& value, const std::string& where) {
  const auto reference = model::parse_resource_reference(path);
  if (!reference) {
    return;
  }
  const auto& target = reference->target;
  const auto tail = reference->field.empty() ? std::string() : "." + reference->field;
  const auto kinds = *model::Field::at("resources");
  const auto kind = kinds.member(target.kind);
  if (!kind) {
    loading.error("PIER1902", "reference to an unknown kind of resource: ${" + path + "}", &value, where,
                  did_you_mean("resources.", nearest(target.kind, member_names(kinds)), "." + target.key + tail));
    return;
  }
  const Value* all = loading.config.find_path({"resources", target.kind});
  if (all == nullptr || all->find(target.key) == nullptr) {
    const auto known = keys_of(all);
    auto help = did_you_mean("resources." + target.kind + ".", nearest(target.key, known), tail);
    if (help.empty()) {
      help = known.empty() ? "the bundle has no " + target.kind : "the bundle has " + join(known, ", ");
    }
    loading.error("PIER1902", "reference to a resource that does not exist: ${" + path + "}", &value, where,
                  std::move(help));
    return;
  }
  const auto head = head_of(reference->field);
  const auto resource = kind->any_member();
  if (!head.empty() && resource && !resource->member(head)) {
    loading.error("PIER1903", "reference to a field that " + target.kind + " do not have: ${" + path + "}", &value,
                  where,
                  did_you_mean("resources." + target.kind + "." + target.key + ".",
                               nearest(head, member_names(*resource)), reference->field.substr(head.size())));
  }
}

} // namespace

void check_resource_references(Loading& loading) {
  Value* resources = loading.config.find("resources");
  if (resources == nullptr) {
    return;
  }
  const auto visit = [&](Value& value, const PathNode& path) {
    if (value.as_text().find("${resources.") == std::string::npos) {
      return;
    }
    for (const auto& reference : model::find_references(value.as_text())) {
      check_reference(loading, reference.path, value, path.to_string());
    }
  };
  const PathNode root;
  walk_texts(*resources, below(root, "resources"), visit);
}

} // namespace pier::bundles
