#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_api = "/api/2.0/instance-pools/";

std::string api(std::string_view call) {
  return std::string(k_api) + std::string(call);
}

} // namespace

Kind instance_pools() {
  Kind kind;
  kind.name = "instance_pools";
  kind.create_tells_remote = kind.update_tells_remote = false;
  kind.state_fields = {"aws_attributes",
                       "azure_attributes",
                       "custom_tags",
                       "disk_spec",
                       "enable_elastic_disk",
                       "gcp_attributes",
                       "idle_instance_autotermination_minutes",
                       "instance_pool_name",
                       "max_capacity",
                       "min_idle_instances",
                       "node_type_flexibility",
                       "node_type_id",
                       "preloaded_docker_images",
                       "preloaded_spark_versions",
                       "remote_disk_throughput",
                       "total_initial_remote_disk_size"};
  kind.remote_fields = {"default_tags", "instance_pool_id", "state", "stats", "status"};
  kind.rules.ignore_remote = rules("managed", {"aws_attributes", "azure_attributes", "gcp_attributes"});
  kind.rules.recreate =
      rules("", {"disk_spec", "node_type_flexibility", "preloaded_spark_versions", "preloaded_docker_images"});
  kind.rules.backend_defaults = rules("backend_default", {"enable_elastic_disk", "max_capacity"});
  kind.rules.backend_defaults.push_back(
      FieldRule{.field = "idle_instance_autotermination_minutes", .reason = "backend_default", .values = {Json(60)}});
  kind.read = read_by(api("get"), "instance_pool_id");
  kind.create = create_at(api("create"), "instance_pool_id");
  kind.update = [](Operation& operation, const Update& update, Json& state) -> Result<void> {
    auto body =
        pick(state, {"custom_tags", "idle_instance_autotermination_minutes", "instance_pool_name", "max_capacity",
                     "min_idle_instances", "node_type_id", "remote_disk_throughput", "total_initial_remote_disk_size"});
    body["instance_pool_id"] = update.id;
    PIER_TRY(operation.client.post(api("edit"), std::move(body)));
    return {};
  };
  kind.remove = remove_by(api("delete"), "instance_pool_id");
  return kind;
}

} // namespace pier::deploy::kinds
