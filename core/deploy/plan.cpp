#include "core/deploy/plan.hpp"

#include "core/base/json_syntax.hpp"
#include "core/base/member_order.hpp"
#include "core/base/text.hpp"
#include "core/deploy/kind.hpp"
#include "core/deploy/redact.hpp"
#include "core/deploy/references.hpp"
#include "core/deploy/typed_state.hpp"
#include "core/deploy/version.hpp"

#include <algorithm>
#include <deque>
#include <set>

namespace pier::deploy {
namespace {

constexpr std::int64_t k_plan_version = 2;
constexpr std::string_view k_prefix = "resources.";

Json change_to_json(const std::optional<model::Field>& shape, const std::string& path, const FieldChange& change) {
  const auto place = FieldPath::parse(path);
  auto json = Json::object({{"action", std::string(to_string(change.action))}});
  if (!change.reason.empty()) {
    json["reason"] = change.reason;
  }
  const std::pair<const char*, const Json*> values[] = {
      {"old", &change.before}, {"new", &change.after}, {"remote", &change.remote}};
  for (const auto& [name, value] : values) {
    if (!value->is_null()) {
      json[name] = written_at(shape, place, *value);
    }
  }
  return json;
}

FieldChange change_from_json(const Json& json) {
  FieldChange change;
  change.action = parse_action(json.get_string("action")).value_or(Action::undefined);
  change.reason = json.get_string("reason");
  const std::pair<const char*, Json*> values[] = {
      {"old", &change.before}, {"new", &change.after}, {"remote", &change.remote}};
  for (const auto& [name, value] : values) {
    if (const auto* found = json.find(name)) {
      *value = *found;
    }
  }
  return change;
}

bool is_sensitive(const Kind* kind, const std::string& field) {
  return kind != nullptr &&
         std::find(kind->sensitive_fields.begin(), kind->sensitive_fields.end(), field) != kind->sensitive_fields.end();
}

Json redacted(const Kind* kind, Json value) {
  if (kind != nullptr) {
    for (const auto& field : kind->sensitive_fields) {
      if (auto* found = value.find(field); found != nullptr) {
        *found = k_redacted;
      }
    }
  }
  return value;
}

FieldChange redacted(FieldChange change) {
  for (auto* value : {&change.before, &change.after, &change.remote}) {
    if (!is_empty_value(*value)) {
      *value = k_redacted;
    }
  }
  return change;
}

/// The state with its unresolved references listed beside it.
Json desired_to_json(const Kind* kind, const Json& desired) {
  auto vars = Json::object();
  for (const auto& reference : find_reference_texts(desired)) {
    vars[reference.place.to_string()] = reference.text;
  }
  auto value = redacted(kind, kind == nullptr ? desired : written_state(kind->rules.shape, desired));
  auto json = Json::object({{"value", kind == nullptr ? std::move(value) : kind->with_placeholders(std::move(value))}});
  if (!vars.is_empty()) {
    json["vars"] = std::move(vars);
  }
  return json;
}

Json desired_from_json(const Json& json) {
  const auto* value = json.find("value");
  auto desired = value == nullptr ? Json() : *value;
  if (const auto* vars = json.find("vars"); vars != nullptr && vars->is_object()) {
    for (const auto& [place, text] : vars->as_object()) {
      FieldPath::parse(place).set_in(desired, text);
    }
  }
  return desired;
}

Json entry_to_json(const std::string& key, const PlanEntry& entry) {
  const auto parsed = model::ResourceKey::parse(key);
  const auto* kind = parsed ? find_kind(kind_name(*parsed)) : nullptr;
  auto json = Json::object({{"action", std::string(to_string(entry.action))}});
  if (!entry.depends_on.empty()) {
    json["depends_on"] = dependencies_to_json(entry.depends_on);
  }
  if (entry.gone) {
    json["gone"] = true;
  }
  if (entry.action != Action::skip && !entry.desired.is_null()) {
    json["new_state"] = desired_to_json(kind, entry.desired);
  }
  if (!entry.remote.is_null()) {
    json["remote_state"] = redacted(kind, entry.remote);
  }
  if (!entry.changes.empty()) {
    const auto shape = kind == nullptr ? std::nullopt : kind->rules.shape;
    auto changes = Json::object();
    for (const auto& [path, change] : entry.changes) {
      changes[path] = change_to_json(shape, path, is_sensitive(kind, path) ? redacted(change) : change);
    }
    json["changes"] = std::move(changes);
  }
  return json;
}

/// The members of a plan as the official CLI orders them.
MemberOrder order_of(const Json& entries) {
  const MemberOrder change{.first = {"action", "reason", "old", "new", "remote"}, .below = {}};
  MemberOrder order{.first = {"plan_version", "cli_version", "lineage", "serial", "plan", "not_selected"}, .below = {}};
  auto& plan = order.below["plan"];
  for (const auto& [key, ignored] : entries.as_object()) {
    const auto values = order_of_state(key);
    auto changes = change;
    changes.below = {{"old", values}, {"new", values}, {"remote", values}};
    plan.below[key] =
        MemberOrder{.first = {"id", "depends_on", "action", "gone", "new_state", "remote_state", "changes"},
                    .below = {{"changes", MemberOrder{.first = {}, .below = {{"*", std::move(changes)}}}},
                              {"depends_on", MemberOrder{.first = {"node", "label"}, .below = {}}},
                              {"new_state", MemberOrder{.first = {"value", "vars"}, .below = {{"value", values}}}},
                              {"remote_state", values}}};
  }
  return order;
}

Json entries_of(const Json& plan) {
  const auto* entries = plan.find("plan");
  return entries != nullptr && entries->is_object() ? *entries : Json::object();
}

/// "unexpected EOF" is what a reader of a stream says where a reader of a text misses the end.
std::string stream_problem(std::string_view text) {
  auto problem = json_syntax_problem(text).value_or("");
  if (problem == "unexpected end of JSON input") {
    problem = trim(text).empty() ? "EOF" : "unexpected EOF";
  }
  return problem;
}

Error no_plan(std::string problem) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PIER2024",
               .message = "parsing plan JSON: " + std::move(problem),
               .hint = "make a new plan: pier plan -o json"};
}

} // namespace

std::string_view compatible_version() {
  return k_cli_version;
}

std::string short_key(std::string_view key) {
  return std::string(key.starts_with(k_prefix) ? key.substr(k_prefix.size()) : key);
}

Json Plan::to_json() const {
  auto json = Json::object({{"plan_version", k_plan_version}, {"cli_version", std::string(k_cli_version)}});
  if (!lineage.empty()) {
    json["lineage"] = lineage;
  }
  if (serial != 0) {
    json["serial"] = serial;
  }
  auto plan = Json::object();
  for (const auto& [key, entry] : entries) {
    plan[key] = entry_to_json(key, entry);
  }
  json["plan"] = std::move(plan);
  if (not_selected > 0) {
    json["not_selected"] = static_cast<std::int64_t>(not_selected);
  }
  return json;
}

std::string Plan::to_text() const {
  const auto json = to_json();
  return dump_ordered(json, order_of(*json.find("plan")), 2, true) + "\n";
}

Result<Plan> Plan::parse(std::string_view text) {
  const auto json = Json::parse(text);
  if (!json || !json->is_object()) {
    return no_plan(json ? "no plan" : stream_problem(text));
  }
  if (const auto unknown = find_unknown_member(*json, order_of(entries_of(*json)))) {
    return no_plan("json: unknown field " + Json(*unknown).dump());
  }
  return from_json(*json);
}

Result<Plan> Plan::from_json(const Json& json) {
  const auto version = json.get_integer("plan_version");
  if (version != k_plan_version) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER2024",
                 .message = "plan version mismatch: plan has version " + std::to_string(version) +
                            " (generated with CLI \"" + json.get_string("cli_version") +
                            "\"), but current version is " + std::to_string(k_plan_version),
                 .hint = "make a new plan: pier plan -o json"};
  }
  Plan plan;
  plan.lineage = json.get_string("lineage");
  plan.serial = json.get_integer("serial");
  plan.cli_version = json.get_string("cli_version");
  plan.not_selected = static_cast<std::size_t>(std::max<std::int64_t>(0, json.get_integer("not_selected")));
  const auto* entries = json.find("plan");
  if (entries == nullptr || !entries->is_object()) {
    return plan;
  }
  for (const auto& [key, item] : entries->as_object()) {
    PlanEntry entry;
    const auto action = parse_action(item.get_string("action"));
    if (!action) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "PIER2024",
                   .message = key + ": unknown action \"" + item.get_string("action") + "\""};
    }
    entry.action = *action;
    entry.gone = item.get_bool("gone");
    entry.depends_on = dependencies_from_json(item.find("depends_on"));
    if (const auto* desired = item.find("new_state")) {
      entry.desired = desired_from_json(*desired);
    }
    if (const auto* remote = item.find("remote_state")) {
      entry.remote = *remote;
    }
    if (const auto* changes = item.find("changes"); changes != nullptr && changes->is_object()) {
      for (const auto& [path, change] : changes->as_object()) {
        entry.changes.emplace(path, change_from_json(change));
      }
    }
    plan.entries.emplace(key, std::move(entry));
  }
  return plan;
}

PlanCounts Plan::counts() const {
  PlanCounts counts;
  for (const auto& [key, entry] : entries) {
    switch (entry.action) {
    case Action::create: ++counts.create; break;
    case Action::update:
    case Action::update_id:
    case Action::resize: ++counts.change; break;
    case Action::remove: ++counts.remove; break;
    case Action::recreate:
      ++counts.create;
      ++counts.remove;
      break;
    case Action::skip:
    case Action::undefined: ++counts.unchanged; break;
    }
  }
  return counts;
}

bool Plan::is_noop() const {
  return std::all_of(entries.begin(), entries.end(),
                     [](const auto& item) { return item.second.action == Action::skip; });
}

Result<void> Plan::select(const std::vector<std::string>& names) {
  std::set<std::string> reached;
  std::deque<std::string> queue;
  const auto reach = [&](const std::string& key) {
    if (entries.contains(key) && reached.insert(key).second) {
      queue.push_back(key);
    }
  };
  for (const auto& name : names) {
    const auto key = std::string(k_prefix) + short_key(name);
    if (!entries.contains(key)) {
      std::vector<std::string> known;
      for (const auto& [existing, entry] : entries) {
        known.push_back(short_key(existing));
      }
      const auto near = nearest(short_key(name), known);
      return Error{.kind = ErrorKind::not_found,
                   .code = "PIER2025",
                   .message = "no such resource: " + name,
                   .hint =
                       near.empty() ? "name it as KIND.KEY, for example jobs.nightly" : "did you mean " + near + "?"};
    }
    reach(key);
    reach(key + ".grants");
    reach(key + ".permissions");
  }
  while (!queue.empty()) {
    const auto key = queue.front();
    queue.pop_front();
    for (const auto& dependency : entries.at(key).depends_on) {
      reach(dependency.node);
    }
  }
  const auto before = entries.size();
  std::erase_if(entries, [&](const auto& item) { return !reached.contains(item.first); });
  not_selected = before - entries.size();
  return {};
}

Result<Graph> Plan::graph() const {
  Graph graph;
  for (const auto& [key, entry] : entries) {
    graph.add_node(key);
  }
  for (const auto& [key, entry] : entries) {
    const bool removed = entry.action == Action::remove;
    for (const auto& dependency : entry.depends_on) {
      if (entries.contains(dependency.node)) {
        graph.add_edge(removed ? key : dependency.node, removed ? dependency.node : key, dependency.label);
      } else if (!removed) {
        return Error{.kind = ErrorKind::invalid_argument,
                     .code = "PIER2026",
                     .message =
                         "invalid dependency \"" + dependency.label + "\", no such node \"" + dependency.node + "\"",
                     .hint = "check the spelling of the resource's key"};
      }
    }
  }
  return graph;
}

} // namespace pier::deploy
