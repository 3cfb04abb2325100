#include "core/identity/scim.hpp"

#include "core/base/text.hpp"
#include "core/identity/scim_filter.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace pier::identity {
namespace {

constexpr std::string_view k_core = "urn:ietf:params:scim:schemas:core:2.0:";
constexpr std::int64_t k_max_count = 1000;

/// Attributes that are kept as sent.
constexpr std::array<std::string_view, 5> k_kept = {"emails", "entitlements", "externalId", "name", "roles"};

Error invalid(std::string type, std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = std::move(type), .message = std::move(message)};
}

Json membership_json(const Membership& membership) {
  const auto id = std::to_string(membership.group.id);
  return Json::object({{"display", membership.group.display_name},
                       {"type", membership.direct ? "direct" : "indirect"},
                       {"value", id},
                       {"$ref", "Groups/" + id}});
}

Json member_json(const model::Principal& member) {
  const auto id = std::to_string(member.id);
  const std::string_view folder = member.kind == model::PrincipalKind::user    ? "Users/"
                                  : member.kind == model::PrincipalKind::group ? "Groups/"
                                                                               : "ServicePrincipals/";
  return Json::object({{"display", member.display_name}, {"value", id}, {"$ref", std::string(folder) + id}});
}

void add_user_members(Json& out, const PrincipalRecord& record) {
  out["userName"] = record.principal.name;
  if (!out.contains("emails")) {
    out["emails"] =
        Json::array({Json::object({{"value", record.principal.name}, {"type", "work"}, {"primary", true}})});
  }
  if (!out.contains("name")) {
    const auto& display = record.principal.display_name;
    const auto blank = display.rfind(' ');
    auto name = Json::object({{"givenName", display.substr(0, blank)}});
    if (blank != std::string::npos) {
      name["familyName"] = display.substr(blank + 1);
    }
    out["name"] = std::move(name);
  }
}

std::set<std::string, std::less<>> attribute_set(std::string_view list) {
  std::set<std::string, std::less<>> out;
  for (const auto& name : split(list, ',')) {
    const auto plain = trim(name);
    out.insert(to_lower(plain.substr(0, plain.find('.'))));
  }
  out.erase("");
  return out;
}

Result<std::vector<std::int64_t>> member_ids(const Json& document) {
  std::vector<std::int64_t> out;
  const auto* members = find_attribute(document, "members");
  if (members == nullptr || members->is_null()) {
    return out;
  }
  if (!members->is_array()) {
    return invalid("invalidValue", "'members' must be a list");
  }
  for (const auto& member : members->as_array()) {
    const auto* value = find_attribute(member, "value");
    std::int64_t id = 0;
    if (value == nullptr || !value->is_string() || !parse_int64(value->as_string(), id)) {
      return invalid("invalidValue", "a member must name the id of a principal as its 'value'");
    }
    out.push_back(id);
  }
  return out;
}

Result<void> same_name(const PrincipalRecord& record, const Json& document, std::string_view attribute) {
  const auto* name = find_attribute(document, attribute);
  if (name != nullptr && (!name->is_string() || !equals_ignore_case(name->as_string(), record.principal.name))) {
    return invalid("mutability", "'" + std::string(attribute) + "' of '" + record.principal.name + "' cannot change");
  }
  return {};
}

Result<void> take_members(const PrincipalRecord& record, const Json& document, ScimChange& change) {
  PIER_TRY_ASSIGN(const auto wanted, member_ids(document));
  const auto is_member = [&](std::int64_t id) {
    return std::any_of(record.members.begin(), record.members.end(), [&](const auto& m) { return m.id == id; });
  };
  for (const auto id : wanted) {
    if (!is_member(id)) {
      change.add_members.push_back(id);
    }
  }
  for (const auto& member : record.members) {
    if (std::find(wanted.begin(), wanted.end(), member.id) == wanted.end()) {
      change.remove_members.push_back(member.id);
    }
  }
  return {};
}

} // namespace

Json to_scim(const PrincipalRecord& record) {
  auto out = record.attributes.is_object() ? record.attributes : Json::object();
  const auto& principal = record.principal;
  out["id"] = std::to_string(principal.id);
  out["displayName"] = principal.display_name;
  auto groups = Json::array();
  for (const auto& membership : record.groups) {
    groups.push_back(membership_json(membership));
  }
  out["groups"] = std::move(groups);
  for (const auto* list : {"entitlements", "roles"}) {
    if (!out.contains(list)) {
      out[list] = Json::array();
    }
  }
  std::string_view schema = "User";
  if (principal.kind == model::PrincipalKind::group) {
    schema = "Group";
    auto members = Json::array();
    for (const auto& member : record.members) {
      members.push_back(member_json(member));
    }
    out["members"] = std::move(members);
    out["meta"] = Json::object({{"resourceType", "WorkspaceGroup"}});
  } else {
    out["active"] = record.active;
    if (principal.kind == model::PrincipalKind::user) {
      add_user_members(out, record);
    } else {
      schema = "ServicePrincipal";
      out["applicationId"] = principal.name;
    }
  }
  out["schemas"] = Json::array({Json(std::string(k_core) + std::string(schema))});
  return out;
}

void project_attributes(Json& resource, std::string_view attributes, std::string_view excluded_attributes) {
  const auto wanted = attribute_set(attributes);
  const auto unwanted = attribute_set(excluded_attributes);
  auto& members = resource.as_object();
  for (auto it = members.begin(); it != members.end();) {
    const auto name = to_lower(it->first);
    const bool always = name == "id" || name == "schemas";
    const bool drop = !always && ((!wanted.empty() && !wanted.contains(name)) || unwanted.contains(name));
    it = drop ? members.erase(it) : std::next(it);
  }
}

Result<Json> scim_list(const std::vector<PrincipalRecord>& records, const ScimListRequest& request) {
  std::optional<ScimFilter> filter;
  if (!trim(request.filter).empty()) {
    PIER_TRY_ASSIGN(filter, ScimFilter::parse(request.filter));
  }
  std::vector<Json> matching;
  for (const auto& record : records) {
    auto document = to_scim(record);
    if (!filter || filter->matches(document)) {
      matching.push_back(std::move(document));
    }
  }
  if (!request.sort_by.empty()) {
    std::stable_sort(matching.begin(), matching.end(), [&](const Json& a, const Json& b) {
      const auto* left = find_attribute(request.descending ? b : a, request.sort_by);
      const auto* right = find_attribute(request.descending ? a : b, request.sort_by);
      return (left == nullptr ? std::string() : left->dump()) < (right == nullptr ? std::string() : right->dump());
    });
  }
  const auto total = static_cast<std::int64_t>(matching.size());
  const auto first = std::clamp<std::int64_t>(request.start_index - 1, 0, total);
  const auto count = std::clamp<std::int64_t>(std::min(request.count, k_max_count), 0, total - first);
  auto resources = Json::array();
  for (auto i = first; i < first + count; ++i) {
    auto& document = matching[static_cast<std::size_t>(i)];
    project_attributes(document, request.attributes, request.excluded_attributes);
    resources.push_back(std::move(document));
  }
  return Json::object({{"schemas", Json::array({"urn:ietf:params:scim:api:messages:2.0:ListResponse"})},
                       {"totalResults", total},
                       {"startIndex", first + 1},
                       {"itemsPerPage", count},
                       {"Resources", std::move(resources)}});
}

Result<ScimChange> change_to(const PrincipalRecord& record, const Json& document) {
  ScimChange change;
  if (!document.is_object()) {
    return invalid("invalidSyntax", "a SCIM document must be an object");
  }
  switch (record.principal.kind) {
  case model::PrincipalKind::user: PIER_TRY(same_name(record, document, "userName")); break;
  case model::PrincipalKind::service_principal: PIER_TRY(same_name(record, document, "applicationId")); break;
  case model::PrincipalKind::group:
    PIER_TRY(same_name(record, document, "displayName"));
    PIER_TRY(take_members(record, document, change));
    break;
  }
  if (record.principal.kind != model::PrincipalKind::group) {
    if (const auto* name = find_attribute(document, "displayName"); name != nullptr && name->is_string()) {
      change.update.display_name = name->as_string();
    }
    if (const auto* active = find_attribute(document, "active"); active != nullptr) {
      if (!active->is_bool()) {
        return invalid("invalidValue", "'active' must be true or false");
      }
      change.update.active = active->as_bool();
    }
  }
  auto kept = Json::object();
  for (const auto name : k_kept) {
    const auto* value = find_attribute(document, name);
    if (value != nullptr && !value->is_null() && !(value->is_array() && value->is_empty())) {
      kept[name] = *value;
    }
  }
  change.update.attributes = std::move(kept);
  return change;
}

Json scim_error(const Error& error, int status) {
  auto out = Json::object({{"schemas", Json::array({"urn:ietf:params:scim:api:messages:2.0:Error"})},
                           {"detail", error.message},
                           {"status", std::to_string(status)}});
  if (error.kind == ErrorKind::already_exists) {
    out["scimType"] = "uniqueness";
  } else if (error.code == "invalidFilter" || error.code == "invalidValue" || error.code == "mutability" ||
             error.code == "invalidSyntax" || error.code == "invalidPath") {
    out["scimType"] = error.code;
  }
  return out;
}

} // namespace pier::identity
