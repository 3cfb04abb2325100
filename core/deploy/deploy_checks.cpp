#include "core/deploy/deploy_checks.hpp"

#include "core/base/text.hpp"
#include "core/deploy/file_sync.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>

namespace pier::deploy {

Approval losses_of(const Plan& plan) {
  Approval approval;
  std::map<std::string, Approval::Group> groups;
  for (const auto& [key, entry] : plan.entries) {
    const bool loses = (entry.action == Action::recreate || entry.action == Action::remove) && !entry.gone;
    const auto parsed = model::ResourceKey::parse(key);
    const auto* kind = parsed && loses ? find_kind(kind_name(*parsed)) : nullptr;
    if (kind != nullptr && !kind->data_loss.empty()) {
      auto& group = groups[kind->name];
      group.kind = kind->name;
      group.message = kind->data_loss;
      group.keys.push_back(short_key(key));
      group.actions.push_back(entry.action);
    }
  }
  for (auto& [kind, group] : groups) {
    approval.groups.push_back(std::move(group));
  }
  return approval;
}

Result<void> check_prevent_destroy(const model::Bundle& bundle, const Plan& plan) {
  std::vector<std::string> kept;
  for (const auto& [key, entry] : plan.entries) {
    const bool goes = (entry.action == Action::recreate || entry.action == Action::remove) && !entry.gone;
    const auto parsed = model::ResourceKey::parse(key);
    if (!goes || !parsed || parsed->is_part()) {
      continue;
    }
    const auto* prevent =
        bundle.config.find_path({"resources", parsed->kind, parsed->key, "lifecycle", "prevent_destroy"});
    if (prevent != nullptr && prevent->is_bool() && prevent->as_bool()) {
      kept.push_back(key +
                     " has lifecycle.prevent_destroy set, but the plan calls for this resource to be recreated "
                     "or destroyed. To avoid this error, disable lifecycle.prevent_destroy for " +
                     key);
    }
  }
  if (kept.empty()) {
    return {};
  }
  return Error{.kind = ErrorKind::invalid_state, .code = "PIER2035", .message = join(kept, "\n")};
}

Result<void> check_saved_plan(const Plan& plan, const State& state) {
  if (plan.lineage.empty()) {
    return {};
  }
  if (plan.lineage != state.lineage()) {
    return Error{.kind = ErrorKind::conflict,
                 .code = "PIER2036",
                 .message = "plan lineage \"" + plan.lineage + "\" does not match state lineage \"" + state.lineage() +
                            "\"; the state may have been modified by another process",
                 .hint = "make a new plan"};
  }
  if (plan.serial != state.serial()) {
    return Error{.kind = ErrorKind::conflict,
                 .code = "PIER2036",
                 .message = "plan serial " + std::to_string(plan.serial) + " does not match state serial " +
                            std::to_string(state.serial()) +
                            "; the state has been modified since the plan was created. Please run 'bundle plan' again",
                 .hint = "make a new plan"};
  }
  return {};
}

Result<void> check_git_branch(const model::Bundle& bundle) {
  const auto* git = bundle.config.find_path({"bundle", "git"});
  const auto wanted = git == nullptr ? std::string() : git->get_string("branch");
  const auto actual = git == nullptr ? std::string() : git->get_string("actual_branch");
  if (wanted.empty() || actual.empty() || wanted == actual) {
    return {};
  }
  return Error{.kind = ErrorKind::invalid_state,
               .code = "PIER2054",
               .message = "not on the right Git branch:\n  expected according to configuration: " + wanted +
                          "\n  actual: " + actual +
                          "\nTo deploy from this branch anyway, use --force. Note that this may push unexpected code "
                          "to the target.",
               .hint = "git switch " + wanted};
}

namespace {

Result<bool> runs(const std::string& kind, const std::string& id, workspace_client::RestClient& client) {
  if (kind == "jobs") {
    std::int64_t number = 0;
    parse_int64(id, number);
    const auto active = workspace_client::Jobs(client).list_runs(number, true, 1);
    if (!active) {
      return active.error().kind == ErrorKind::not_found ? Result<bool>(false) : Result<bool>(active.error());
    }
    return !active->empty();
  }
  const auto pipeline = client.get("/api/2.0/pipelines/" + workspace_client::encode_segment(id));
  if (!pipeline) {
    return pipeline.error().kind == ErrorKind::not_found ? Result<bool>(false) : Result<bool>(pipeline.error());
  }
  const auto state = pipeline->get_string("state");
  return state != "IDLE" && state != "FAILED" && state != "DELETED";
}

} // namespace

Result<void> check_nothing_runs(const State& state, workspace_client::RestClient& client) {
  std::vector<std::string> keys;
  for (const auto& [key, resource] : state.resources()) {
    const auto parsed = model::ResourceKey::parse(key);
    const bool may_run = parsed && !parsed->is_part() && (parsed->kind == "jobs" || parsed->kind == "pipelines");
    if (may_run && !resource.id.empty()) {
      keys.push_back(key);
    }
  }
  constexpr std::size_t k_questions = 10;
  return for_each_parallel(k_questions, keys, [&](const std::string& key) -> Result<void> {
    const auto kind = model::ResourceKey::parse(key)->kind;
    const auto id = state.id_of(key);
    PIER_TRY_ASSIGN(const bool running, runs(kind, id, client));
    if (!running) {
      return {};
    }
    return Error{.kind = ErrorKind::invalid_state,
                 .code = "PIER2055",
                 .message = kind.substr(0, kind.size() - 1) + " " + id + " is running",
                 .hint = "wait for it, or leave out --fail-on-active-runs"};
  });
}

Result<void> summarize(const std::vector<Error>& errors, bool compatible) {
  if (errors.empty()) {
    return {};
  }
  // What only follows from another failure says less than that one.
  const auto root = std::find_if(errors.begin(), errors.end(), [](const Error& e) { return e.code != "PIER2029"; });
  const auto& first = root == errors.end() ? errors.front() : *root;
  if (errors.size() == 1 && !compatible) {
    return first;
  }
  return Error{.kind = first.kind,
               .code = "PIER2030",
               .message = std::to_string(errors.size()) + " resources failed, first: " + first.to_string(),
               .hint = first.hint.empty() ? "what worked is saved; run the command again to go on" : first.hint};
}

} // namespace pier::deploy
