#pragma once

#include "core/base/json.hpp"
#include "core/base/member_order.hpp"
#include "core/base/result.hpp"
#include "core/deploy/action.hpp"
#include "core/deploy/field_rules.hpp"
#include "core/deploy/observer.hpp"
#include "core/model/bundle.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <functional>
#include <string>
#include <vector>

namespace pier::deploy {

/// What the calls of a kind get to work with.
struct Operation {
  workspace_client::RestClient& client;
  Observer& observer;
  std::string subject; ///< "apps.shop"
  /// Do exactly what the official engine does; otherwise also wait for what others will need at once.
  bool compatible = false;
  /// Set by the `create` of a kind when its answer is what a read would tell.
  Json told;
  /// Called by apps between having compute and deploying their code; databases are migrated there.
  std::function<Result<void>(const std::string& app_name)> before_app_code;

  void report(std::string line) const {
    observer.on_event(Event{.type = Event::Type::line, .subject = subject, .text = std::move(line)});
  }
};

/// An update as the plan decided it.
struct Update {
  std::string id;
  const FieldChanges& changes;
  const Json& remote; ///< as read while planning
};

/// One kind of resource: what is kept of its configuration, which calls make, read, change and remove it,
/// and what a change of each field means. A plain table; one file per kind in kinds/.
/// "State" is the JSON that is saved, compared and sent; "remote" the answer of the workspace.
struct Kind {
  std::string name; ///< "apps"; "apps.permissions" for a part

  /// Members of the configuration that belong to the state. Others are pier's own ("permissions").
  std::vector<std::string> state_fields;
  /// Members that only the workspace knows and that `${resources.…}` may refer to.
  std::vector<std::string> remote_fields;
  FieldRules rules;
  KeyedLists keyed;
  /// Fields that are numbers in the API but may come from an id, which is a text here (patterns).
  std::vector<std::string> integer_fields;
  /// Losing it loses data: the user is asked. The sentence says what is lost; empty: nobody is asked.
  std::string data_loss;
  /// A state without entries is no node at all (grants).
  bool empty_is_nothing = false;
  /// It is put, not made: a creation that failed may be sent again.
  bool create_is_repeatable = false;
  /// False when the answers do not tell what the resource is like then: it has to be read again.
  bool create_tells_remote = true;
  bool update_tells_remote = true;
  /// Fields that neither plans nor states may show.
  std::vector<std::string> sensitive_fields;
  /// Fields of the state that are always made from a reference to the owner: `object_id`.
  std::vector<std::string> reference_fields;
  /// Members that the official engine writes before the others, at any depth of a state.
  std::vector<std::string> leading_members;

  /// State of a node, whose configuration has that shape already; default: the members in state_fields.
  std::function<Result<Json>(const model::ResourceNode&)> prepare;
  /// State as the workspace has it; default: the members in state_fields.
  std::function<Json(const Json& remote)> remap;

  std::function<Result<Json>(Operation&, const std::string& id)> read; ///< error not_found
  /// Returns the id. May change the state that is saved.
  std::function<Result<std::string>(Operation&, Json& state)> create;
  std::function<Result<void>(Operation&, const std::string& id, const Json& state)> after_create;
  std::function<Result<void>(Operation&, const Update&, Json& state)> update;
  /// Returns the new id.
  std::function<Result<std::string>(Operation&, const std::string& id, Json& state)> rename;
  std::function<Result<void>(Operation&, const std::string& id, const Json& state)> after_update;
  /// `state` is as it was deployed.
  std::function<Result<void>(Operation&, const std::string& id, const Json& state)> remove;
  /// Before the same name is made again.
  std::function<Result<void>(Operation&, const std::string& id)> after_remove;
  /// False while the workspace is still making it (a deploy was killed meanwhile): it is waited for again.
  std::function<bool(const Json& remote)> is_settled;
  /// The workspace still tells of it, but it is on its way out.
  std::function<bool(const Json& remote)> is_going;
  /// A last word on the decision of a field.
  std::function<void(const std::string& path, FieldChange&, const Json& remote)> review;

  [[nodiscard]] Json state_of_remote(const Json& remote) const;

  /// True if a state describes no node at all.
  [[nodiscard]] bool is_nothing(const Json& state) const;

  /// The state as it is written and compared while references wait: numbers are 0, `reference_fields` empty.
  [[nodiscard]] Json with_placeholders(Json desired) const;
};

/// The kind of a node ("apps", "jobs.permissions"), or nullptr when pier cannot deploy it.
const Kind* find_kind(const std::string& name);
std::string kind_name(const model::ResourceKey& key);

/// How the states of a node ("resources.jobs.x.permissions") are written.
MemberOrder order_of_state(const std::string& key);

/// The members of `object` that are named, nulls left out.
Json pick(const Json& object, const std::vector<std::string>& names);

} // namespace pier::deploy
