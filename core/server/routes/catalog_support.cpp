#include "core/server/routes/catalog_support.hpp"

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace pier::server {
namespace {

Error invalid(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

/// Where the next page starts; tokens are ours and nothing else.
Result<std::int64_t> offset_of(const std::string& token) {
  if (token.empty()) {
    return std::int64_t{0};
  }
  const auto text = base64_decode(token);
  std::int64_t offset = 0;
  if (!text || !text->starts_with("v1/") || !parse_int64(text->substr(3), offset) || offset < 0) {
    return invalid("page_token is none that a listing returned");
  }
  return offset;
}

} // namespace

Result<void> require_visible(Workspace& workspace, const identity::Caller& caller,
                             const catalog::Securable& securable) {
  PIER_TRY_ASSIGN(const bool visible, workspace.catalog->is_visible(caller, securable));
  return visible ? Result<void>() : workspace.catalog->require(caller, "BROWSE", securable);
}

Result<Json> page_of(const ApiCall& call, std::string_view member, Json::Array items) {
  const auto& query = call.request.query;
  std::int64_t limit = 0;
  parse_int64(query.get("max_results").value_or("0"), limit);
  PIER_TRY_ASSIGN(auto offset, offset_of(query.get("page_token").value_or("")));
  const auto total = static_cast<std::int64_t>(items.size());
  offset = std::min(offset, total);
  const auto end = limit <= 0 ? total : std::min(offset + std::min<std::int64_t>(limit, 10'000), total);
  Json::Array page(std::make_move_iterator(items.begin() + offset), std::make_move_iterator(items.begin() + end));
  auto out = Json::object({{std::string(member), Json(std::move(page))}});
  if (end < total) {
    out["next_page_token"] = base64url_encode("v1/" + std::to_string(end));
  }
  return out;
}

Result<Json> list_children(Workspace& workspace, const ApiCall& call, catalog::SecurableType type,
                           std::string_view parent, std::string_view member) {
  PIER_TRY_ASSIGN(const auto all, workspace.catalog->children(type, parent));
  PIER_TRY_ASSIGN(const auto metastore, workspace.catalog->metastore_id());
  Json::Array items;
  for (const auto& info : all) {
    PIER_TRY_ASSIGN(const bool visible,
                    workspace.catalog->is_visible(call.caller, {.type = type, .full_name = info.full_name}));
    if (visible) {
      items.push_back(catalog::to_json(info, metastore));
    }
  }
  return page_of(call, member, std::move(items));
}

Result<std::string> schema_of(const std::string& catalog, const std::string& schema) {
  if (catalog.empty() || schema.empty()) {
    return invalid("Missing required field: " + std::string(catalog.empty() ? "catalog_name" : "schema_name"));
  }
  return to_lower(catalog + "." + schema);
}

std::optional<std::string> optional_text(const Json& body, std::string_view member) {
  const auto* value = body.find(member);
  return value != nullptr && value->is_string() ? std::optional(value->as_string()) : std::nullopt;
}

Json kept_members(const Json& body, std::initializer_list<std::string_view> names) {
  auto out = Json::object();
  for (const auto name : names) {
    if (const auto* value = body.find(name); value != nullptr && !value->is_null()) {
      out[name] = *value;
    }
  }
  return out;
}

catalog::NewSecurable new_securable(catalog::SecurableType type, std::string parent, const Json& body) {
  const auto* properties = body.find("properties");
  return catalog::NewSecurable{.type = type,
                               .parent = std::move(parent),
                               .name = body.get_string("name"),
                               .comment = optional_text(body, "comment"),
                               .properties = properties == nullptr ? Json() : *properties};
}

catalog::SecurableUpdate update_of(const Json& body) {
  catalog::SecurableUpdate out{.new_name = optional_text(body, "new_name"),
                               .owner = optional_text(body, "owner"),
                               .comment = optional_text(body, "comment")};
  if (const auto* properties = body.find("properties"); properties != nullptr && properties->is_object()) {
    out.properties = *properties;
  }
  return out;
}

} // namespace pier::server
