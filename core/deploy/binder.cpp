#include "core/deploy/binder.hpp"

#include "core/deploy/planner.hpp"
#include "core/deploy/state_store.hpp"
#include "core/deploy/while_locked.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace pier::deploy {
namespace {

/// What a resource is until its first deploy is kept in a file of its own; a "no" leaves the state untouched.
class Draft {
 public:
  static Result<Draft> begin(const std::filesystem::path& state_file) {
    Draft draft(state_file);
    std::error_code error;
    std::filesystem::remove(draft.path_, error);
    std::filesystem::create_directories(state_file.parent_path(), error);
    if (std::filesystem::exists(state_file, error) && !std::filesystem::copy_file(state_file, draft.path_, error)) {
      return Error{.kind = ErrorKind::io, .code = "PIER2021", .message = "copying " + state_file.string() + " failed"};
    }
    return draft;
  }

  Draft(Draft&& other) noexcept
      : target_(std::move(other.target_)),
        path_(std::exchange(other.path_, {})) {}

  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  Draft& operator=(Draft&&) = delete;

  ~Draft() {
    if (!path_.empty()) {
      std::error_code error;
      std::filesystem::remove(path_, error);
    }
  }

  Result<void> save(const std::string& key, const DeployedResource& resource) const {
    PIER_TRY_ASSIGN(auto state, State::open(path_));
    PIER_TRY(state.begin_writing());
    PIER_TRY(state.save(key, resource));
    return state.finish();
  }

  Result<Plan> plan(Session& session) const {
    PIER_TRY_ASSIGN(const auto state, State::open(path_));
    return make_plan(session.bundle.graph, state, session.client, session.observer, session.compatible);
  }

  Result<void> accept() {
    std::error_code error;
    std::filesystem::rename(path_, target_, error);
    if (error) {
      return Error{.kind = ErrorKind::io, .code = "PIER2021", .message = "replacing " + target_.string() + " failed"};
    }
    path_.clear();
    return {};
  }

 private:
  explicit Draft(std::filesystem::path target)
      : target_(std::move(target)),
        path_(target_) {
    path_ += ".temp-bind";
  }

  std::filesystem::path target_;
  std::filesystem::path path_;
};

Error bound_already(const std::string& key, const std::string& existing, const std::string& id) {
  const auto message = existing == id ? "The bundle is already managing resource for " + key +
                                            " and it is bound to the requested ID " + id + "."
                                      : "The bundle is already managing a resource for " + key + " with ID '" +
                                            existing + "'.\nTo bind to a different resource with ID '" + id +
                                            "', you must first unbind the existing resource.";
  return Error{.kind = ErrorKind::conflict, .code = "PIER2068", .message = "Resource already managed\n\n" + message};
}

/// For other kinds the official CLI shows what the workspace answers.
bool says_not_found(std::string_view kind) {
  constexpr std::array<std::string_view, 11> k_kinds = {"catalogs",
                                                        "external_locations",
                                                        "genie_spaces",
                                                        "job_runs",
                                                        "schemas",
                                                        "postgres_databases",
                                                        "secrets",
                                                        "vector_search_endpoints",
                                                        "postgres_roles",
                                                        "volumes",
                                                        "vector_search_indexes"};
  return std::find(k_kinds.begin(), k_kinds.end(), kind) != k_kinds.end();
}

Result<void> check_that_it_exists(Session& session, const model::ResourceKey& key, const std::string& id) {
  const auto* kind = find_kind(key.kind);
  if (kind == nullptr) {
    return Error{.kind = ErrorKind::unsupported,
                 .code = "PIER2027",
                 .message = "resources of kind " + key.kind + " are not supported yet"};
  }
  Operation operation{.client = session.client,
                      .observer = session.observer,
                      .subject = short_key(key.to_string()),
                      .compatible = session.compatible,
                      .before_app_code = {}};
  const auto remote = kind->read(operation, id);
  if (remote) {
    return {};
  }
  if (remote.error().kind == ErrorKind::not_found && says_not_found(key.kind)) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "PIER2067",
                 .message = model::singular_of(key.kind) + " with an id '" + id + "' is not found"};
  }
  auto error = remote.error();
  error.message = "failed to fetch the resource, err: " + error.message;
  error.answer = nullptr;
  return error;
}

/// The state that the bundle asks for, as far as it is known; a service's tag comes from the service.
Json state_to_keep(const model::ResourceKey& key, const PlanEntry& entry) {
  auto state = entry.desired;
  const bool tagged = key.kind == "dashboards" || key.kind == "genie_spaces";
  if (const auto etag = entry.remote.get_string("etag"); tagged && !etag.empty()) {
    state["etag"] = etag;
  }
  return state;
}

Result<void> bind_locked(Session& session, const model::ResourceKey& key, const std::string& id,
                         const BindOptions& options) {
  const auto name = key.to_string();
  const auto file = local_state_file(session.bundle);
  PIER_TRY_ASSIGN(const auto current, State::open(file));
  if (const auto existing = current.id_of(name); !existing.empty()) {
    return bound_already(name, existing, id);
  }
  PIER_TRY_ASSIGN(auto draft, Draft::begin(file));
  PIER_TRY(draft.save(name, {.id = id, .state = Json::object(), .depends_on = {}}));
  PIER_TRY_ASSIGN(const auto first, draft.plan(session));
  const auto& entry = first.entries.at(name);
  PIER_TRY(draft.save(name, {.id = id, .state = state_to_keep(key, entry), .depends_on = entry.depends_on}));
  PIER_TRY_ASSIGN(const auto second, draft.plan(session));
  const auto& next = second.entries.at(name);
  if (next.action != Action::skip && options.approve) {
    PIER_TRY(options.approve(next));
  }
  PIER_TRY(draft.accept());
  return push_state(session.bundle, session.client);
}

Result<void> unbind_locked(Session& session, const model::ResourceKey& key) {
  PIER_TRY_ASSIGN(auto state, State::open(local_state_file(session.bundle)));
  PIER_TRY(state.begin_writing());
  const auto name = key.to_string();
  PIER_TRY(state.erase(name));
  for (const auto& [other, resource] : state.resources()) {
    if (other.starts_with(name + ".")) {
      PIER_TRY(state.erase(other));
    }
  }
  PIER_TRY(state.finish());
  return push_state(session.bundle, session.client);
}

} // namespace

Result<void> bind_resource(Session& session, const model::ResourceKey& key, const std::string& id,
                           const BindOptions& options) {
  PIER_TRY(pull_state(session.bundle, session.client, session.observer));
  PIER_TRY(check_that_it_exists(session, key, id));
  return while_locked(session, {.force = options.force_lock}, [&] { return bind_locked(session, key, id, options); });
}

Result<void> unbind_resource(Session& session, const model::ResourceKey& key, bool force_lock) {
  PIER_TRY(pull_state(session.bundle, session.client, session.observer));
  return while_locked(session, {.force = force_lock}, [&] { return unbind_locked(session, key); });
}

} // namespace pier::deploy
