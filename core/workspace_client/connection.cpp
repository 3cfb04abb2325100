#include "core/workspace_client/connection.hpp"

#include "core/base/text.hpp"
#include "core/workspace_client/config_file.hpp"
#include "core/workspace_client/sign_in_attributes.hpp"

#include <algorithm>

namespace pier::workspace_client {
namespace {

Result<Attributes> profile_attributes(const ConfigFile& file, const std::string& profile, const Environment& env) {
  if (const auto* found = file.find(profile)) {
    return *found;
  }
  const auto near = nearest(profile, file.order);
  return Error{.kind = ErrorKind::not_found,
               .code = "PIER2002",
               .message = config_file_path(env).string() + " has no " + profile + " profile configured",
               .hint = near.empty() ? "name another profile with --profile, or `databricks auth login`"
                                    : "did you mean '" + near + "'?"};
}

std::vector<std::string> profiles_of_host(const ConfigFile& file, const std::string& host) {
  std::vector<std::string> matches;
  std::copy_if(file.order.begin(), file.order.end(), std::back_inserter(matches),
               [&](const std::string& name) { return canonical_host(value_of(*file.find(name), "host")) == host; });
  return matches;
}

/// Not one of an account only.
bool is_of_workspace(const ConfigFile::Attributes& attributes) {
  const auto id = value_of(attributes, "workspace_id");
  return (!id.empty() && id != "none") || value_of(attributes, "account_id").empty();
}

/// The profile whose host is the bundle's; empty when none has it. A workspace id tells several apart.
Result<std::string> profile_of_host(const ConfigFile& file, const std::string& host, const std::string& workspace_id) {
  auto matches = profiles_of_host(file, host);
  if (matches.size() > 1 && !workspace_id.empty()) {
    auto narrowed = matches;
    std::erase_if(narrowed,
                  [&](const std::string& name) { return value_of(*file.find(name), "workspace_id") != workspace_id; });
    matches = narrowed.empty() ? matches : narrowed;
  }
  if (matches.size() > 1) {
    const auto of_workspace = [&](const std::string& name) { return is_of_workspace(*file.find(name)); };
    if (std::count_if(matches.begin(), matches.end(), of_workspace) == 1) {
      return *std::find_if(matches.begin(), matches.end(), of_workspace);
    }
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER2003",
                 .message = host + ": multiple profiles matched: " + join(matches, ", ") +
                            ": please set DATABRICKS_CONFIG_PROFILE or provide --profile flag to specify one",
                 .hint = "set workspace.profile of the target, or give --profile"};
  }
  return matches.empty() ? std::string() : matches.front();
}

/// A profile that was named must not lead elsewhere than the target says.
Result<void> check_host(const ConfigFile& file, const std::string& profile, const std::string& host) {
  const auto* attributes = file.find(profile);
  const auto other = attributes == nullptr ? std::string() : canonical_host(value_of(*attributes, "host"));
  if (host.empty() || other.empty() || other == host) {
    return {};
  }
  Error error{.kind = ErrorKind::invalid_argument,
              .code = "PIER2018",
              .message = "the host in the profile (" + other + ") doesn’t match the host configured in the bundle (" +
                         host + ")",
              .hint = "name a profile of that host, or none"};
  if (const auto right = profiles_of_host(file, host); right.size() == 1) {
    error.message += ". The profile \"" + right.front() + "\" has host=\"" + host +
                     "\" that matches host in the bundle. To select it, pass \"-p " + right.front() + "\"";
  }
  return error;
}

/// What the target itself says.
Attributes bundle_attributes(const model::WorkspaceSettings& bundle) {
  Attributes said{{"host", canonical_host(bundle.host)},
                  {"auth_type", bundle.auth_type},
                  {"client_id", bundle.client_id},
                  {"workspace_id", bundle.workspace_id}};
  std::erase_if(said, [](const auto& attribute) { return attribute.second.empty(); });
  return said;
}

/// A profile that was named wins over the environment, which fills what is open: no second way to sign in, and
/// nothing that would lead the profile elsewhere.
void fill(Attributes& attributes, const Attributes& environment) {
  const bool complete = has_credential(attributes);
  for (const auto& [name, value] : environment) {
    const bool steers = name == "auth_type" || name == "workspace_id" || name == "audience";
    if (!steers && !(complete && is_for_sign_in(name))) {
      attributes.emplace(name, value);
    }
  }
}

struct Choice {
  std::string profile;
  bool named = false; ///< by -p or the target, not by a variable
};

Result<Choice> choose_profile(const ConnectionRequest& request, const ConfigFile& file, const Attributes& environment,
                              const Environment& env) {
  const auto& said = request.profile.empty() ? request.bundle.profile : request.profile;
  if (!said.empty()) {
    return Choice{said, true};
  }
  if (auto variable = env.get("DATABRICKS_CONFIG_PROFILE")) {
    return Choice{*std::move(variable)};
  }
  const auto own = bundle_attributes(request.bundle);
  const auto host = own.contains("host") ? value_of(own, "host") : canonical_host(value_of(environment, "host"));
  if (host.empty()) {
    const auto* standard = file.find("DEFAULT");
    const bool usable =
        request.as_official && standard != nullptr && standard->contains("host") && !names_sign_in(environment);
    return Choice{usable ? "DEFAULT" : ""};
  }
  if (names_sign_in(environment) || names_sign_in(own)) {
    return Choice{};
  }
  PIER_TRY_ASSIGN(auto match, profile_of_host(file, host, request.bundle.workspace_id));
  return Choice{std::move(match)};
}

} // namespace

std::string Connection::describe() const {
  return host + " (" + (profile.empty() ? "" : "profile " + profile + ", ") + std::string(auth_kind_name(auth)) + ")";
}

std::string default_profile(const Environment& env) {
  const auto file = ConfigFile::load(config_file_path(env));
  const auto name = file ? value_of(file->settings, "default_profile") : std::string();
  return name == "__settings__" ? std::string() : name;
}

Result<std::optional<Connection>> choose_workspace(const ConnectionRequest& request, const Environment& env) {
  if (request.local) {
    return std::optional<Connection>();
  }
  const auto environment = environment_attributes(env);
  PIER_TRY_ASSIGN(const auto file, ConfigFile::load(config_file_path(env)));
  PIER_TRY_ASSIGN(auto choice, choose_profile(request, file, environment, env));
  auto attributes = bundle_attributes(request.bundle);
  if (choice.profile.empty() && !attributes.contains("host") && !environment.contains("host")) {
    return std::optional<Connection>();
  }
  PIER_TRY(choice.named ? check_host(file, choice.profile, value_of(attributes, "host")) : Result<void>());
  Attributes of_profile;
  // Without any configuration file, as on a build machine, the environment must do.
  const bool environment_suffices = file.order.empty() && has_credential(environment);
  if (!choice.profile.empty() && !environment_suffices) {
    PIER_TRY_ASSIGN(of_profile, profile_attributes(file, choice.profile, env));
  }
  if (choice.named) {
    attributes.insert(of_profile.begin(), of_profile.end());
    fill(attributes, environment);
  } else {
    attributes.insert(environment.begin(), environment.end());
    attributes.insert(of_profile.begin(), of_profile.end());
  }
  if (request.as_official) { // databricks cli, bundle/config/workspace.go
    attributes.emplace("http_timeout_seconds", "90");
    attributes.emplace("retry_timeout_seconds", "900");
  }
  PIER_TRY_ASSIGN(auto connection, make_connection(attributes, choice.profile, env));
  std::int64_t limit = 0;
  if (parse_int64(env.get("DATABRICKS_BUNDLE_HTTP_TIMEOUT_SECONDS").value_or(""), limit) && limit > 0) {
    connection.http_timeout = std::chrono::seconds(limit);
  }
  return std::optional(std::move(connection));
}

} // namespace pier::workspace_client
