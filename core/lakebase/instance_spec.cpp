#include "core/lakebase/instance_spec.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace pier::lakebase {
namespace {

constexpr std::array<std::string_view, 10> k_fields = {"name",
                                                       "capacity",
                                                       "node_count",
                                                       "stopped",
                                                       "enable_pg_native_login",
                                                       "enable_readable_secondaries",
                                                       "retention_window_in_days",
                                                       "parent_instance_ref",
                                                       "custom_tags",
                                                       "usage_policy_id"};

constexpr std::array<std::string_view, 12> k_computed = {
    "uid",           "creator", "creation_time",       "pg_version",      "read_write_dns", "read_write_port",
    "read_only_dns", "state",   "child_instance_refs", "purge_on_delete", "message",        "asleep"};

Error invalid(std::string message, std::string hint = {}) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "INVALID_PARAMETER_VALUE",
               .message = std::move(message),
               .hint = std::move(hint)};
}

Error unsupported(std::string message) {
  return Error{.kind = ErrorKind::unsupported, .code = "NOT_IMPLEMENTED", .message = std::move(message)};
}

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<void> check_values(const Json& spec) {
  constexpr std::array<std::string_view, 4> k_capacities = {"CU_1", "CU_2", "CU_4", "CU_8"};
  if (const auto* capacity = spec.find("capacity");
      capacity != nullptr && (!capacity->is_string() || !is_one_of(k_capacities, capacity->as_string()))) {
    return invalid("capacity is one of CU_1, CU_2, CU_4, CU_8");
  }
  if (const auto days = spec.get_integer("retention_window_in_days", 7); days < 2 || days > 35) {
    return invalid("retention_window_in_days is between 2 and 35");
  }
  if (spec.get_integer("node_count", 1) != 1 || spec.get_bool("enable_readable_secondaries")) {
    return unsupported("the local workspace has one node for each database instance");
  }
  if (spec.get_bool("enable_pg_native_login")) {
    return unsupported("the local workspace takes tokens only, no native PostgreSQL passwords");
  }
  if (spec.contains("parent_instance_ref")) {
    return unsupported("child instances are not offered by the local workspace");
  }
  PIER_TRY(idle_timeout_of(spec));
  return {};
}

} // namespace

Result<Json> check_instance_spec(const Json& sent) {
  if (!sent.is_object()) {
    return invalid("a database instance is a JSON object");
  }
  Json spec = Json::object();
  for (const auto& [name, value] : sent.as_object()) {
    if (is_one_of(k_computed, name) || name.starts_with("effective_")) {
      continue;
    }
    if (!is_one_of(k_fields, name)) {
      const std::vector<std::string> known(k_fields.begin(), k_fields.end());
      const auto near = nearest(name, known);
      return invalid("unknown field '" + name + "' of a database instance",
                     near.empty() ? "" : "did you mean " + near + "?");
    }
    spec[name] = value;
  }
  PIER_TRY(check_values(spec));
  return spec;
}

Result<Json> merge_instance_spec(const Json& current, const Json& sent, std::string_view update_mask) {
  PIER_TRY_ASSIGN(const auto changes, check_instance_spec(sent));
  Json merged = current;
  if (update_mask.empty() || update_mask == "*") {
    for (const auto& [name, value] : changes.as_object()) {
      merged[name] = value;
    }
  } else {
    for (const auto& part : split(update_mask, ',')) {
      const auto field = split(trim(part), '.').front();
      if (!is_one_of(k_fields, field)) {
        return invalid("unknown field '" + field + "' in update_mask");
      }
      if (const auto* value = changes.find(field)) {
        merged[field] = *value;
      } else {
        merged.erase(field);
      }
    }
  }
  merged["name"] = current.get_string("name"); // not renamable
  PIER_TRY(check_values(merged));
  return merged;
}

Result<std::optional<std::chrono::seconds>> idle_timeout_of(const Json& spec) {
  const auto* tags = spec.find("custom_tags");
  if (tags == nullptr || !tags->is_array()) {
    return std::optional<std::chrono::seconds>();
  }
  for (const auto& tag : tags->as_array()) {
    if (tag.get_string("key") != k_idle_timeout_tag) {
      continue;
    }
    const auto text = tag.get_string("value");
    std::int64_t seconds = 0;
    if (!text.ends_with('s') || !parse_int64(std::string_view(text).substr(0, text.size() - 1), seconds) ||
        seconds < 0 || seconds > 7 * 24 * 3600) {
      return invalid("the tag " + std::string(k_idle_timeout_tag) +
                     " is a number of seconds such as \"300s\", at most 7 days");
    }
    return std::optional(std::chrono::seconds(seconds));
  }
  return std::optional<std::chrono::seconds>();
}

Result<void> check_instance_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto allowed = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  if (name.empty() || name.size() > 63 || !letter(name.front()) || name.back() == '-' ||
      !std::all_of(name.begin(), name.end(), allowed)) {
    return invalid("'" + std::string(name) +
                   "' is no name for a database instance: 1 to 63 letters, digits and hyphens, "
                   "first a letter, no hyphen at the end");
  }
  return {};
}

} // namespace pier::lakebase
