#include "core/deploy/field_rules.hpp"

#include "core/deploy/kind.hpp"

#include <doctest/doctest.h>

using pier::Json;
using pier::deploy::Action;
using pier::deploy::decide_changes;
using pier::deploy::FieldRules;

namespace {

Json parse(std::string_view text) {
  return Json::parse(text).value();
}

/// "action/reason" of one field.
std::string decision(const FieldRules& rules, std::string_view path, std::string_view deployed,
                     std::string_view desired, std::string_view remote) {
  const auto changes = decide_changes(rules, {}, parse(deployed), parse(desired), parse(remote));
  const auto it = changes.find(std::string(path));
  if (it == changes.end()) {
    return "none";
  }
  return std::string(to_string(it->second.action)) + "/" + it->second.reason;
}

} // namespace

TEST_CASE("field rules: a local change and drift are updates") {
  CHECK(decision({}, "a", R"({"a":1})", R"({"a":2})", R"({"a":1})") == "update/");
  CHECK(decision({}, "a", R"({"a":1})", R"({"a":1})", R"({"a":2})") == "update/");
  CHECK(decision({}, "a", R"({"a":1})", R"({"a":1})", R"({"a":1})") == "none");
}

TEST_CASE("field rules: what the workspace has already is skipped") {
  CHECK(decision({}, "a", R"({"a":1})", R"({"a":2})", R"({"a":2})") == "skip/remote_already_set");
  CHECK(decision({}, "a", R"({})", R"({})", R"({"a":{}})") == "skip/empty");
}

TEST_CASE("field rules: ids recreate on a local change only") {
  FieldRules rules;
  rules.id_fields = {{.field = "name", .reason = "id_field"}};
  CHECK(decision(rules, "name", R"({"name":"a"})", R"({"name":"b"})", R"({"name":"a"})") == "recreate/id_field");
  CHECK(decision(rules, "name", R"({"name":"A"})", R"({"name":"A"})", R"({"name":"a"})") == "skip/id_field");
  FieldRules renamed;
  renamed.renamed_fields = {{.field = "name", .reason = "id_changes"}};
  CHECK(decision(renamed, "name", R"({"name":"a"})", R"({"name":"b"})", R"({"name":"a"})") == "update_id/id_changes");
}

TEST_CASE("field rules: backend defaults count only when nobody set the field") {
  FieldRules rules;
  rules.backend_defaults = {{.field = "format", .values = {Json("MULTI_TASK")}}};
  CHECK(decision(rules, "format", "{}", "{}", R"({"format":"MULTI_TASK"})") == "skip/backend_default");
  CHECK(decision(rules, "format", "{}", "{}", R"({"format":"OTHER"})") == "update/");
  FieldRules map;
  map.backend_defaults = {{.field = "properties['x.*']"}};
  CHECK(decision(map, "properties", "{}", "{}", R"({"properties":{"x.a":"1"}})") == "skip/backend_default");
  CHECK(decision(map, "properties", "{}", "{}", R"({"properties":{"x.a":"1","mine":"2"}})") == "update/");
}

TEST_CASE("field rules: what is not returned counts only as a local change") {
  FieldRules rules;
  rules.ignore_remote = {{.field = "tags", .reason = "spec:input_only"}};
  rules.not_returned = {"lifecycle"};
  CHECK(decision(rules, "tags", R"({"tags":1})", R"({"tags":1})", "{}") == "skip/spec:input_only");
  CHECK(decision(rules, "tags", R"({"tags":1})", R"({"tags":2})", "{}") == "update/");
  CHECK(decision(rules, "lifecycle", R"({"lifecycle":1})", R"({"lifecycle":1})", "{}") == "skip/missing_in_remote");
}

TEST_CASE("field rules: slashes at the end do not count where the workspace drops them") {
  FieldRules rules;
  rules.trim_slash = {{.field = "storage_root", .reason = "uc_strips_trailing_slash"}};
  rules.recreate = {{.field = "storage_root", .reason = "immutable"}};
  CHECK(decision(rules, "storage_root", R"({"storage_root":"s3://b/"})", R"({"storage_root":"s3://b/"})",
                 R"({"storage_root":"s3://b"})") == "skip/uc_strips_trailing_slash");
  CHECK(decision(rules, "storage_root", R"({"storage_root":"s3://a"})", R"({"storage_root":"s3://b"})",
                 R"({"storage_root":"s3://a"})") == "recreate/immutable");
}

TEST_CASE("field rules: a synced table is made anew for any change, unless the workspace only tells more") {
  const auto* kind = pier::deploy::find_kind("synced_database_tables");
  REQUIRE(kind != nullptr);
  const auto* state = R"({"name":"c.s.t","spec":{"scheduling_policy":"SNAPSHOT","source_table_full_name":"a.b.c"}})";
  const auto* remote = R"({"name":"c.s.t","spec":{"scheduling_policy":"SNAPSHOT","source_table_full_name":"a.b.c"},
                           "data_synchronization_status":{"detailed_state":"SYNCED_TABLE_ONLINE"}})";
  const auto same =
      decide_changes(kind->rules, kind->keyed, parse(state), parse(state), kind->state_of_remote(parse(remote)));
  CHECK(heaviest(same) == Action::skip);
  const auto changed = decide_changes(kind->rules, kind->keyed, parse(state),
                                      parse(R"({"name":"c.s.t","spec":{"scheduling_policy":"TRIGGERED",
                                                "source_table_full_name":"a.b.c"}})"),
                                      kind->state_of_remote(parse(remote)));
  CHECK(heaviest(changed) == Action::recreate);
}

TEST_CASE("field rules: an app without a deployment has no drift of its code") {
  const auto* kind = pier::deploy::find_kind("apps");
  REQUIRE(kind != nullptr);
  pier::deploy::FieldChange change{.action = Action::update};
  kind->review("source_code_path", change, parse(R"({"name":"a"})"));
  CHECK(change.action == Action::skip);
  change.action = Action::update;
  kind->review("config.command", change, parse(R"({"name":"a","active_deployment":{}})"));
  CHECK(change.action == Action::update);
}

TEST_CASE("field rules: values of an app's variables that the workspace keeps to itself are no drift") {
  const auto* kind = pier::deploy::find_kind("apps");
  REQUIRE(kind != nullptr);
  const auto remote = parse(R"({"name":"a","active_deployment":{}})");
  pier::deploy::FieldChange change{.action = Action::update, .before = "v", .after = "v"};
  kind->review("config.env[0].value", change, remote);
  CHECK(change.action == Action::skip);
  pier::deploy::FieldChange edited{.action = Action::update, .before = "v", .after = "w"};
  kind->review("config.env[0].value", edited, remote);
  CHECK(edited.action == Action::update);
}

TEST_CASE("field rules: a run that still goes is waited for, one that failed is run again") {
  const auto* kind = pier::deploy::find_kind("job_runs");
  REQUIRE(kind != nullptr);
  const auto state = parse(R"({"job_id":7})");
  const auto desired = parse(R"({"job_id":7,"result_state":"SUCCESS"})");
  const auto action = [&](std::string_view text) {
    const auto remote = parse(text);
    auto changes = decide_changes(kind->rules, kind->keyed, state, desired, kind->state_of_remote(remote));
    for (auto& [path, change] : changes) {
      kind->review(path, change, remote);
    }
    return heaviest(changes);
  };
  CHECK(action(R"({"job_id":7,"result_state":"SUCCESS","state":{"life_cycle_state":"TERMINATED"}})") == Action::skip);
  CHECK(action(R"({"job_id":7,"result_state":"FAILED","state":{"life_cycle_state":"TERMINATED"}})") ==
        Action::recreate);
  CHECK(action(R"({"job_id":7,"state":{"life_cycle_state":"RUNNING"}})") == Action::update);
}

TEST_CASE("field rules: an entry of a permissions list keeps what was deployed, also when it drifted") {
  const auto entry = parse(R"({"__embed__":[{"group_name":"g","level":"CAN_VIEW"}]})");
  const auto changes = decide_changes({}, {{"", {"group_name"}}}, entry, entry,
                                      parse(R"({"__embed__":[{"group_name":"h","level":"CAN_VIEW"}]})"));
  const auto it = changes.find("[group_name='g']");
  REQUIRE(it != changes.end());
  CHECK(it->second.before == parse(R"({"group_name":"g","level":"CAN_VIEW"})"));
}
