#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_base = "/api/2.0/alerts";

} // namespace

Kind alerts() {
  Kind kind;
  kind.name = "alerts";
  kind.state_fields = {
      "create_time", "custom_description", "custom_summary",  "display_name", "effective_run_as", "evaluation",
      "id",          "lifecycle_state",    "owner_user_name", "parameters",   "parent_path",      "query_text",
      "run_as",      "run_as_user_name",   "schedule",        "update_time",  "warehouse_id"};
  kind.prepare = [fields = kind.state_fields](const model::ResourceNode& node) -> Result<Json> {
    auto state = pick(node.config, fields);
    state.erase("id"); // of the bundle's own bookkeeping
    return state;
  };
  kind.rules.ignore_remote =
      rules("spec:output_only", {"create_time", "effective_run_as", "evaluation.last_evaluated_at", "evaluation.state",
                                 "id", "lifecycle_state", "owner_user_name", "update_time"});
  kind.read = [](Operation& operation, const std::string& id) -> Result<Json> {
    PIER_TRY_ASSIGN(auto alert, operation.client.get(path_of(k_base, id)));
    if (alert.get_string("lifecycle_state") == "DELETED") {
      return Error{.kind = ErrorKind::not_found, .code = "RESOURCE_DOES_NOT_EXIST", .message = "the alert is deleted"};
    }
    return alert;
  };
  kind.create = create_at(std::string(k_base), "id");
  kind.update = patch_whole(std::string(k_base));
  kind.remove = remove_at(std::string(k_base), "purge");
  return kind;
}

} // namespace pier::deploy::kinds
