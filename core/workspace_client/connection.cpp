#include "core/workspace_client/connection.hpp"

#include "core/base/text.hpp"
#include "core/workspace_client/config_file.hpp"

#include <algorithm>
#include <array>

namespace pier::workspace_client {
namespace {

using Attributes = ConfigFile::Attributes;

struct AttributeName {
  std::string_view name;
  std::string_view variable;
};

constexpr std::array k_attributes = {
    AttributeName{"host", "DATABRICKS_HOST"},
    AttributeName{"token", "DATABRICKS_TOKEN"},
    AttributeName{"client_id", "DATABRICKS_CLIENT_ID"},
    AttributeName{"client_secret", "DATABRICKS_CLIENT_SECRET"},
    AttributeName{"auth_type", "DATABRICKS_AUTH_TYPE"},
    AttributeName{"workspace_id", "DATABRICKS_WORKSPACE_ID"},
    AttributeName{"rate_limit", "DATABRICKS_RATE_LIMIT"},
    AttributeName{"http_timeout_seconds", "DATABRICKS_HTTP_TIMEOUT_SECONDS"},
    AttributeName{"retry_timeout_seconds", "DATABRICKS_RETRY_TIMEOUT_SECONDS"},
    AttributeName{"skip_verify", "DATABRICKS_SKIP_VERIFY"},
};

Attributes environment_attributes(const Environment& env) {
  Attributes found;
  for (const auto& attribute : k_attributes) {
    if (const auto value = env.get(attribute.variable)) {
      found.emplace(attribute.name, *value);
    }
  }
  return found;
}

bool has_credential(const Attributes& attributes) {
  return attributes.contains("token") || (attributes.contains("client_id") && attributes.contains("client_secret"));
}

std::string value_of(const Attributes& attributes, std::string_view name) {
  const auto it = attributes.find(name);
  return it == attributes.end() ? std::string() : it->second;
}

Result<Attributes> profile_attributes(const ConfigFile& file, const std::string& profile, const Environment& env) {
  if (const auto* found = file.find(profile)) {
    return *found;
  }
  const auto near = nearest(profile, file.order);
  return Error{.kind = ErrorKind::not_found,
               .code = "PIER2002",
               .message = "profile '" + profile + "' is not in " + config_file_path(env).string(),
               .hint = near.empty() ? "name another profile with --profile, or `pier auth login`"
                                    : "did you mean '" + near + "'?"};
}

/// The profile whose host is the bundle's; nothing when none has it.
Result<std::optional<std::string>> profile_of_host(const ConfigFile& file, const std::string& host) {
  std::vector<std::string> matches;
  for (const auto& name : file.order) {
    if (canonical_host(value_of(*file.find(name), "host")) == host) {
      matches.push_back(name);
    }
  }
  if (matches.size() > 1) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER2003",
                 .message = "several profiles match the host " + host + ": " + join(matches, ", "),
                 .hint = "set workspace.profile of the target, or give --profile"};
  }
  return matches.empty() ? std::optional<std::string>() : std::optional(matches.front());
}

std::chrono::seconds seconds_of(const Attributes& attributes, std::string_view name, std::int64_t fallback) {
  std::int64_t value = fallback;
  const bool valid = parse_int64(value_of(attributes, name), value) && value > 0;
  return std::chrono::seconds(valid ? value : fallback);
}

Result<AuthKind> auth_kind(const Attributes& attributes) {
  const auto type = value_of(attributes, "auth_type");
  const bool pat = attributes.contains("token");
  const bool m2m = attributes.contains("client_id") && attributes.contains("client_secret");
  if (type == "pat" || (type.empty() && pat && !m2m)) {
    return AuthKind::pat;
  }
  if (type == "oauth-m2m" || (type.empty() && m2m && !pat)) {
    return AuthKind::oauth_m2m;
  }
  if (type.empty() && pat && m2m) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER2004",
                 .message = "more than one way to sign in is configured: token, and client_id with client_secret",
                 .hint = "remove one, or set auth_type (DATABRICKS_AUTH_TYPE)"};
  }
  if (type == "databricks-cli" || type.empty()) {
    return AuthKind::databricks_cli;
  }
  return Error{.kind = ErrorKind::unsupported,
               .code = "PIER2005",
               .message = "auth_type '" + type + "' is not supported",
               .hint = "use pat, oauth-m2m or databricks-cli"};
}

Result<Connection> make_connection(const Attributes& attributes, std::string profile) {
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
  PIER_TRY_ASSIGN(connection.auth, auth_kind(attributes));
  connection.token = Secret(value_of(attributes, "token"));
  connection.client_id = value_of(attributes, "client_id");
  connection.client_secret = Secret(value_of(attributes, "client_secret"));
  std::int64_t rate = 0;
  if (parse_int64(value_of(attributes, "rate_limit"), rate) && rate > 0) {
    connection.requests_per_second = static_cast<double>(rate);
  }
  connection.http_timeout = seconds_of(attributes, "http_timeout_seconds", 60);
  connection.retry_timeout = seconds_of(attributes, "retry_timeout_seconds", 300);
  connection.verify_tls = value_of(attributes, "skip_verify") != "true";
  if (connection.auth == AuthKind::pat && connection.token.is_empty()) {
    return Error{.kind = ErrorKind::unauthenticated,
                 .code = "PIER2007",
                 .message = "no token is configured for " + connection.host,
                 .hint = "set DATABRICKS_TOKEN, or name a profile with --profile"};
  }
  return connection;
}

} // namespace

std::string Connection::describe() const {
  constexpr std::array k_names = {"pat", "oauth-m2m", "databricks-cli"};
  const std::string kind = k_names[static_cast<std::size_t>(auth)];
  return host + " (" + (profile.empty() ? "" : "profile " + profile + ", ") + kind + ")";
}

Result<std::optional<Connection>> choose_workspace(const ConnectionRequest& request, const Environment& env) {
  if (request.local) {
    return std::optional<Connection>();
  }
  const auto environment = environment_attributes(env);
  PIER_TRY_ASSIGN(const auto file, ConfigFile::load(config_file_path(env)));
  const auto bundle_host = canonical_host(request.bundle_host);
  Attributes attributes;
  std::string profile = !request.profile.empty() ? request.profile : request.bundle_profile;
  const bool named = !profile.empty();
  const bool from_target = !bundle_host.empty() && request.profile.empty();
  if (!named) {
    profile = env.get("DATABRICKS_CONFIG_PROFILE").value_or("");
  }
  if (profile.empty() && bundle_host.empty() && !environment.contains("host")) {
    return std::optional<Connection>();
  }
  if (profile.empty() && !has_credential(environment)) {
    const auto host = bundle_host.empty() ? canonical_host(value_of(environment, "host")) : bundle_host;
    PIER_TRY_ASSIGN(const auto match, profile_of_host(file, host));
    profile = match.value_or("");
  }
  // Without any configuration file, as on a build machine, the environment must do.
  const bool environment_suffices = file.order.empty() && has_credential(environment);
  if (!profile.empty() && !environment_suffices) {
    PIER_TRY_ASSIGN(attributes, profile_attributes(file, profile, env));
  }
  // A profile that was named wins; otherwise the environment does.
  for (const auto& [name, value] : environment) {
    const bool keep = named && (attributes.contains(name) || (has_credential(attributes) && name != "rate_limit"));
    if (!keep) {
      attributes.insert_or_assign(name, value);
    }
  }
  if (from_target) {
    attributes.insert_or_assign("host", bundle_host);
  }
  PIER_TRY_ASSIGN(auto connection, make_connection(attributes, profile));
  std::int64_t limit = 0;
  if (parse_int64(env.get("DATABRICKS_BUNDLE_HTTP_TIMEOUT_SECONDS").value_or(""), limit) && limit > 0) {
    connection.http_timeout = std::chrono::seconds(limit);
  }
  return std::optional(std::move(connection));
}

} // namespace pier::workspace_client
