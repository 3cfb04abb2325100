#include "core/apps/gateway/engine.hpp"
#include "core/apps/gateway/session_cookie.hpp"
#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

namespace pier::apps {
namespace {

/// A decoded query parameter; nothing when it is absent or its escapes are broken.
std::optional<std::string> parameter(std::string_view query, std::string_view name) {
  for (const auto& pair : split(query, '&')) {
    const auto equals = pair.find('=');
    if (equals == std::string::npos || std::string_view(pair).substr(0, equals) != name) {
      continue;
    }
    auto value = percent_decode(std::string_view(pair).substr(equals + 1), true);
    return value ? std::optional(std::move(*value)) : std::nullopt;
  }
  return std::nullopt;
}

GatewayPage sign_in_page(const AppEntry& app, std::string message) {
  return {.status = 200,
          .code = "SIGN_IN",
          .title = "sign in to " + app.name,
          .message = std::move(message),
          .command = "pier open " + app.name};
}

OwnAnswer html(const GatewayPage& page) {
  return {.status = page.status, .body = to_html(page), .fields = {{"Cache-Control", "no-store"}}};
}

std::string set_cookie(const AppEntry& app, std::string_view value, std::chrono::seconds lifetime) {
  return app.cookie_name() + "=" + std::string(value) +
         "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(lifetime.count());
}

OwnAnswer sign_in(Engine& engine, const AppEntry& app, const OwnRequest& request) {
  const auto token = parameter(request.query, "token");
  if (!token) {
    return html(
        sign_in_page(app, "This app asks who you are. Type this in a terminal; it opens the browser signed in:"));
  }
  const auto principal = engine.host.redeem_sign_in(*token);
  if (!principal) {
    auto page = sign_in_page(app, "This sign-in link was used already or is too old. Make a new one:");
    page.status = 401;
    return html(page);
  }
  const BrowserSession session{.app = app.name,
                               .principal_id = *principal,
                               .id = random_uuid(),
                               .expires = engine.clock.now() + engine.options.session_lifetime};
  OwnAnswer answer{.status = 302};
  answer.fields = {{"Location", safe_return_path(parameter(request.query, "to").value_or("/"))},
                   {"Cache-Control", "no-store"},
                   {"Set-Cookie", set_cookie(app, seal_session(session, engine.options.session_key),
                                             engine.options.session_lifetime)}};
  return answer;
}

OwnAnswer sign_out(Engine& engine, const AppEntry& app, const OwnRequest& request, std::set<std::string>& signed_out) {
  if (request.method != "POST" || !app.accepts_origin(request.origin)) {
    return {.status = 403,
            .type = "application/json",
            .body = R"({"error_code":"PERMISSION_DENIED","message":"signing out needs a POST from this origin"})"};
  }
  if (const auto session = open_session(request.session, app.name, engine.options.session_key, engine.clock.now())) {
    engine.host.revoke_session(session->id, session->expires);
    signed_out.insert(session->id);
  }
  OwnAnswer answer{.status = 303};
  answer.fields = {{"Location", "/.pier/sign-in"}, {"Set-Cookie", set_cookie(app, "", std::chrono::seconds(0))}};
  return answer;
}

} // namespace

bool is_own_path(std::string_view path) {
  return path.starts_with("/.pier/");
}

std::string safe_return_path(std::string_view path) {
  // "//host", "/\host" and control characters lead browsers to another origin.
  const bool local = path.size() <= 2048 && path.starts_with('/') && !path.starts_with("//") &&
                     path.find('\\') == std::string_view::npos;
  for (const char c : path) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f) {
      return "/";
    }
  }
  return local && !is_own_path(path) ? std::string(path) : "/";
}

OwnAnswer answer_own(Engine& engine, const AppEntry& app, const OwnRequest& request,
                     std::set<std::string>& signed_out) {
  if (request.path == "/.pier/sign-in" && (request.method == "GET" || request.method == "HEAD")) {
    return sign_in(engine, app, request);
  }
  if (request.path == "/.pier/sign-out") {
    return sign_out(engine, app, request, signed_out);
  }
  return {.status = 404,
          .type = "application/json",
          .body = R"({"error_code":"ENDPOINT_NOT_FOUND","message":"the gateway has no such page"})"};
}

bool AppEntry::accepts_host(std::string_view host) const {
  const auto suffix = ":" + std::to_string(port);
  for (const auto& name_of_host :
       {std::string("127.0.0.1"), std::string("localhost"), name + ".localhost", std::string("[::1]")}) {
    if (equals_ignore_case(host, name_of_host + suffix)) {
      return true;
    }
  }
  return false;
}

bool AppEntry::accepts_origin(std::string_view origin) const {
  constexpr std::string_view k_scheme = "http://";
  return origin.starts_with(k_scheme) && accepts_host(origin.substr(k_scheme.size()));
}

} // namespace pier::apps
