#include "core/deploy/applier.hpp"

#include "core/base/clock.hpp"
#include "core/base/guarded.hpp"
#include "core/deploy/max_wait.hpp"
#include "core/deploy/planner.hpp"
#include "core/deploy/reference_fields.hpp"
#include "core/deploy/references.hpp"
#include "core/deploy/retry.hpp"
#include "core/deploy/typed_state.hpp"
#include "core/deploy/unfinished.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace pier::deploy {
namespace {

/// The service says that a resource goes only with what it belongs to (the first branch of a project).
bool goes_with_parent(const Error& error) {
  return error.answer && error.answer->managed_by_parent;
}

class Applier {
 public:
  Applier(Plan& plan, State& state, workspace_client::RestClient& client, Observer& observer,
          const ApplyOptions& options)
      : plan_(plan),
        state_(state),
        client_(client),
        observer_(observer),
        options_(options) {}

  std::vector<Error> run() {
    auto graph = plan_.graph();
    if (!graph) {
      return {std::move(graph).error()};
    }
    order_databases_before_apps(*graph);
    graph_ = &*graph;
    graph->run(k_parallel, [this](const std::string& key, const std::string* failed) { return work_on(key, failed); });
    return *errors_.lock();
  }

 private:
  /// An app may name its database by text instead of a reference; it needs it all the same.
  void order_databases_before_apps(Graph& graph) const {
    for (const auto& [app, entry] : plan_.entries) {
      if (!app.starts_with("resources.apps.") || entry.action == Action::remove) {
        continue;
      }
      for (const auto& [other, database] : plan_.entries) {
        const bool needed = other.starts_with("resources.database_instances.") ||
                            other.starts_with("resources.database_catalogs.") ||
                            other.starts_with("resources.synced_database_tables.");
        if (needed && database.action != Action::remove && !depends_on(other, app)) {
          graph.add_edge(other, app, "databases come before apps");
        }
      }
    }
  }

  /// True if `node` needs `other`, directly or through others: an edge the other way would close a circle.
  [[nodiscard]] bool depends_on(const std::string& node, const std::string& other) const {
    std::set<std::string> seen;
    std::vector<std::string> open = {node};
    while (!open.empty()) {
      const auto current = std::move(open.back());
      open.pop_back();
      const auto it = plan_.entries.find(current);
      if (it == plan_.entries.end() || !seen.insert(current).second) {
        continue;
      }
      for (const auto& dependency : it->second.depends_on) {
        if (dependency.node == other) {
          return true;
        }
        open.push_back(dependency.node);
      }
    }
    return false;
  }

  /// True if somebody needs more than the id, which permissions and grants do not: then a limit on waiting does not
  /// hold.
  [[nodiscard]] bool is_waited_for(const std::string& key) const {
    const auto after = graph_->dependents(key);
    return std::any_of(after.begin(), after.end(),
                       [&](const std::string& dependent) { return !dependent.starts_with(key + "."); });
  }

  Result<void> wait_after_create(const Kind& kind, const std::string& key, const std::string& id, const Json& desired,
                                 Operation& operation) const {
    if (!kind.after_create) {
      return {};
    }
    const auto limit = is_waited_for(key) ? std::nullopt : options_.max_wait;
    return wait_at_most(limit, "creation of " + key, "deploying " + key, operation, [&](Operation& limited) {
      return Retry(limited.client, observer_,
                   "deploying " + key)([&] { return kind.after_create(limited, id, desired); });
    });
  }

  [[nodiscard]] Operation operation_for(const std::string& key) const {
    return Operation{.client = client_,
                     .observer = observer_,
                     .subject = short_key(key),
                     .compatible = options_.compatible,
                     .before_app_code = options_.before_app_code};
  }

  bool fail(const std::string& key, const PlanEntry& entry, Error error) {
    auto text = error.to_string();
    const auto whole = std::move(error).with_context("cannot " + std::string(to_string(entry.action)) + " " + key);
    observer_.on_event(
        Event{.type = Event::Type::step_failed, .subject = short_key(key), .text = std::move(text), .error = &whole});
    errors_.lock()->push_back(whole);
    return false;
  }

  bool work_on(const std::string& key, const std::string* failed) {
    auto& entry = plan_.entries.at(key);
    if (failed != nullptr) {
      if (entry.action == Action::skip) {
        return false;
      }
      return fail(
          key, entry,
          Error{.kind = ErrorKind::invalid_state, .code = "PIER2029", .message = "dependency failed: " + *failed});
    }
    if (client_.stop_token().stop_requested()) {
      return fail(key, entry, Error{.kind = ErrorKind::interrupted, .code = "PIER2009", .message = "interrupted"});
    }
    const auto parsed = model::ResourceKey::parse(key);
    const auto* kind = parsed ? find_kind(kind_name(*parsed)) : nullptr;
    if (kind == nullptr) {
      return fail(
          key, entry,
          Error{.kind = ErrorKind::unsupported, .code = "PIER2027", .message = "this kind is not supported yet"});
    }
    if (entry.action == Action::skip) {
      return settle(*kind, key, entry) && read_for_dependents(*kind, key, entry);
    }
    const auto begin = std::chrono::steady_clock::now();
    const auto subject = short_key(key);
    observer_.on_event(
        Event{.type = Event::Type::step_started, .subject = subject, .text = std::string(verb(entry.action))});
    auto operation = operation_for(key);
    auto result = carry_out(*kind, key, entry, operation);
    if (!result) {
      return fail(key, entry, std::move(result).error());
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    observer_.on_event(Event{.type = Event::Type::step_finished,
                             .subject = subject,
                             .text = std::string(past_verb(entry.action)),
                             .took = took});
    return read_for_dependents(*kind, key, entry);
  }

  /// The official engine reads what others depend on, unless an answer told it already; here it is read when
  /// somebody refers to more than its id (look_up).
  bool read_for_dependents(const Kind& kind, const std::string& key, const PlanEntry& entry) {
    const bool making = entry.action == Action::create || entry.action == Action::recreate;
    const bool told = entry.action != Action::skip && (making ? kind.create_tells_remote : kind.update_tells_remote);
    if (!options_.compatible || entry.action == Action::remove || told || graph_->dependents(key).empty()) {
      return true;
    }
    auto remote = remote_of(kind, key, state_.id_of(key));
    return remote ? true : fail(key, entry, std::move(remote).error().with_context("failed to read remote state"));
  }

  /// Nothing to do, but a deploy that was killed may have left it half made.
  bool settle(const Kind& kind, const std::string& key, const PlanEntry& entry) {
    if (!kind.is_settled || !kind.after_create || entry.remote.is_null() || kind.is_settled(entry.remote)) {
      return true;
    }
    auto operation = operation_for(key);
    auto result = wait_after_create(kind, key, state_.id_of(key), entry.desired, operation);
    return result ? true : fail(key, entry, std::move(result).error());
  }

  Result<void> carry_out(const Kind& kind, const std::string& key, PlanEntry& entry, Operation& operation) {
    if (entry.action == Action::remove) {
      return entry.gone ? state_.erase(key) : remove(kind, key, operation);
    }
    PIER_TRY(resolve_references(entry.desired, kind,
                                [this](const ReferenceTarget& target, const std::string&) { return look_up(target); }));
    if (const auto open = find_reference_texts(entry.desired); !open.empty()) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "PIER2023",
                   .message = "unresolved references: " + open.front().text};
    }
    switch (entry.action) {
    case Action::create: return create(kind, key, entry, operation);
    case Action::recreate: return recreate(kind, key, entry, operation);
    case Action::update_id: return rename(kind, key, entry, operation);
    case Action::update:
    case Action::resize: return update(kind, key, entry, operation);
    default: return Error{.kind = ErrorKind::internal, .code = "PIER2028", .message = "unexpected action"};
    }
  }

  Result<void> save(const Kind& kind, const std::string& key, std::string id, const PlanEntry& entry, Json state) {
    for (const auto& field : kind.sensitive_fields) {
      if (auto* value = state.find(field)) {
        *value = "";
      }
    }
    return state_.save(key, DeployedResource{std::move(id), std::move(state), entry.depends_on});
  }

  Result<void> create(const Kind& kind, const std::string& key, PlanEntry& entry, Operation& operation) {
    auto state = written_state(kind.rules.shape, entry.desired);
    PIER_TRY_ASSIGN(const auto id, create_once(kind, key, operation, state));
    if (!operation.told.is_null()) {
      (*remotes_.lock())[key] = operation.told;
    }
    PIER_TRY(save(kind, key, id, entry, std::move(state)).context("saving state after creating id=" + id));
    return wait_after_create(kind, key, id, entry.desired, operation).context("waiting after creating id=" + id);
  }

  /// A killed deploy may have had it made without coming to write its id down: then it is taken over.
  Result<std::string> create_once(const Kind& kind, const std::string& key, Operation& operation, Json& state) {
    if (state_.is_unfinished(key)) {
      PIER_TRY_ASSIGN(auto found, find_unfinished(kind, operation, state));
      if (found) {
        return *std::move(found);
      }
    }
    PIER_TRY(state_.intend(key));
    auto made = kind.create_is_repeatable ? retry(key)([&] { return kind.create(operation, state); })
                                          : kind.create(operation, state);
    const bool unknown =
        !made && (made.error().kind == ErrorKind::interrupted || made.error().kind == ErrorKind::unavailable);
    if (!made && !unknown) {
      state_.withdraw(key);
    }
    return made;
  }

  Result<void> recreate(const Kind& kind, const std::string& key, PlanEntry& entry, Operation& operation) {
    const auto old_id = state_.id_of(key);
    auto removed = retry(key)([&] { return kind.remove(operation, old_id, deployed_state(key)); });
    if (!removed && !goes_with_parent(removed.error()) && removed.error().kind != ErrorKind::not_found) {
      if (!is_gone(kind, old_id, operation)) {
        return std::move(removed).error().with_context("deleting old id=" + old_id);
      }
      warn("deploying", key,
           "Treating " + key + " id=" + old_id +
               " as already deleted despite delete error: " + removed.error().to_string());
    }
    // Forgotten before it is made again, so that a failure leaves "to create" behind.
    PIER_TRY(state_.erase(key));
    if (kind.after_remove) {
      PIER_TRY(kind.after_remove(operation, old_id).context("waiting after deleting id=" + old_id));
    }
    return create(kind, key, entry, operation);
  }

  Result<void> rename(const Kind& kind, const std::string& key, PlanEntry& entry, Operation& operation) {
    const auto old_id = state_.id_of(key);
    auto state = written_state(kind.rules.shape, entry.desired);
    PIER_TRY_ASSIGN(const auto id,
                    retry(key)([&] { return kind.rename(operation, old_id, state); }).context("updating id=" + old_id));
    PIER_TRY(save(kind, key, id, entry, std::move(state)).context("saving state id=" + id));
    if (kind.after_update) {
      PIER_TRY(retry(key)([&] {
                 return kind.after_update(operation, id, entry.desired);
               }).context("waiting after updating id=" + id));
    }
    return {};
  }

  Result<void> update(const Kind& kind, const std::string& key, PlanEntry& entry, Operation& operation) {
    const auto id = state_.id_of(key);
    auto state = written_state(kind.rules.shape, entry.desired);
    PIER_TRY(retry(key)([&] {
               return kind.update(operation, Update{id, entry.changes, entry.remote}, state);
             }).context((entry.action == Action::resize ? "resizing id=" : "updating id=") + id));
    if (kind.is_nothing(state)) {
      PIER_TRY(state_.erase(key));
    } else {
      PIER_TRY(save(kind, key, id, entry, std::move(state)).context("saving state id=" + id));
    }
    if (kind.after_update) {
      PIER_TRY(retry(key)([&] {
                 return kind.after_update(operation, id, entry.desired);
               }).context("waiting after updating id=" + id));
    }
    return {};
  }

  [[nodiscard]] Json deployed_state(const std::string& key) const {
    const auto* deployed = state_.find(key);
    return deployed == nullptr ? Json() : deployed->state;
  }

  Result<void> remove(const Kind& kind, const std::string& key, Operation& operation) {
    const auto id = state_.id_of(key);
    auto removed = kind.remove(operation, id, deployed_state(key));
    if (!removed && !goes_with_parent(removed.error()) && removed.error().kind != ErrorKind::not_found) {
      const auto what = key + " id=" + id;
      const auto why = ": " + removed.error().to_string();
      // Services answer 403 for what is gone; and who may not delete it lets go of it.
      if (removed.error().kind == ErrorKind::permission_denied) {
        warn("destroying", key, "Ignoring permission error when deleting " + what + why);
      } else if (is_gone(kind, id, operation)) {
        warn("destroying", key, "Treating " + what + " as already deleted despite delete error" + why);
      } else {
        return std::move(removed).error().with_context("deleting id=" + id);
      }
    }
    PIER_TRY(state_.erase(key).context("deleting state id=" + id));
    if (!kind.after_remove) {
      return {};
    }
    return wait_at_most(options_.max_wait, "deletion of " + key, "destroying " + key, operation,
                        [&](Operation& limited) { return kind.after_remove(limited, id); })
        .context("waiting after deleting id=" + id);
  }

  [[nodiscard]] Retry retry(const std::string& key) const { return {client_, observer_, "deploying " + key}; }

  void warn(std::string_view doing, const std::string& key, const std::string& text) {
    observer_.on_event(Event{.type = Event::Type::warning, .text = std::string(doing) + " " + key + ": " + text});
  }

  bool is_gone(const Kind& kind, const std::string& id, Operation& operation) {
    const auto remote = kind.read(operation, id);
    return remote ? kind.is_going && kind.is_going(*remote) : remote.error().kind == ErrorKind::not_found;
  }

  /// Everything that the node depends on is done now.
  Result<std::optional<Json>> look_up(const ReferenceTarget& target) {
    const auto key = target.node.to_string();
    const auto id = state_.id_of(key);
    if (id.empty()) {
      return Error{.kind = ErrorKind::invalid_state, .code = "PIER2023", .message = "not deployed"};
    }
    if (target.field.to_string() == "id") {
      return std::optional(Json(id));
    }
    PIER_TRY_ASSIGN(const auto remote, remote_of(*find_kind(kind_name(target.node)), key, id));
    PIER_TRY_ASSIGN(auto value, value_at(remote, target.field));
    return std::optional(std::move(value));
  }

  /// Read once for all who refer to it, and only if somebody does.
  Result<Json> remote_of(const Kind& kind, const std::string& key, const std::string& id) {
    {
      auto cache = remotes_.lock();
      if (const auto it = cache->find(key); it != cache->end()) {
        return it->second;
      }
    }
    auto operation = operation_for(key);
    PIER_TRY_ASSIGN(auto remote, retry(key)([&] {
                                   return kind.read(operation, id);
                                 }).context("failed to refresh remote state id=" + id));
    (*remotes_.lock())[key] = remote;
    return remote;
  }

  Plan& plan_;
  State& state_;
  workspace_client::RestClient& client_;
  Observer& observer_;
  const ApplyOptions& options_;
  const Graph* graph_ = nullptr; ///< while run() is at work
  Guarded<std::map<std::string, Json>> remotes_;
  Guarded<std::vector<Error>> errors_;
};

} // namespace

std::vector<Error> apply_plan(Plan& plan, State& state, workspace_client::RestClient& client, Observer& observer,
                              const ApplyOptions& options) {
  return Applier(plan, state, client, observer, options).run();
}

} // namespace pier::deploy
