#include "core/workspace_client/sign_in_attributes.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace pier::workspace_client {
namespace {

struct AttributeSpec {
  std::string_view name;
  std::string_view variable;
  std::string_view group{}; ///< the way to sign in that it belongs to; empty: none
};

/// Of databricks-sdk-go, config/config.go.
constexpr std::array k_attributes = {
    AttributeSpec{"host", "DATABRICKS_HOST"},
    AttributeSpec{"token", "DATABRICKS_TOKEN", "pat"},
    AttributeSpec{"username", "DATABRICKS_USERNAME", "basic"},
    AttributeSpec{"password", "DATABRICKS_PASSWORD", "basic"},
    AttributeSpec{"client_id", "DATABRICKS_CLIENT_ID", "oauth"},
    AttributeSpec{"client_secret", "DATABRICKS_CLIENT_SECRET", "oauth"},
    AttributeSpec{"azure_workspace_resource_id", "DATABRICKS_AZURE_RESOURCE_ID", "azure"},
    AttributeSpec{"azure_use_msi", "ARM_USE_MSI", "azure"},
    AttributeSpec{"azure_client_id", "ARM_CLIENT_ID", "azure"},
    AttributeSpec{"azure_client_secret", "ARM_CLIENT_SECRET", "azure"},
    AttributeSpec{"azure_tenant_id", "ARM_TENANT_ID", "azure"},
    AttributeSpec{"google_service_account", "DATABRICKS_GOOGLE_SERVICE_ACCOUNT", "google"},
    AttributeSpec{"google_credentials", "GOOGLE_CREDENTIALS", "google"},
    AttributeSpec{"metadata_service_url", "DATABRICKS_METADATA_SERVICE_URL", "metadata-service"},
    AttributeSpec{"oidc_token_env", "DATABRICKS_OIDC_TOKEN_ENV", "env-oidc"},
    AttributeSpec{"databricks_id_token_filepath", "DATABRICKS_OIDC_TOKEN_FILEPATH", "file-oidc"},
    AttributeSpec{"actions_id_token_request_url", "ACTIONS_ID_TOKEN_REQUEST_URL"},
    AttributeSpec{"actions_id_token_request_token", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"},
    AttributeSpec{"audience", "DATABRICKS_TOKEN_AUDIENCE"},
    AttributeSpec{"auth_type", "DATABRICKS_AUTH_TYPE"},
    AttributeSpec{"workspace_id", "DATABRICKS_WORKSPACE_ID"},
    AttributeSpec{"rate_limit", "DATABRICKS_RATE_LIMIT"},
    AttributeSpec{"http_timeout_seconds", "DATABRICKS_HTTP_TIMEOUT_SECONDS"},
    AttributeSpec{"retry_timeout_seconds", "DATABRICKS_RETRY_TIMEOUT_SECONDS"},
    AttributeSpec{"skip_verify", "DATABRICKS_SKIP_VERIFY"},
};

/// In the order of AuthKind.
constexpr std::array k_kinds = {"pat", "oauth-m2m", "databricks-cli", "github-oidc", "env-oidc", "file-oidc"};

/// Where the token of an automation is when nothing else is said.
constexpr std::string_view k_id_token_variable = "DATABRICKS_OIDC_TOKEN";

std::set<std::string_view> groups_of(const Attributes& attributes) {
  std::set<std::string_view> groups;
  for (const auto& spec : k_attributes) {
    if (!spec.group.empty() && attributes.contains(spec.name)) {
      groups.insert(spec.group);
    }
  }
  return groups;
}

bool has_both(const Attributes& attributes, std::string_view one, std::string_view other) {
  return attributes.contains(one) && attributes.contains(other);
}

/// What the attributes suffice for, in the order of the SDK; people's own sign-in is what is left.
AuthKind suggested_kind(const Attributes& attributes, const Environment& env) {
  if (attributes.contains("token")) {
    return AuthKind::pat;
  }
  if (has_both(attributes, "client_id", "client_secret")) {
    return AuthKind::oauth_m2m;
  }
  if (has_both(attributes, "actions_id_token_request_url", "actions_id_token_request_token")) {
    return AuthKind::github_oidc;
  }
  if (env.has(attributes.contains("oidc_token_env") ? value_of(attributes, "oidc_token_env") : k_id_token_variable)) {
    return AuthKind::env_oidc;
  }
  return attributes.contains("databricks_id_token_filepath") ? AuthKind::file_oidc : AuthKind::databricks_cli;
}

Error not_supported(const std::string& type) {
  return Error{.kind = ErrorKind::unsupported,
               .code = "PIER2005",
               .message = "auth_type '" + type + "' is not supported",
               .hint = "use one of pat, oauth-m2m, databricks-cli, github-oidc, env-oidc, file-oidc"};
}

Result<AuthKind> auth_kind(const Attributes& attributes, const Environment& env) {
  if (const auto type = value_of(attributes, "auth_type"); !type.empty()) {
    const auto* known = std::find(k_kinds.begin(), k_kinds.end(), type);
    return known == k_kinds.end() ? Result<AuthKind>(not_supported(type))
                                  : Result<AuthKind>(static_cast<AuthKind>(known - k_kinds.begin()));
  }
  const auto groups = groups_of(attributes);
  if (groups.size() > 1) {
    const std::vector<std::string> names(groups.begin(), groups.end());
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER2004",
                 .message = "more than one authorization method configured: " + join(names, " and "),
                 .hint = "remove one, or set auth_type (DATABRICKS_AUTH_TYPE)"};
  }
  for (const std::string_view foreign : {"basic", "azure", "google", "metadata-service"}) {
    if (groups.contains(foreign)) {
      return not_supported(std::string(foreign));
    }
  }
  return suggested_kind(attributes, env);
}

std::chrono::seconds seconds_of(const Attributes& attributes, std::string_view name, std::chrono::seconds fallback) {
  std::int64_t value = 0;
  const bool valid = parse_int64(value_of(attributes, name), value) && value > 0;
  return valid ? std::chrono::seconds(value) : fallback;
}

IdTokenSource id_token_source(const Attributes& attributes) {
  return {.variable = attributes.contains("oidc_token_env") ? value_of(attributes, "oidc_token_env")
                                                            : std::string(k_id_token_variable),
          .file = value_of(attributes, "databricks_id_token_filepath"),
          .request_url = value_of(attributes, "actions_id_token_request_url"),
          .request_token = Secret(value_of(attributes, "actions_id_token_request_token")),
          .audience = value_of(attributes, "audience")};
}

} // namespace

std::string_view auth_kind_name(AuthKind kind) {
  return k_kinds[static_cast<std::size_t>(kind)];
}

std::string value_of(const Attributes& attributes, std::string_view name) {
  const auto it = attributes.find(name);
  return it == attributes.end() ? std::string() : it->second;
}

Attributes environment_attributes(const Environment& env) {
  Attributes found;
  for (const auto& spec : k_attributes) {
    if (const auto value = env.get(spec.variable)) {
      found.emplace(spec.name, *value);
    }
  }
  return found;
}

bool is_for_sign_in(std::string_view name) {
  return std::any_of(k_attributes.begin(), k_attributes.end(),
                     [&](const AttributeSpec& spec) { return spec.name == name && !spec.group.empty(); });
}

bool names_sign_in(const Attributes& attributes) {
  return attributes.contains("auth_type") || !groups_of(attributes).empty();
}

bool has_credential(const Attributes& attributes) {
  return attributes.contains("token") || has_both(attributes, "client_id", "client_secret");
}

Result<Connection> make_connection(const Attributes& attributes, std::string profile, const Environment& env) {
  Connection connection;
  connection.host = canonical_host(value_of(attributes, "host"));
  if (connection.host.empty()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER2006",
                 .message = "no host is configured" + (profile.empty() ? "" : " in profile '" + profile + "'"),
                 .hint = "set DATABRICKS_HOST, workspace.host of the target, or --local"};
  }
  connection.profile = std::move(profile);
  connection.workspace_id = value_of(attributes, "workspace_id");
  PIER_TRY_ASSIGN(connection.auth, auth_kind(attributes, env));
  connection.token = Secret(value_of(attributes, "token"));
  connection.client_id = value_of(attributes, "client_id");
  connection.client_secret = Secret(value_of(attributes, "client_secret"));
  connection.id_token = id_token_source(attributes);
  std::int64_t rate = 0;
  if (parse_int64(value_of(attributes, "rate_limit"), rate) && rate > 0) {
    connection.requests_per_second = static_cast<double>(rate);
  }
  connection.http_timeout = seconds_of(attributes, "http_timeout_seconds", connection.http_timeout);
  connection.retry_timeout = seconds_of(attributes, "retry_timeout_seconds", connection.retry_timeout);
  connection.verify_tls = value_of(attributes, "skip_verify") != "true";
  if (connection.auth == AuthKind::pat && connection.token.is_empty()) {
    return Error{.kind = ErrorKind::unauthenticated,
                 .code = "PIER2007",
                 .message = "no token is configured for " + connection.host,
                 .hint = "set DATABRICKS_TOKEN, or name a profile with --profile"};
  }
  return connection;
}

} // namespace pier::workspace_client
