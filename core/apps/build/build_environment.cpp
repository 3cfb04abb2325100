#include "core/apps/build/build_environment.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace pier::apps {
namespace {

constexpr std::array<std::string_view, 22> k_names = {"PATH",
                                                      "HOME",
                                                      "USER",
                                                      "LOGNAME",
                                                      "LANG",
                                                      "TZ",
                                                      "TMPDIR",
                                                      "XDG_CACHE_HOME",
                                                      "XDG_CONFIG_HOME",
                                                      "XDG_DATA_HOME",
                                                      "HTTP_PROXY",
                                                      "HTTPS_PROXY",
                                                      "NO_PROXY",
                                                      "ALL_PROXY",
                                                      "http_proxy",
                                                      "https_proxy",
                                                      "no_proxy",
                                                      "all_proxy",
                                                      "SSL_CERT_FILE",
                                                      "SSL_CERT_DIR",
                                                      "REQUESTS_CA_BUNDLE",
                                                      "NODE_EXTRA_CA_CERTS"};
constexpr std::array<std::string_view, 6> k_prefixes = {"LC_", "PIP_", "UV_", "NPM_CONFIG_", "npm_config_", "PNPM_"};

} // namespace

Environment build_environment(const Environment& daemon) {
  Environment result;
  for (const auto& [name, value] : daemon.all()) {
    const bool named = std::find(k_names.begin(), k_names.end(), name) != k_names.end();
    const bool prefixed = std::any_of(k_prefixes.begin(), k_prefixes.end(),
                                      [&](std::string_view prefix) { return name.starts_with(prefix); });
    if (named || prefixed) {
      result.set(name, value);
    }
  }
  if (!result.has("PATH")) {
    result.set("PATH", "/usr/local/bin:/usr/bin:/bin");
  }
  result.set("PIP_DISABLE_PIP_VERSION_CHECK", "1");
  result.set("PIP_NO_INPUT", "1");
  result.set("PIP_PROGRESS_BAR", "off");
  result.set("PIP_ROOT_USER_ACTION", "ignore");
  result.set("npm_config_fund", "false");
  result.set("npm_config_audit", "false");
  result.set("npm_config_update_notifier", "false");
  result.set("CI", "1");
  result.set("NO_COLOR", "1");
  return result;
}

} // namespace pier::apps
