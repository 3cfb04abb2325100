#include "core/base/text.hpp"
#include "core/identity/scim.hpp"
#include "core/server/routes.hpp"

namespace pier::server {
namespace {

using http::Response;
using identity::PrincipalRecord;
using model::PrincipalKind;

Error not_admin(std::string_view doing) {
  return Error{.kind = ErrorKind::permission_denied,
               .code = "PERMISSION_DENIED",
               .message = "Only an admin may " + std::string(doing) + "."};
}

Error bad_id(const std::string& text) {
  return Error{
      .kind = ErrorKind::not_found, .code = "RESOURCE_DOES_NOT_EXIST", .message = "no principal has the id " + text};
}

Result<std::int64_t> id_of(const ApiCall& call) {
  std::int64_t id = 0;
  if (!parse_int64(call.at("id"), id)) {
    return bad_id(call.at("id"));
  }
  return id;
}

/// SCIM has its own error body.
RawRoute scim(JsonRoute route, int success = 200) {
  return [route = std::move(route), success](ApiCall& call) -> Result<Response> {
    auto result = call.body.is_null() ? Result<Json>(Error{.kind = ErrorKind::invalid_argument,
                                                           .code = "invalidSyntax",
                                                           .message = "the request is no JSON document"})
                                      : route(call);
    if (result) {
      return success == 204 ? Response{.status = 204} : Response::json(success, result->dump());
    }
    const int status = http_status_of(result.error().kind);
    return Response::json(status, identity::scim_error(result.error(), status).dump());
  };
}

identity::ScimListRequest list_request(const http::Query& query) {
  identity::ScimListRequest out{.filter = query.get("filter").value_or(""),
                                .attributes = query.get("attributes").value_or(""),
                                .excluded_attributes = query.get("excludedAttributes").value_or(""),
                                .sort_by = query.get("sortBy").value_or(""),
                                .descending = query.get("sortOrder").value_or("") == "descending"};
  parse_int64(query.get("startIndex").value_or("1"), out.start_index);
  parse_int64(query.get("count").value_or("100"), out.count);
  return out;
}

Result<PrincipalRecord> record_of(identity::Identity& identity, const ApiCall& call, PrincipalKind kind) {
  PIER_TRY_ASSIGN(const auto id, id_of(call));
  PIER_TRY_ASSIGN(auto record, identity.record(id));
  if (record.principal.kind != kind) {
    return bad_id(call.at("id"));
  }
  return record;
}

Result<void> apply(identity::Identity& identity, const PrincipalRecord& record, const identity::ScimChange& change) {
  PIER_TRY(identity.update(record.principal.id, change.update));
  for (const auto member : change.remove_members) {
    PIER_TRY(identity.remove_member(record.principal.id, member));
  }
  for (const auto member : change.add_members) {
    PIER_TRY(identity.add_member(record.principal.id, member));
  }
  return {};
}

Result<model::Principal> make_principal(identity::Identity& identity, PrincipalKind kind, const Json& body) {
  const auto display = body.get_string("displayName");
  if (kind == PrincipalKind::user) {
    return identity.create_user(body.get_string("userName"), display);
  }
  if (kind == PrincipalKind::group) {
    return identity.create_group(display);
  }
  if (body.contains("applicationId")) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "invalidValue",
                 .message = "'applicationId' is chosen by the workspace"};
  }
  PIER_TRY_ASSIGN(auto made, identity.create_service_principal(display));
  return made.principal;
}

/// POST: the principal with all that the document says, or nothing.
Result<Json> create(Workspace& workspace, PrincipalKind kind, const ApiCall& call) {
  if (!call.caller.is_admin) {
    return not_admin("make principals");
  }
  auto& identity = *workspace.identity;
  return workspace.database->transaction([&]() -> Result<Json> {
    PIER_TRY_ASSIGN(const auto made, make_principal(identity, kind, call.body));
    PIER_TRY_ASSIGN(const auto record, identity.record(made.id));
    PIER_TRY_ASSIGN(const auto change, identity::change_to(record, call.body));
    PIER_TRY(apply(identity, record, change));
    PIER_TRY_ASSIGN(const auto complete, identity.record(made.id));
    return identity::to_scim(complete);
  });
}

/// PUT and PATCH. A user may change the own display name and e-mails, an admin everything.
Result<Json> change(Workspace& workspace, PrincipalKind kind, const ApiCall& call, bool patch) {
  if (!call.caller.is_admin) {
    return not_admin("change principals");
  }
  auto& identity = *workspace.identity;
  return workspace.database->transaction([&]() -> Result<Json> {
    PIER_TRY_ASSIGN(const auto record, record_of(identity, call, kind));
    auto document = call.body;
    if (patch) {
      PIER_TRY_ASSIGN(document, identity::apply_patch(identity::to_scim(record), call.body));
    }
    PIER_TRY_ASSIGN(const auto wanted, identity::change_to(record, document));
    PIER_TRY(apply(identity, record, wanted));
    PIER_TRY_ASSIGN(const auto complete, identity.record(record.principal.id));
    return identity::to_scim(complete);
  });
}

Result<Json> remove(identity::Identity& identity, PrincipalKind kind, const ApiCall& call) {
  if (!call.caller.is_admin) {
    return not_admin("remove principals");
  }
  PIER_TRY_ASSIGN(const auto record, record_of(identity, call, kind));
  PIER_TRY(identity.remove_principal(record.principal.id));
  return Json::object();
}

Result<Json> me(identity::Identity& identity, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto record, identity.record(call.caller.principal.id));
  auto document = identity::to_scim(record);
  identity::project_attributes(document, call.request.query.get("attributes").value_or(""),
                               call.request.query.get("excludedAttributes").value_or(""));
  return document;
}

void register_scim(ApiRouter& router, Workspace& workspace, std::string_view name, PrincipalKind kind) {
  const auto list = "/api/2.0/preview/scim/v2/" + std::string(name);
  const auto item = list + "/{id}";
  auto& identity = *workspace.identity;
  constexpr auto k_slow = http::Cost::slow;
  router.raw("GET", list, scim([&identity, kind](ApiCall& call) -> Result<Json> {
               PIER_TRY_ASSIGN(const auto records, identity.records(kind));
               return identity::scim_list(records, list_request(call.request.query));
             }));
  router.raw("POST", list, scim([&workspace, kind](ApiCall& call) { return create(workspace, kind, call); }, 201),
             k_slow);
  router.raw("GET", item, scim([&identity, kind](ApiCall& call) -> Result<Json> {
               PIER_TRY_ASSIGN(const auto record, record_of(identity, call, kind));
               return identity::to_scim(record);
             }));
  router.raw("PUT", item, scim([&workspace, kind](ApiCall& call) { return change(workspace, kind, call, false); }),
             k_slow);
  router.raw("PATCH", item, scim([&workspace, kind](ApiCall& call) { return change(workspace, kind, call, true); }),
             k_slow);
  router.raw("DELETE", item, scim([&identity, kind](ApiCall& call) { return remove(identity, kind, call); }, 204),
             k_slow);
}

// Tokens

Json token_info_json(const identity::TokenInfo& info) {
  return Json::object({{"token_id", info.id},
                       {"creation_time", to_epoch_millis(info.created)},
                       {"expiry_time", info.expires ? to_epoch_millis(*info.expires) : std::int64_t{-1}},
                       {"comment", info.comment}});
}

Result<Json> create_token(Workspace& workspace, const ApiCall& call) {
  const auto lifetime = call.body.get_integer("lifetime_seconds");
  if (call.body.contains("lifetime_seconds") && lifetime <= 0) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "lifetime_seconds must be a positive number; leave it out for a token without end"};
  }
  const identity::TokenRequest request{.principal_id = call.caller.principal.id,
                                       .kind = identity::TokenKind::personal,
                                       .lifetime = std::chrono::seconds(lifetime),
                                       .comment = call.body.get_string("comment")};
  const auto now = workspace.clock.now();
  PIER_TRY_ASSIGN(const auto issued, workspace.identity->issue(request));
  const identity::TokenInfo info{
      .id = issued.id, .comment = request.comment, .created = now, .expires = issued.expires};
  return Json::object({{"token_value", issued.token.reveal()}, {"token_info", token_info_json(info)}});
}

Result<Json> list_tokens(identity::Identity& identity, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto tokens, identity.tokens(call.caller.principal.id, identity::TokenKind::personal));
  auto list = Json::array();
  for (const auto& token : tokens) {
    list.push_back(token_info_json(token));
  }
  return Json::object({{"token_infos", std::move(list)}});
}

Result<Json> delete_token(identity::Identity& identity, const ApiCall& call) {
  PIER_TRY_ASSIGN(const auto id, call.required("token_id"));
  PIER_TRY_ASSIGN(const auto own, identity.tokens(call.caller.principal.id, identity::TokenKind::personal));
  const bool is_own = std::any_of(own.begin(), own.end(), [&](const auto& token) { return token.id == id; });
  if (!is_own) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "RESOURCE_DOES_NOT_EXIST",
                 .message = "Token with ID '" + id + "' does not exist"};
  }
  PIER_TRY(identity.revoke(id));
  return Json::object();
}

// Secrets of service principals

Json secret_json(const identity::ClientSecret& secret) {
  auto out = Json::object({{"id", secret.id},
                           {"secret_hash", secret.hash},
                           {"status", "ACTIVE"},
                           {"create_time", to_rfc3339(secret.created)},
                           {"update_time", to_rfc3339(secret.created)}});
  if (!secret.secret.is_empty()) {
    out["secret"] = secret.secret.reveal();
  }
  if (secret.expires) {
    out["expire_time"] = to_rfc3339(*secret.expires);
  }
  return out;
}

/// "7776000s" as durations are written; absent: two years, as the service does.
Result<std::chrono::seconds> lifetime_of(const Json& body) {
  constexpr std::chrono::seconds k_default{std::int64_t{730} * 24 * 3600};
  auto text = body.get_string("lifetime");
  if (text.empty()) {
    return k_default;
  }
  std::int64_t seconds = 0;
  if (text.back() != 's' || !parse_int64(text.substr(0, text.size() - 1), seconds) || seconds <= 0) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "lifetime must be a duration such as \"7776000s\""};
  }
  return std::chrono::seconds(seconds);
}

void register_client_secrets(ApiRouter& router, identity::Identity& identity) {
  const std::string list = "/api/2.0/accounts/servicePrincipals/{id}/credentials/secrets";
  const auto of_principal = [&identity](const ApiCall& call) -> Result<PrincipalRecord> {
    if (!call.caller.is_admin) {
      return not_admin("see or change secrets of service principals");
    }
    return record_of(identity, call, PrincipalKind::service_principal);
  };
  router.json(
      "POST", list,
      [&identity, of_principal](ApiCall& call) -> Result<Json> {
        PIER_TRY_ASSIGN(const auto record, of_principal(call));
        PIER_TRY_ASSIGN(const auto lifetime, lifetime_of(call.body));
        PIER_TRY_ASSIGN(const auto made, identity.add_client_secret(record.principal.id, lifetime));
        return secret_json(made);
      },
      http::Cost::slow);
  router.json("GET", list, [&identity, of_principal](ApiCall& call) -> Result<Json> {
    PIER_TRY_ASSIGN(const auto record, of_principal(call));
    PIER_TRY_ASSIGN(const auto secrets, identity.client_secrets(record.principal.id));
    auto items = Json::array();
    for (const auto& secret : secrets) {
      items.push_back(secret_json(secret));
    }
    return Json::object({{"secrets", std::move(items)}});
  });
  router.json(
      "DELETE", list + "/{secret}",
      [&identity, of_principal](ApiCall& call) -> Result<Json> {
        PIER_TRY_ASSIGN(const auto record, of_principal(call));
        PIER_TRY(identity.remove_client_secret(record.principal.id, call.at("secret")));
        return Json::object();
      },
      http::Cost::slow);
}

} // namespace

void register_identity_routes(ApiRouter& router, Workspace& workspace) {
  auto& identity = *workspace.identity;
  router.raw("GET", "/api/2.0/preview/scim/v2/Me", scim([&](ApiCall& call) { return me(identity, call); }));
  register_scim(router, workspace, "Users", PrincipalKind::user);
  register_scim(router, workspace, "Groups", PrincipalKind::group);
  register_scim(router, workspace, "ServicePrincipals", PrincipalKind::service_principal);
  router.json(
      "POST", "/api/2.0/token/create", [&](ApiCall& call) { return create_token(workspace, call); }, http::Cost::slow);
  router.json("GET", "/api/2.0/token/list", [&](ApiCall& call) { return list_tokens(identity, call); });
  router.json(
      "POST", "/api/2.0/token/delete", [&](ApiCall& call) { return delete_token(identity, call); }, http::Cost::slow);
  register_client_secrets(router, identity);
}

} // namespace pier::server
