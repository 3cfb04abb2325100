#include "core/deploy/planner.hpp"

#include "core/base/guarded.hpp"
#include "core/base/json_nulls.hpp"
#include "core/deploy/reference_fields.hpp"
#include "core/deploy/references.hpp"
#include "core/deploy/retry.hpp"
#include "core/deploy/typed_state.hpp"

#include <algorithm>

namespace pier::deploy {
namespace {

/// The reason of a rule for fields that are of no interest at all.
constexpr std::string_view k_dropped = "!drop";

/// A field that neither the kind's configuration nor its answers have.
bool is_unknown_field(const Kind& kind, const FieldPath& field) {
  if (field.is_root() || field.steps().front().kind != FieldPath::Step::Kind::field) {
    return false;
  }
  const auto& name = field.steps().front().name;
  const auto has = [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  return !kind.state_fields.empty() && !has(kind.state_fields) && !has(kind.remote_fields) && name != "lifecycle";
}

class Planner {
 public:
  Planner(const State& state, workspace_client::RestClient& client, Observer& observer, bool compatible)
      : state_(state),
        client_(client),
        observer_(observer),
        compatible_(compatible) {
    plan_.lineage = state.lineage();
    plan_.serial = state.serial();
  }

  Result<void> add_bundle(const model::ResourceGraph& bundle) {
    for (const auto& [key, node] : bundle.nodes) {
      const auto name = key.to_string();
      const auto* kind = find_kind(kind_name(key));
      if (kind == nullptr) {
        return Error{.kind = ErrorKind::unsupported,
                     .code = "PIER2027",
                     .message = name + ": resources of kind " + kind_name(key) + " are not supported yet",
                     .hint = "deploy this bundle with the official CLI, or remove the resource"};
      }
      auto desired = kind->prepare ? kind->prepare(node) : Result<Json>(pick(node.config, kind->state_fields));
      PIER_TRY_ASSIGN(auto prepared, std::move(desired).context("cannot plan " + name));
      prepared = typed_state(kind->rules.shape, std::move(prepared));
      if (kind->is_nothing(prepared) && state_.find(name) == nullptr) {
        continue;
      }
      PlanEntry entry;
      entry.depends_on = find_dependencies(prepared);
      entry.desired = std::move(prepared);
      plan_.entries.emplace(name, std::move(entry));
    }
    return {};
  }

  void add_removals() {
    for (const auto& [key, deployed] : state_.resources()) {
      if (!plan_.entries.contains(key)) {
        plan_.entries.emplace(key, PlanEntry{.depends_on = deployed.depends_on, .action = Action::remove});
      }
    }
  }

  Result<Plan> run() {
    PIER_TRY_ASSIGN(const auto graph, plan_.graph());
    if (auto cycle = graph.describe_cycle()) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "PIER2026",
                   .message = *std::move(cycle),
                   .hint = "break the circle: one of the resources must not refer to the other"};
    }
    graph.run(k_parallel, [this](const std::string& key, const std::string* failed) { return plan_node(key, failed); });
    auto errors = errors_.lock();
    if (errors->size() == 1 && !compatible_) {
      return errors->front();
    }
    if (!errors->empty()) {
      for (const auto& error : *errors) {
        observer_.on_event(Event{.type = Event::Type::step_failed, .text = error.to_string(), .error = &error});
      }
      if (compatible_) {
        return Error{.kind = errors->front().kind, .code = "PIER2020", .message = "planning failed"};
      }
      return Error{.kind = errors->front().kind,
                   .code = "PIER2020",
                   .message = "planning failed: " + std::to_string(errors->size()) + " problems"};
    }
    return std::move(plan_);
  }

 private:
  bool fail(Error error) {
    errors_.lock()->push_back(std::move(error));
    return false;
  }

  Operation operation_for(const std::string& key) {
    return Operation{.client = client_, .observer = observer_, .subject = short_key(key), .before_app_code = {}};
  }

  bool plan_node(const std::string& key, const std::string* failed) {
    auto& entry = plan_.entries.at(key);
    if (failed != nullptr) {
      return fail(Error{.kind = ErrorKind::invalid_state,
                        .code = "PIER2020",
                        .message = "cannot plan " + key + ": dependency failed: " + *failed});
    }
    const auto parsed = model::ResourceKey::parse(key);
    const auto* kind = parsed ? find_kind(kind_name(*parsed)) : nullptr;
    if (kind == nullptr) {
      return fail(Error{.kind = ErrorKind::unsupported,
                        .code = "PIER2027",
                        .message = "cannot plan " + key + ": this kind of resource is not supported yet",
                        .hint = "it was deployed by the official CLI; remove it with that"});
    }
    auto result = entry.action == Action::remove ? plan_removal(*kind, key, entry) : plan_change(*kind, key, entry);
    return result ? true : fail(std::move(result).error().with_context("cannot plan " + key));
  }

  Result<Json> read(const Kind& kind, const std::string& key, const std::string& id) {
    auto operation = operation_for(key);
    return Retry(client_, observer_, "planning " + key)([&] { return kind.read(operation, id); });
  }

  void warn_unreadable(const std::string& key, const std::string& id, const Error& error) {
    observer_.on_event(
        Event{.type = Event::Type::warning,
              .text = "planning " + key + ": reading " + key + " id=\"" + id + "\": " + error.to_string()});
  }

  Result<void> plan_removal(const Kind& kind, const std::string& key, PlanEntry& entry) {
    const auto id = state_.id_of(key);
    auto remote = read(kind, key, id);
    if (remote) {
      entry.remote = std::move(remote).value();
      entry.gone = kind.is_going && kind.is_going(entry.remote);
    } else {
      // Not being allowed to look does not keep from trying to delete.
      entry.gone = remote.error().kind == ErrorKind::not_found;
      if (remote.error().kind == ErrorKind::interrupted || remote.error().kind == ErrorKind::unauthenticated) {
        return std::move(remote).error();
      }
      if (!entry.gone) {
        warn_unreadable(key, id, remote.error());
      }
    }
    return {};
  }

  Result<void> plan_change(const Kind& kind, const std::string& key, PlanEntry& entry) {
    PIER_TRY(resolve_references(entry.desired, kind,
                                [this](const ReferenceTarget& target, const std::string&) { return look_up(target); }));
    const auto* deployed = state_.find(key);
    if (deployed == nullptr || deployed->id.empty()) {
      entry.action = Action::create;
      return {};
    }
    auto remote = read(kind, key, deployed->id);
    if (!remote && remote.error().kind != ErrorKind::not_found) {
      return std::move(remote).error().with_context("reading id=\"" + deployed->id + "\"");
    }
    if (remote) {
      entry.remote = std::move(remote).value();
      drop_null_members(entry.remote);
    }
    const auto remote_state = entry.remote.is_null() ? Json() : kind.state_of_remote(entry.remote);
    entry.changes = decide_changes(kind.rules, kind.keyed, typed_state(kind.rules.shape, deployed->state),
                                   kind.with_placeholders(entry.desired), remote_state, compatible_);
    if (kind.review) {
      for (auto& [path, change] : entry.changes) {
        const auto action = change.action;
        const auto reason = change.reason;
        kind.review(path, change, entry.remote);
        if (change.action != action && change.reason == reason) {
          change.reason = "custom";
        }
      }
    }
    std::erase_if(entry.changes, [](const auto& item) { return item.second.reason == k_dropped; });
    entry.action = entry.remote.is_null() ? Action::create : heaviest(entry.changes);
    if (entry.action == Action::update && !kind.update) {
      return Error{.kind = ErrorKind::internal, .code = "PIER2028", .message = "resource does not support update"};
    }
    return {};
  }

  /// A value that is known before anything is done; nothing when it has to wait for the work.
  Result<std::optional<Json>> look_up(const ReferenceTarget& target) {
    const auto key = target.node.to_string();
    const auto it = plan_.entries.find(key);
    if (it == plan_.entries.end()) {
      return Error{.kind = ErrorKind::invalid_argument, .code = "PIER2026", .message = "no such node \"" + key + "\""};
    }
    const auto& entry = it->second;
    const auto* kind = find_kind(kind_name(target.node));
    if (target.field.to_string() == "id") {
      return keeps_id(entry.action) ? std::optional(Json(state_.id_of(key))) : std::optional<Json>();
    }
    if (entry.action == Action::remove) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "PIER2023",
                   .message = "internal error: " + key + ": action is \"delete\" missing new_state",
                   .hint = "it is no longer in the bundle: remove the reference too"};
    }
    if (kind != nullptr && is_unknown_field(*kind, target.field)) {
      return unknown_field(kind->name, target.field);
    }
    if (const auto value = value_at(entry.desired, target.field); value && !value->is_null()) {
      return find_reference_texts(*value).empty() ? std::optional(*value) : std::optional<Json>();
    }
    const bool stays = entry.action == Action::skip ||
                       (keeps_id(entry.action) && kind != nullptr && makes_new(kind->rules, target.field));
    if (!stays) {
      return std::optional<Json>();
    }
    PIER_TRY_ASSIGN(auto remote, value_at(entry.remote, target.field));
    return std::optional(std::move(remote));
  }

  const State& state_;
  workspace_client::RestClient& client_;
  Observer& observer_;
  bool compatible_;
  Plan plan_;
  Guarded<std::vector<Error>> errors_;
};

} // namespace

Result<Plan> make_plan(const model::ResourceGraph& bundle, const State& state, workspace_client::RestClient& client,
                       Observer& observer, bool compatible) {
  Planner planner(state, client, observer, compatible);
  PIER_TRY(planner.add_bundle(bundle));
  planner.add_removals();
  return planner.run();
}

Result<Plan> make_destroy_plan(const State& state, workspace_client::RestClient& client, Observer& observer,
                               bool compatible) {
  Planner planner(state, client, observer, compatible);
  planner.add_removals();
  return planner.run();
}

} // namespace pier::deploy
