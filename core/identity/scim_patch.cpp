#include "core/base/text.hpp"
#include "core/identity/scim.hpp"
#include "core/identity/scim_filter.hpp"

#include <algorithm>

namespace pier::identity {
namespace {

constexpr std::size_t k_max_operations = 1000;

/// "members[value eq \"7\"]" → attribute, filter; "name.givenName" → attribute, sub.
struct PatchPath {
  std::string attribute;
  std::string sub;
  std::optional<ScimFilter> filter;
};

Error bad(std::string type, std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = std::move(type), .message = std::move(message)};
}

Result<PatchPath> parse_path(std::string_view text) {
  PatchPath out;
  const auto open = text.find('[');
  auto name = text.substr(0, open);
  if (open != std::string_view::npos) {
    if (text.back() != ']') {
      return bad("invalidPath", "'" + std::string(text) + "' is no path that is supported");
    }
    PIER_TRY_ASSIGN(out.filter, ScimFilter::parse(text.substr(open + 1, text.size() - open - 2)));
  }
  if (const auto colon = name.rfind(':'); colon != std::string_view::npos) {
    name = name.substr(colon + 1);
  }
  const auto dot = name.find('.');
  out.attribute = std::string(name.substr(0, dot));
  if (dot != std::string_view::npos) {
    out.sub = std::string(name.substr(dot + 1));
  }
  if (out.attribute.empty() || (dot != std::string_view::npos && (out.sub.empty() || out.filter))) {
    return bad("invalidPath", "'" + std::string(text) + "' is no path that is supported");
  }
  return out;
}

/// The attribute's own spelling in the document, so that "Members" and "members" are one.
std::string spelling(const Json& document, const std::string& name) {
  for (const auto& [key, value] : document.as_object()) {
    if (equals_ignore_case(key, name)) {
      return key;
    }
  }
  return name;
}

bool is_read_only(std::string_view name) {
  return equals_ignore_case(name, "id") || equals_ignore_case(name, "groups") || equals_ignore_case(name, "schemas") ||
         equals_ignore_case(name, "meta");
}

void add_items(Json& list, const Json& value) {
  const auto add = [&](const Json& item) {
    const auto* id = find_attribute(item, "value");
    const auto& items = list.as_array();
    const bool there = std::any_of(items.begin(), items.end(), [&](const Json& held) {
      const auto* held_id = find_attribute(held, "value");
      return held == item || (id != nullptr && held_id != nullptr && *id == *held_id);
    });
    if (!there) {
      list.push_back(item);
    }
  };
  if (value.is_array()) {
    for (const auto& item : value.as_array()) {
      add(item);
    }
  } else {
    add(value);
  }
}

Result<void> set_attribute(Json& document, const PatchPath& path, const Json& value, bool replace) {
  if (is_read_only(path.attribute)) {
    return bad("mutability", "'" + path.attribute + "' cannot be changed here" +
                                 (equals_ignore_case(path.attribute, "groups") ? "; change the group's members" : ""));
  }
  if (path.filter) {
    return bad("invalidPath", "a filter in a path is supported for remove only");
  }
  auto& member = document[spelling(document, path.attribute)];
  if (!path.sub.empty()) {
    if (!member.is_null() && !member.is_object()) {
      return bad("invalidPath", "'" + path.attribute + "' has no parts");
    }
    member[path.sub] = value;
    return {};
  }
  const bool is_list = member.is_array() || equals_ignore_case(path.attribute, "members");
  if (is_list) {
    if (replace || member.is_null()) {
      member = Json::array();
    }
    add_items(member, value);
  } else {
    member = value;
  }
  return {};
}

Result<void> set_all(Json& document, const Json& value, bool replace) {
  if (!value.is_object()) {
    return bad("invalidValue", "an operation without path needs an object as value");
  }
  for (const auto& [key, item] : value.as_object()) {
    PIER_TRY_ASSIGN(const auto path, parse_path(key));
    if (equals_ignore_case(key, "schemas") || equals_ignore_case(key, "id")) {
      continue;
    }
    PIER_TRY(set_attribute(document, path, item, replace));
  }
  return {};
}

Result<void> remove_attribute(Json& document, const PatchPath& path, const Json* value) {
  if (is_read_only(path.attribute)) {
    return bad("mutability", "'" + path.attribute + "' cannot be removed");
  }
  const auto name = spelling(document, path.attribute);
  auto* member = document.find(name);
  if (member == nullptr) {
    return {};
  }
  if (!path.sub.empty()) {
    member->erase(path.sub);
    return {};
  }
  if (!path.filter && value == nullptr) {
    document.erase(name);
    return {};
  }
  if (!member->is_array()) {
    return bad("invalidPath", "'" + path.attribute + "' is no list");
  }
  auto& items = member->as_array();
  const auto goes = [&](const Json& item) {
    if (path.filter) {
      return path.filter->matches(item);
    }
    const auto* id = find_attribute(item, "value");
    const auto named = [&](const Json& wanted) {
      const auto* wanted_id = find_attribute(wanted, "value");
      return wanted_id != nullptr && id != nullptr && *wanted_id == *id;
    };
    return value->is_array() ? std::any_of(value->as_array().begin(), value->as_array().end(), named) : named(*value);
  };
  items.erase(std::remove_if(items.begin(), items.end(), goes), items.end());
  return {};
}

Result<void> apply_one(Json& document, const Json& operation) {
  const auto op = to_lower(operation.get_string("op"));
  const auto text = operation.get_string("path");
  const auto* value = operation.find("value");
  if (op != "add" && op != "replace" && op != "remove") {
    return bad("invalidSyntax", "'" + op + "' is none of add, remove, replace");
  }
  if (text.empty()) {
    return op == "remove" || value == nullptr
               ? Result<void>(bad("invalidPath", "an operation needs a path, or an object as value"))
               : set_all(document, *value, op == "replace");
  }
  PIER_TRY_ASSIGN(const auto path, parse_path(text));
  if (op == "remove") {
    return remove_attribute(document, path, value);
  }
  if (value == nullptr) {
    return bad("invalidValue", "an operation '" + op + "' needs a value");
  }
  return set_attribute(document, path, *value, op == "replace");
}

} // namespace

Result<Json> apply_patch(Json document, const Json& patch) {
  const auto* operations = find_attribute(patch, "Operations");
  if (operations == nullptr || !operations->is_array() || operations->size() > k_max_operations) {
    return bad("invalidSyntax", "a PatchOp has a list 'Operations' of at most 1000");
  }
  for (const auto& operation : operations->as_array()) {
    PIER_TRY(apply_one(document, operation));
  }
  return document;
}

} // namespace pier::identity
