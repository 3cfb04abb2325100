#include "core/deploy/usage_report.hpp"

#include "core/base/clock.hpp"
#include "core/base/digest.hpp"
#include "core/deploy/deployment_record.hpp"
#include "core/model/resource_key.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <numeric>
#include <optional>

namespace pier::deploy {
namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr std::string_view k_no_id = "00000000-0000-0000-0000-000000000000";
constexpr std::size_t k_most_ids = 1000;

Json number(std::size_t count) {
  return static_cast<std::int64_t>(count);
}

/// Members of a section of the configuration; none when it is absent.
std::size_t size_at(const Json& config, std::initializer_list<std::string_view> path) {
  const auto* section = config.find_path(path);
  return section == nullptr ? 0 : section->size();
}

/// The kinds that have a member of their own.
constexpr std::array k_counted = {
    "jobs",
    "pipelines",
    "models",
    "experiments",
    "model_serving_endpoints",
    "registered_models",
    "quality_monitors",
    "schemas",
    "volumes",
    "clusters",
    "dashboards",
    "apps",
};

void add_counts(const model::Bundle& bundle, Json& event) {
  std::size_t total = 0;
  if (const auto* kinds = bundle.config.find("resources"); kinds != nullptr && kinds->is_object()) {
    for (const auto& [kind, resources] : kinds->as_object()) {
      total += resources.size();
    }
  }
  event["resource_count"] = number(total);
  for (const auto* kind : k_counted) {
    event["resource_" + model::singular_of(kind) + "_count"] = number(size_at(bundle.config, {"resources", kind}));
  }
}

void add_ids(const model::Usage::Deployed& deployed, Json& event) {
  for (const auto* kind : {"jobs", "pipelines", "clusters", "dashboards"}) {
    const auto found = deployed.ids.find(kind);
    if (found == deployed.ids.end()) {
      continue;
    }
    auto ids = found->second;
    std::sort(ids.begin(), ids.end());
    ids.resize(std::min(ids.size(), k_most_ids));
    event["resource_" + model::singular_of(kind) + "_ids"] = Json::strings(ids);
  }
}

Json kind_metadata(const std::string& kind, std::size_t configured, std::vector<std::uint64_t> bytes) {
  auto entry = Json::object({{"resource_type", kind}, {"count", number(configured > 0 ? configured : bytes.size())}});
  if (!bytes.empty()) {
    std::sort(bytes.begin(), bytes.end());
    const auto sum = std::accumulate(bytes.begin(), bytes.end(), std::uint64_t{0});
    entry["state_size_max_bytes"] = number(bytes.back());
    entry["state_size_mean_bytes"] = number(sum / bytes.size());
    entry["state_size_median_bytes"] = number(bytes[(bytes.size() - 1) / 2]);
  }
  return entry;
}

/// One entry per kind, also of those that only the state still has.
Json resources_metadata(const model::Bundle& bundle, const model::Usage& usage) {
  std::map<std::string, std::vector<std::uint64_t>> kinds;
  if (usage.deployed) {
    kinds = usage.deployed->node_bytes;
  }
  if (const auto* configured = bundle.config.find("resources"); configured != nullptr && configured->is_object()) {
    for (const auto& [kind, resources] : configured->as_object()) {
      if (!resources.is_empty()) {
        kinds.try_emplace(kind);
      }
    }
  }
  auto list = Json::array();
  for (auto& [kind, bytes] : kinds) {
    list.push_back(kind_metadata(kind, size_at(bundle.config, {"resources", kind}), std::move(bytes)));
  }
  auto metadata = Json::object({{"resources", std::move(list)}});
  if (usage.deployed) {
    metadata["state_engine"] = "direct";
    metadata["state_file_size_bytes"] = number(usage.deployed->file_bytes);
  }
  return metadata;
}

/// How many files are below 256 bytes, below 512, and so on; the last of 20: 64 MiB and more.
Json size_histogram(const std::vector<std::uint64_t>& sizes) {
  constexpr std::size_t k_buckets = 20;
  constexpr int k_bits_of_first = 8;
  std::array<std::int64_t, k_buckets> counts{};
  for (const auto size : sizes) {
    const auto bucket = std::max(0, static_cast<int>(std::bit_width(size)) - k_bits_of_first);
    ++counts.at(std::min(static_cast<std::size_t>(bucket), k_buckets - 1));
  }
  return Json(Json::Array(counts.begin(), counts.end()));
}

void add_variables(const Json& config, Json& details) {
  std::size_t complex = 0;
  std::size_t looked_up = 0;
  const auto* variables = config.find("variables");
  for (const auto& [name, variable] :
       variables != nullptr && variables->is_object() ? variables->as_object() : Json::Object()) {
    const auto* value = variable.find("value");
    value = value == nullptr ? variable.find("default") : value;
    complex += value != nullptr && (value->is_object() || value->is_array()) ? 1U : 0U;
    looked_up += variable.contains("lookup") ? 1U : 0U;
  }
  details["variable_count"] = number(size_at(config, {"variables"}));
  details["complex_variable_count"] = number(complex);
  details["lookup_variable_count"] = number(looked_up);
}

std::string artifact_path_type(const std::string& path) {
  if (path.starts_with("/Volumes/")) {
    return "UC_VOLUME";
  }
  return path.starts_with("/Workspace/") ? "WORKSPACE_FILE_SYSTEM" : "TYPE_UNSPECIFIED";
}

std::string mode_name(const std::string& mode) {
  if (mode == "development") {
    return "DEVELOPMENT";
  }
  return mode == "production" ? "PRODUCTION" : "TYPE_UNSPECIFIED";
}

/// Whether the first resource of a kind that says so is to be started.
std::optional<bool> is_to_be_started(const Json& config, std::string_view kind) {
  const auto* resources = config.find_path({"resources", kind});
  for (const auto& [key, resource] :
       resources != nullptr && resources->is_object() ? resources->as_object() : Json::Object()) {
    if (const auto* started = resource.find_path({"lifecycle", "started"}); started != nullptr && started->is_bool()) {
      return started->as_bool();
    }
  }
  return std::nullopt;
}

Json answers_of(const model::Bundle& bundle, const model::Usage& usage) {
  auto list = Json::array();
  const auto add = [&](const std::string& name, bool answer) {
    list.push_back(Json::object({{"key", name}, {"value", answer}}));
  };
  for (const auto& [name, answer] : usage.answers) {
    add(name, answer);
  }
  constexpr std::array<std::pair<const char*, const char*>, 3> k_started = {{
      {"app_lifecycle_started", "apps"},
      {"cluster_lifecycle_started", "clusters"},
      {"sql_warehouse_lifecycle_started", "sql_warehouses"},
  }};
  for (const auto& [name, kind] : k_started) {
    if (const auto started = is_to_be_started(bundle.config, kind)) {
      add(name, *started);
    }
  }
  return list;
}

Json details_of(const model::Bundle& bundle, const model::Usage& usage) {
  auto details = Json::object({{"configuration_file_count", number(size_at(bundle.config, {"include"}) + 1)},
                               {"bundle_mode", mode_name(bundle.mode)},
                               {"workspace_artifact_path_type", artifact_path_type(bundle.paths.artifact_path)},
                               {"bool_values", answers_of(bundle, usage)}});
  add_variables(bundle.config, details);
  if (usage.targets) {
    details["target_count"] = number(*usage.targets);
  }
  if (usage.file_sizes) {
    details["upload_file_count"] = number(usage.file_sizes->size());
    details["upload_file_sizes"] = size_histogram(*usage.file_sizes);
  }
  for (const auto* list : {"resources", "mutators"}) {
    const auto name =
        list == std::string_view("resources") ? "python_resource_loaders_count" : "python_resource_mutators_count";
    if (const auto count = size_at(bundle.config, {"python", list}); count > 0) {
      details[name] = number(count);
    }
  }
  return details;
}

/// Nothing: it says no number of seconds.
std::optional<Milliseconds> time_limit(const Environment& env) {
  constexpr Milliseconds k_limit(3000);
  const auto text = env.get("DATABRICKS_CLI_TELEMETRY_TIMEOUT").value_or("");
  if (text.empty()) {
    return k_limit;
  }
  char* end = nullptr;
  const double seconds = std::strtod(text.c_str(), &end);
  constexpr double k_longest = 60;
  if (end != text.c_str() + text.size() || !(seconds > 0) || seconds > k_longest) {
    return std::nullopt;
  }
  return Milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

} // namespace

Json usage_event(const model::Bundle& bundle, const model::Usage& usage, const UsageSender& sender) {
  const auto* configured = bundle.config.find("bundle");
  const auto uuid = configured == nullptr ? std::string() : configured->get_string("uuid");
  auto event = Json::object({{"bundle_uuid", uuid.empty() ? std::string(k_no_id) : uuid},
                             {"resources_metadata", resources_metadata(bundle, usage)},
                             {"experimental", details_of(bundle, usage)}});
  if (const auto id = local_deployment_id(bundle); !id.empty()) {
    event["deployment_id"] = id;
  }
  add_counts(bundle, event);
  if (usage.deployed) {
    add_ids(*usage.deployed, event);
  }
  auto context = Json::object({{"version", sender.version},
                               {"command", sender.command},
                               {"operating_system", "linux"},
                               {"execution_time_ms", static_cast<std::int64_t>(sender.took.count())},
                               {"exit_code", std::int64_t{sender.exit_code}}});
  auto log = Json::object({{"execution_context", std::move(context)}, {"bundle_deploy_event", std::move(event)}});
  return Json::object(
      {{"frontend_log_event_id", random_uuid()}, {"entry", Json::object({{"databricks_cli_log", std::move(log)}})}});
}

bool is_usage_report_off(const Environment& env) {
  return !env.get("DATABRICKS_CLI_DISABLE_TELEMETRY").value_or("").empty() || !time_limit(env);
}

void send_usage_report(const Json& event, workspace_client::RestClient& client) {
  using SteadyClock = std::chrono::steady_clock;
  constexpr int k_attempts = 3;
  constexpr Milliseconds k_between(200);
  const auto end = SteadyClock::now() + time_limit(client.env()).value_or(Milliseconds(0));
  for (int attempt = 0; attempt < k_attempts; ++attempt) {
    const auto left = std::chrono::duration_cast<Milliseconds>(end - SteadyClock::now());
    if (left <= k_between || (attempt > 0 && !client.pause(k_between))) {
      return;
    }
    const auto answer = client.call({.method = "POST",
                                     .path = "/telemetry-ext",
                                     .query = {},
                                     .json = Json::object({{"uploadTime", to_epoch_millis(SystemClock().now())},
                                                           {"items", Json::array()},
                                                           {"protoLogs", Json::strings({event.dump()})}}),
                                     .body = {},
                                     .body_file = {},
                                     .download_to = {},
                                     .timeout = left,
                                     .once = true});
    const bool refused = !answer && (answer.error().answer == nullptr || answer.error().answer->status < 500);
    if (refused || (answer && answer->get_integer("numProtoSuccess") > 0)) {
      return;
    }
  }
}

} // namespace pier::deploy
