#pragma once

#include "core/base/clock.hpp"
#include "core/base/environment.hpp"
#include "core/http/client.hpp"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace pier::workspace_client {

/// Hears of a flaw that stops nothing.
using Remark = std::function<void(const std::string& text)>;

/// What a host tells about itself, without signing in, at /.well-known/databricks-config.
struct HostMetadata {
  std::string workspace_id;
  std::string oidc_endpoint; ///< "https://host/oidc"

  bool operator==(const HostMetadata&) const = default;
};

/// Asks the host, or takes the answer of the last hour from the cache that the official tools share
/// (DATABRICKS_CACHE_DIR, DATABRICKS_CACHE_ENABLED). Nothing if it does not say or cannot be reached; that is remarked,
/// and not asked again for a minute.
std::optional<HostMetadata> find_host_metadata(http::Client& client, const std::string& host, const Environment& env,
                                               const Clock& clock, std::stop_token stop, const Remark& remark = {});

} // namespace pier::workspace_client
