#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/server/routes.hpp"

namespace pier::server {
namespace {

using http::Request;
using http::Response;

Response oauth_error(int status, std::string_view code, std::string_view description) {
  auto response = Response::json(
      status, Json::object({{"error", std::string(code)}, {"error_description", std::string(description)}}).dump());
  response.headers.set("Cache-Control", "no-store");
  if (status == 401) {
    response.headers.set("WWW-Authenticate", "Basic realm=\"pier\"");
  }
  return response;
}

/// Authorization server metadata (RFC 8414), for the origin that was asked.
Response discovery(const Request& request) {
  const auto issuer = request.origin() + "/oidc";
  return Response::json(200, Json::object({{"issuer", issuer},
                                           {"authorization_endpoint", issuer + "/v1/authorize"},
                                           {"token_endpoint", issuer + "/v1/token"},
                                           {"grant_types_supported", Json::array({"client_credentials"})},
                                           {"response_types_supported", Json::array({"code"})},
                                           {"scopes_supported", Json::array({"all-apis", "sql", "offline_access"})},
                                           {"code_challenge_methods_supported", Json::array({"S256"})},
                                           {"token_endpoint_auth_methods_supported",
                                            Json::array({"client_secret_basic", "client_secret_post"})}})
                                 .dump());
}

struct ClientCredentials {
  std::string id;
  std::string secret;
};

/// HTTP Basic (both parts form-encoded, RFC 6749 2.3.1), else the form.
ClientCredentials credentials_of(const Request& request, const http::Query& form) {
  constexpr std::string_view k_basic = "basic ";
  const auto header = request.headers.get("Authorization").value_or("");
  if (header.size() > k_basic.size() &&
      equals_ignore_case(std::string_view(header).substr(0, k_basic.size()), k_basic)) {
    const auto decoded = base64_decode(trim(std::string_view(header).substr(k_basic.size())));
    const auto text = decoded ? *decoded : std::string();
    const auto colon = std::min(text.find(':'), text.size());
    const auto part = [](std::string_view raw) {
      auto plain = percent_decode(raw, true);
      return plain ? *std::move(plain) : std::string(raw);
    };
    return ClientCredentials{.id = part(text.substr(0, colon)),
                             .secret = part(text.substr(std::min(colon + 1, text.size())))};
  }
  return ClientCredentials{.id = form.get("client_id").value_or(""), .secret = form.get("client_secret").value_or("")};
}

/// "all-apis" (and nothing) means everything; other scopes make a down-scoped token.
std::vector<std::string> scopes_of(const std::string& text) {
  std::vector<std::string> out;
  for (auto& scope : split(text, ' ')) {
    if (scope == "all-apis") {
      return {};
    }
    if (!scope.empty() && scope != "offline_access") {
      out.push_back(std::move(scope));
    }
  }
  return out;
}

Response token(identity::Identity& identity, const Request& request) {
  const auto form = http::Query::parse(request.body);
  const auto grant = form.get("grant_type").value_or("");
  if (grant.empty()) {
    return oauth_error(400, "invalid_request", "grant_type is missing");
  }
  if (grant != "client_credentials") {
    return oauth_error(400, "unsupported_grant_type",
                       "The local workspace gives tokens to service principals (client_credentials) only; people use "
                       "the token that `pier local token` prints.");
  }
  const auto client = credentials_of(request, form);
  const auto scopes = scopes_of(form.get("scope").value_or(""));
  const auto issued = identity.client_credentials(client.id, client.secret, scopes);
  if (!issued) {
    return issued.error().kind == ErrorKind::unauthenticated
               ? oauth_error(401, "invalid_client", "Client authentication failed")
               : oauth_error(500, "server_error", issued.error().message);
  }
  auto response =
      Response::json(200, Json::object({{"access_token", issued->token.reveal()},
                                        {"token_type", "Bearer"},
                                        {"expires_in", 3600},
                                        {"scope", scopes.empty() ? std::string("all-apis") : join(scopes, " ")}})
                              .dump());
  response.headers.set("Cache-Control", "no-store");
  return response;
}

/// Sign-on in a browser for command line tools is not offered; say so where the person looks.
Response authorize(const Request&) {
  auto page = Response::html(501, "<!doctype html><html lang=en><meta charset=utf-8><title>pier</title>"
                                  "<style>body{font:16px/1.5 system-ui;max-width:40em;margin:4em auto;padding:0 1em}"
                                  "code{background:#eee;padding:.1em .3em}</style><h1>No browser sign-on here</h1>"
                                  "<p>The local workspace does not sign command line tools on in the browser. Run "
                                  "<code>pier local connect</code>: it writes a profile with your token.</p></html>\n");
  page.headers.set("Cache-Control", "no-store");
  return page;
}

} // namespace

void register_oidc_routes(ApiRouter& router, Workspace& workspace) {
  router.open("GET", "/oidc/.well-known/oauth-authorization-server", discovery);
  router.open("GET", "/oidc/.well-known/openid-configuration", discovery);
  router.open(
      "POST", "/oidc/v1/token", [&](const Request& request) { return token(*workspace.identity, request); },
      http::Cost::slow);
  router.open("GET", "/oidc/v1/authorize", authorize);
}

} // namespace pier::server
