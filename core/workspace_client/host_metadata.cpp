#include "core/workspace_client/host_metadata.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace pier::workspace_client {
namespace {

namespace fs = std::filesystem;

constexpr auto k_timeout = std::chrono::seconds(30);
constexpr auto k_good_for = std::chrono::hours(1);
constexpr auto k_refusal_good_for = std::chrono::seconds(60);
constexpr std::uint64_t k_max_answer = 64ULL * 1024;
constexpr std::string_view k_cache_version = "1.13.0"; // of the official CLI that has this format

/// Answers of hosts, one file each; their age is that of the file.
class Cache {
 public:
  Cache(const Environment& env, const std::string& host, const Clock& clock)
      : clock_(clock),
        file_(hex_encode(sha256(Json::object({{"host", host}}).dump())) + ".json") {
    const auto switched = to_lower(env.get("DATABRICKS_CACHE_ENABLED").value_or(""));
    constexpr std::array k_off = {"false", "0", "no", "off", "n", "f"};
    if (std::find(k_off.begin(), k_off.end(), switched) != k_off.end()) {
      return;
    }
    const auto home = env.get("HOME").value_or("");
    const auto folder = env.get("XDG_CACHE_HOME").value_or(home.empty() ? "" : home + "/.cache");
    if (const auto chosen = env.get("DATABRICKS_CACHE_DIR")) {
      root_ = fs::path(*chosen) / k_cache_version;
    } else if (!folder.empty()) {
      root_ = fs::path(folder) / "databricks" / k_cache_version;
    }
  }

  [[nodiscard]] std::optional<std::string> read(const char* kind, std::chrono::seconds good_for) const {
    std::error_code error;
    const auto path = root_ / kind / file_;
    const auto written = root_.empty() ? fs::file_time_type() : fs::last_write_time(path, error);
    if (root_.empty() || error || std::chrono::file_clock::to_sys(written) + good_for < clock_.now()) {
      return std::nullopt;
    }
    auto text = read_file(path, k_max_answer);
    return text ? std::optional(*std::move(text)) : std::nullopt;
  }

  /// Without a place to write to, everything is asked each time.
  void write(const char* kind, const std::string& text) const {
    if (!root_.empty() && make_directories(root_ / kind, 0700)) {
      [[maybe_unused]] const auto ignored = write_file_atomically(root_ / kind / file_, text, Durability::none);
    }
  }

 private:
  const Clock& clock_;
  fs::path root_; ///< empty: nothing is kept
  std::string file_;
};

std::optional<HostMetadata> parse(const std::string& text) {
  const auto json = Json::parse(text, 8);
  if (!json || !json->is_object()) {
    return std::nullopt;
  }
  return HostMetadata{json->get_string("workspace_id"), json->get_string("oidc_endpoint")};
}

} // namespace

std::optional<HostMetadata> find_host_metadata(http::Client& client, const std::string& host, const Environment& env,
                                               const Clock& clock, std::stop_token stop) {
  const Cache cache(env, host, clock);
  if (const auto known = cache.read("host-metadata", k_good_for)) {
    return parse(*known);
  }
  if (cache.read("host-metadata-negative", k_refusal_good_for)) {
    return std::nullopt;
  }
  http::ClientRequest request;
  request.url = host + "/.well-known/databricks-config";
  request.headers.set("Accept", "application/json");
  request.timeout = k_timeout;
  request.stop = stop;
  const auto response = client.send(request);
  if (!response) {
    return std::nullopt; // the first real request tells
  }
  auto found = response->status < 300 ? parse(response->body) : std::nullopt;
  if (found) {
    cache.write("host-metadata", response->body);
  } else {
    cache.write("host-metadata-negative", R"({"error":true})");
  }
  return found;
}

} // namespace pier::workspace_client
