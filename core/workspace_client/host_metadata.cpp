#include "core/workspace_client/host_metadata.hpp"

#include "core/base/json.hpp"
#include "core/workspace_client/shared_cache.hpp"

#include <chrono>

namespace pier::workspace_client {
namespace {

constexpr auto k_timeout = std::chrono::seconds(30);
constexpr auto k_good_for = std::chrono::hours(1);
constexpr auto k_refusal_good_for = std::chrono::seconds(60);

std::optional<HostMetadata> parse(const std::string& text) {
  const auto json = Json::parse(text, 8);
  if (!json || !json->is_object()) {
    return std::nullopt;
  }
  return HostMetadata{json->get_string("workspace_id"), json->get_string("oidc_endpoint")};
}

} // namespace

std::optional<HostMetadata> find_host_metadata(http::Client& client, const std::string& host, const Environment& env,
                                               const Clock& clock, std::stop_token stop, const Remark& remark) {
  const SharedCache cache(env, clock);
  const auto question = Json::object({{"host", host}}).dump();
  if (const auto known = cache.read("host-metadata", question, k_good_for)) {
    return parse(*known);
  }
  if (cache.read("host-metadata-negative", question, k_refusal_good_for)) {
    return std::nullopt;
  }
  http::ClientRequest request;
  request.url = host + "/.well-known/databricks-config";
  request.headers.set("Accept", "application/json");
  request.timeout = k_timeout;
  request.stop = stop;
  const auto response = client.send(request);
  if (stop.stop_requested() || (!response && response.error().code == "PIER0332")) {
    return std::nullopt; // says nothing of the host
  }
  auto found = response && response->status < 300 ? parse(response->body) : std::nullopt;
  if (found) {
    cache.write("host-metadata", question, response->body);
    return found;
  }
  cache.write("host-metadata-negative", question, R"({"error":true})");
  if (remark) {
    remark("[hostmetadata] failed to fetch host metadata for " + host + ", will skip for 1m0s");
  }
  return std::nullopt;
}

} // namespace pier::workspace_client
