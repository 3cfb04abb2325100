#include "core/workspace_client/credentials.hpp"

#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/guarded.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/workspace_client/api_error.hpp"

#include <optional>

namespace pier::workspace_client {
namespace {

constexpr auto k_renew_before = std::chrono::minutes(5);
constexpr auto k_token_timeout = std::chrono::seconds(30);

struct Token {
  std::string value;
  TimePoint expires;
};

class StaticToken final : public Credentials {
 public:
  explicit StaticToken(Secret token)
      : token_(std::move(token)) {}

  Result<std::string> token(std::stop_token) override { return token_.reveal(); }

 private:
  Secret token_;
};

/// Where tokens are given out; {oidc}/v1/token if the host does not say.
std::string token_endpoint(http::Client& client, const std::string& oidc, std::stop_token stop) {
  http::ClientRequest request;
  request.url = oidc + "/.well-known/oauth-authorization-server";
  request.headers.set("Accept", "application/json");
  request.timeout = k_token_timeout;
  request.stop = stop;
  const auto response = client.send(request);
  const auto answer = response && response->status < 300 ? Json::parse(response->body, 16) : Result<Json>(Json());
  const auto told = answer && answer->is_object() ? answer->get_string("token_endpoint") : std::string();
  return told.empty() ? oidc + "/v1/token" : told;
}

Result<Json> post_form(http::Client& client, const std::string& host, const std::string& endpoint,
                       const http::Query& form, const std::string& authorization, std::stop_token stop) {
  http::ClientRequest request;
  request.method = "POST";
  request.url = endpoint;
  request.headers.set("Content-Type", "application/x-www-form-urlencoded");
  request.headers.set("Accept", "application/json");
  if (!authorization.empty()) {
    request.headers.set("Authorization", authorization);
  }
  request.body = form.to_string();
  request.timeout = k_token_timeout;
  request.stop = stop;
  PIER_TRY_ASSIGN(const auto response, client.send(request));
  if (response.status >= 400) {
    auto error = api_error("POST", "/oidc/v1/token", response.status, response.body);
    error.kind = ErrorKind::unauthenticated;
    return std::move(error).with_context("signing in to " + host);
  }
  return Json::parse(response.body, 16).context("signing in to " + host);
}

/// A token that lives for a while, got again shortly before its end.
class RenewedToken : public Credentials {
 public:
  explicit RenewedToken(const Clock& clock)
      : clock_(clock) {}

  Result<std::string> token(std::stop_token stop) override {
    auto current = current_.lock();
    if (!current->has_value() || clock_.now() + k_renew_before >= (*current)->expires) {
      PIER_TRY_ASSIGN(*current, renew(stop));
    }
    return (*current)->value;
  }

 protected:
  virtual Result<std::optional<Token>> renew(std::stop_token stop) = 0;

  [[nodiscard]] Token token_of(const Json& answer) const {
    return Token{answer.get_string("access_token"),
                 clock_.now() + std::chrono::seconds(answer.get_integer("expires_in", 3600))};
  }

  [[nodiscard]] TimePoint now() const { return clock_.now(); }

 private:
  const Clock& clock_;
  Guarded<std::optional<Token>> current_;
};

class MachineToMachine final : public RenewedToken {
 public:
  MachineToMachine(const Connection& connection, http::Client& client, const Clock& clock, std::string oidc)
      : RenewedToken(clock),
        host_(connection.host),
        oidc_(std::move(oidc)),
        client_id_(connection.client_id),
        secret_(connection.client_secret),
        client_(client) {}

 private:
  Result<std::optional<Token>> renew(std::stop_token stop) override {
    http::Query form;
    form.add("grant_type", "client_credentials");
    form.add("scope", "all-apis");
    const auto basic = "Basic " + base64_encode(client_id_ + ":" + secret_.reveal());
    PIER_TRY_ASSIGN(const auto answer,
                    post_form(client_, host_, token_endpoint(client_, oidc_, stop), form, basic, stop));
    return std::optional(token_of(answer));
  }

  std::string host_;
  std::string oidc_;
  std::string client_id_;
  Secret secret_;
  http::Client& client_;
};

/// Workload identity federation: a token of the automation that runs us is exchanged for one of the workspace
/// (RFC 8693; databricks-sdk-go, config/experimental/auth/oidc).
class TokenExchange final : public RenewedToken {
 public:
  TokenExchange(const Connection& connection, http::Client& client, const Environment& env, const Clock& clock,
                std::string oidc)
      : RenewedToken(clock),
        connection_(connection),
        oidc_(std::move(oidc)),
        env_(env),
        client_(client) {}

 private:
  Result<std::optional<Token>> renew(std::stop_token stop) override {
    const auto endpoint = token_endpoint(client_, oidc_, stop);
    PIER_TRY_ASSIGN(const auto subject, id_token(endpoint, stop));
    http::Query form;
    if (!connection_.client_id.empty()) {
      form.add("client_id", connection_.client_id);
    }
    form.add("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
    form.add("scope", "all-apis");
    form.add("subject_token", subject);
    form.add("subject_token_type", "urn:ietf:params:oauth:token-type:jwt");
    PIER_TRY_ASSIGN(const auto answer, post_form(client_, connection_.host, endpoint, form, {}, stop));
    return std::optional(token_of(answer));
  }

  Result<std::string> id_token(const std::string& endpoint, std::stop_token stop) {
    const auto& source = connection_.id_token;
    if (connection_.auth == AuthKind::github_oidc) {
      return ask_github(source.audience.empty() ? endpoint : source.audience, stop);
    }
    if (connection_.auth == AuthKind::env_oidc) {
      const auto value = env_.get(source.variable);
      return value ? Result<std::string>(*value) : without_token("the variable " + source.variable + " is not set");
    }
    constexpr std::uint64_t k_max_token = 1024 * 1024;
    const auto text = read_file(source.file, k_max_token);
    if (!text || trim(*text).empty()) {
      return without_token(source.file.empty() ? "no file is named"
                           : text              ? "the file " + source.file + " is empty"
                                               : text.error().message);
    }
    return std::string(trim(*text));
  }

  /// The identity provider of a running GitHub workflow gives a token for one audience.
  Result<std::string> ask_github(const std::string& audience, std::stop_token stop) {
    const auto& source = connection_.id_token;
    if (source.request_url.empty() || source.request_token.is_empty()) {
      return without_token("this is no GitHub workflow with `permissions: id-token: write`");
    }
    http::ClientRequest request;
    request.url = source.request_url + (source.request_url.find('?') == std::string::npos ? "?" : "&") +
                  "audience=" + percent_encode(audience);
    request.headers.set("Authorization", "Bearer " + source.request_token.reveal());
    request.headers.set("Accept", "application/json");
    request.timeout = k_token_timeout;
    request.stop = stop;
    PIER_TRY_ASSIGN(const auto response, client_.send(request));
    const auto answer = response.status < 300 ? Json::parse(response.body, 8) : Result<Json>(Json());
    auto token = answer && answer->is_object() ? answer->get_string("value") : std::string();
    return token.empty() ? without_token("GitHub answers with status " + std::to_string(response.status))
                         : Result<std::string>(std::move(token));
  }

  [[nodiscard]] Error without_token(const std::string& reason) const {
    return Error{.kind = ErrorKind::unauthenticated,
                 .code = "PIER2017",
                 .message = "no identity token to sign in to " + connection_.host + " with: " + reason,
                 .hint = "give the job its token, or set DATABRICKS_TOKEN"};
  }

  Connection connection_;
  std::string oidc_;
  Environment env_;
  http::Client& client_;
};

/// Tokens of people, kept by `databricks auth login` in the plain cache file.
class CachedLogin final : public RenewedToken {
 public:
  CachedLogin(const Connection& connection, http::Client& client, const Environment& env, const Clock& clock)
      : RenewedToken(clock),
        host_(connection.host),
        key_(connection.profile.empty() ? connection.host : connection.profile),
        file_(std::filesystem::path(env.get("HOME").value_or("/")) / ".databricks" / "token-cache.json"),
        client_(client) {}

 private:
  [[nodiscard]] Error not_signed_in() const {
    return Error{.kind = ErrorKind::unauthenticated,
                 .code = "PIER2008",
                 .message = "not signed in to " + host_,
                 .hint = "set DATABRICKS_TOKEN, or `databricks auth login --host " + host_ +
                         "` with DATABRICKS_AUTH_STORAGE=plaintext"};
  }

  Result<std::optional<Token>> renew(std::stop_token stop) override {
    const auto text = read_file(file_, 4 * 1024 * 1024);
    if (!text) {
      return not_signed_in();
    }
    PIER_TRY_ASSIGN(auto cache, Json::parse(*text, 16).context("reading " + file_.string()));
    auto* tokens = cache.find("tokens");
    auto* entry = tokens == nullptr ? nullptr : tokens->find(key_);
    if (entry == nullptr && tokens != nullptr) {
      entry = tokens->find(host_);
    }
    if (entry == nullptr) {
      return not_signed_in();
    }
    const auto expiry = parse_rfc3339(entry->get_string("expiry"));
    if (expiry && now() + k_renew_before < *expiry) {
      return std::optional(Token{entry->get_string("access_token"), *expiry});
    }
    return refresh(cache, *entry, stop);
  }

  Result<std::optional<Token>> refresh(Json& cache, const Json& entry, std::stop_token stop) {
    http::Query form;
    form.add("grant_type", "refresh_token");
    form.add("refresh_token", entry.get_string("refresh_token"));
    form.add("client_id", "databricks-cli");
    auto answer = post_form(client_, host_, host_ + "/oidc/v1/token", form, {}, stop);
    if (!answer) {
      auto error = not_signed_in();
      error.message += ": " + answer.error().message;
      return error;
    }
    auto token = token_of(*answer);
    Json renewed = entry;
    renewed["access_token"] = token.value;
    renewed["expiry"] = to_rfc3339(token.expires);
    if (const auto next = answer->get_string("refresh_token"); !next.empty()) {
      renewed["refresh_token"] = next;
    }
    auto& tokens = cache["tokens"];
    for (const auto& key : {key_, host_}) {
      if (tokens.contains(key)) {
        tokens[key] = renewed;
      }
    }
    PIER_TRY(write_file_atomically(file_, cache.dump(2), Durability::fsync, 0600));
    return std::optional(std::move(token));
  }

  std::string host_;
  std::string key_;
  std::filesystem::path file_;
  http::Client& client_;
};

} // namespace

std::unique_ptr<Credentials> make_credentials(const Connection& connection, http::Client& client,
                                              const Environment& env, const Clock& clock,
                                              const std::string& oidc_endpoint) {
  const auto oidc = oidc_endpoint.empty() ? connection.host + "/oidc" : oidc_endpoint;
  switch (connection.auth) {
  case AuthKind::oauth_m2m: return std::make_unique<MachineToMachine>(connection, client, clock, oidc);
  case AuthKind::databricks_cli: return std::make_unique<CachedLogin>(connection, client, env, clock);
  case AuthKind::github_oidc:
  case AuthKind::env_oidc:
  case AuthKind::file_oidc: return std::make_unique<TokenExchange>(connection, client, env, clock, oidc);
  case AuthKind::pat: break;
  }
  return std::make_unique<StaticToken>(connection.token);
}

} // namespace pier::workspace_client
