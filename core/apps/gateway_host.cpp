#include "core/apps/app_config.hpp"
#include "core/apps/local_apps.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

namespace fs = std::filesystem;

namespace pier::apps {
namespace {

constexpr auto k_sign_in_lifetime = std::chrono::minutes(5);
constexpr auto k_user_token_lifetime = std::chrono::hours(1);
constexpr auto k_renew_before_end = std::chrono::minutes(10);

} // namespace

Result<std::string> LocalApps::sign_in_link(const identity::Caller& caller, std::string_view name,
                                            std::string_view user) {
  PIER_TRY_ASSIGN(const auto app, shared_.registry.app(name));
  identity::Caller visitor = caller;
  if (!user.empty() && user != caller.principal.name) {
    if (!caller.is_admin) {
      return Error{.kind = ErrorKind::permission_denied,
                   .code = "PERMISSION_DENIED",
                   .message = "only admins make sign-in links for somebody else"};
    }
    PIER_TRY_ASSIGN(visitor, shared_.rooms.identity.caller_named(user));
  }
  PIER_TRY(shared_.rooms.permissions.require(visitor, {"apps", app.name}, "CAN_USE"));
  PIER_TRY_ASSIGN(const auto token, shared_.rooms.identity.issue({.principal_id = visitor.principal.id,
                                                                  .kind = identity::TokenKind::sign_in,
                                                                  .lifetime = k_sign_in_lifetime,
                                                                  .comment = "sign-in to " + app.name}));
  return "http://127.0.0.1:" + std::to_string(app.port) +
         "/.pier/sign-in?token=" + percent_encode(token.token.reveal());
}

Result<Visitor> LocalApps::visitor_by_token(const std::string& app, const std::string& token) {
  PIER_TRY_ASSIGN(const auto caller, shared_.rooms.identity.authenticate(token));
  return visitor(app, caller);
}

Result<Visitor> LocalApps::visitor_by_id(const std::string& app, std::int64_t principal_id) {
  const auto caller = shared_.rooms.identity.caller_of(principal_id);
  if (!caller) {
    return Error{.kind = ErrorKind::unauthenticated,
                 .code = "UNAUTHENTICATED",
                 .message = "the user of this session is gone",
                 .hint = "pier open " + app};
  }
  return visitor(app, *caller);
}

Result<Visitor> LocalApps::visitor(const std::string& app, const identity::Caller& caller) {
  PIER_TRY(shared_.rooms.permissions.require(caller, {"apps", app}, "CAN_USE"));
  PIER_TRY_ASSIGN(const bool manages, shared_.rooms.permissions.allows(caller, {"apps", app}, "CAN_MANAGE"));
  PIER_TRY_ASSIGN(const auto record, shared_.registry.app(app));
  PIER_TRY_ASSIGN(auto token, user_token(record, caller));
  return Visitor{.principal_id = caller.principal.id,
                 .user_id = std::to_string(caller.principal.id),
                 .user_name = caller.principal.name,
                 .email = caller.principal.name,
                 .access_token = std::move(token),
                 .can_manage = manages};
}

/// The visitor's own token, good only for what the app's scopes name. Kept until shortly before its end.
Result<std::string> LocalApps::user_token(const AppRecord& app, const identity::Caller& caller) {
  const auto scopes = user_scopes(app.config);
  if (scopes.empty()) {
    return std::string();
  }
  const auto key = app.name + " " + std::to_string(caller.principal.id);
  const auto wanted = join(scopes, " ");
  const auto time = shared_.rooms.clock.now();
  {
    const std::lock_guard lock(mutex_);
    const auto known = user_tokens_.find(key);
    if (known != user_tokens_.end() && known->second.scopes == wanted && time < known->second.renew) {
      return known->second.token;
    }
  }
  PIER_TRY_ASSIGN(const auto issued, shared_.rooms.identity.issue({.principal_id = caller.principal.id,
                                                                   .kind = identity::TokenKind::oauth,
                                                                   .lifetime = k_user_token_lifetime,
                                                                   .scopes = scopes,
                                                                   .comment = "forwarded to " + app.name}));
  const std::lock_guard lock(mutex_);
  user_tokens_[key] = {
      .token = issued.token.reveal(), .scopes = wanted, .renew = time + k_user_token_lifetime - k_renew_before_end};
  return issued.token.reveal();
}

Result<std::int64_t> LocalApps::redeem_sign_in(const std::string& token) {
  PIER_TRY_ASSIGN(const auto caller, shared_.rooms.identity.redeem_sign_in(token));
  return caller.principal.id;
}

void LocalApps::revoke_session(const std::string& session_id, TimePoint expires) {
  [[maybe_unused]] const auto kept = shared_.registry.revoke_session(session_id, to_epoch_millis(expires));
}

void LocalApps::wake(const std::string& app) {
  if (const auto found = runtime(app)) {
    found->wake();
  }
}

GatewayPage LocalApps::describe(const std::string& app) {
  if (const auto found = runtime(app)) {
    return found->describe();
  }
  return {.status = 503, .code = "APP_DELETED", .title = app + " is gone", .message = "The app was deleted."};
}

fs::path LocalApps::log_file(const std::string& app) {
  const auto found = runtime(app);
  return found ? found->log_file() : fs::path();
}

} // namespace pier::apps
