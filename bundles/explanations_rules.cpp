#include "bundles/explanations_rules.hpp"

#include <array>

namespace pier::bundles {

std::span<const Explanation> rule_explanations() {
  static constexpr std::array k_texts = {
      Explanation{"PIER1050", "a path has /Workspace twice",
                  "The paths of ${workspace.…} start with /Workspace already. Remove the prefix."},
      Explanation{"PIER1051", "a volume cannot hold this path", "Only workspace.artifact_path may lie below /Volumes."},
      Explanation{
          "PIER1052", "the bundle lies in a shared folder",
          "Everybody can write below /Workspace/Shared, so anybody could change what is deployed. Choose a folder\n"
          "of your own, or say that it is meant with `permissions: [{group_name: users, level: CAN_MANAGE}]`."},
      Explanation{"PIER1053", "a sync path leaves the file system",
                  "An entry of sync.paths has more `..` than there are folders."},
      Explanation{
          "PIER1054", "Python cannot be run",
          "`python` needs the interpreter of its venv_path (make it with `python3 -m venv .venv`) or python3 on\n"
          "PATH, with the package databricks-bundles installed."},
      Explanation{"PIER1055", "Python gives no usable answer",
                  "The package databricks-bundles fails, or changes what it may not: `resources` functions only add\n"
                  "resources, `mutators` only change them."},
      Explanation{"PIER1056", "a problem in Python code", "Reported by the functions of the section `python`."},
      Explanation{"PIER1060", "trigger_pause_status is wrong", "The preset takes PAUSED or UNPAUSED."},
      Explanation{"PIER1061", "run_as names no identity, or two",
                  "Write user_name or service_principal_name, not both."},
      Explanation{
          "PIER1062", "run_as does not fit a kind",
          "Apps, serving endpoints and monitors always run as their owner, who is the deployer. Deploy as that\n"
          "identity, or set run_as on the single jobs and pipelines."},
      Explanation{
          "PIER1063", "a development target is not yours alone",
          "In `mode: development` several people deploy side by side. The paths must hold the user name (start them\n"
          "with ~/), the name prefix too, and triggers stay paused."},
      Explanation{"PIER1064", "a development pipeline in production",
                  "Remove `development: true` from the pipeline for a target with `mode: production`."},
      Explanation{"PIER1065", "production without a fixed path",
                  "Two people would deploy two copies. Set workspace.root_path in the target:\n"
                  "  workspace: {root_path: /Workspace/Shared/.bundle/${bundle.name}/${bundle.target}}"},
      Explanation{"PIER1066", "an unknown mode", "`mode` is development or production."},
      Explanation{
          "PIER1067", "the old mode of run_as",
          "experimental.use_legacy_run_as makes the run_as identity the owner of the pipelines. Remove it and let\n"
          "run_as work as it does now."},
      Explanation{
          "PIER1068", "the bundle wants another version",
          "bundle.databricks_cli_version holds conditions such as \">= 0.229.0, <= 2.0.0\". pier answers as version\n"
          "1.13.0 of the official CLI."},
      Explanation{"PIER1069", "a cluster replaces those of the bundle",
                  "bundle.cluster_id, --cluster-id or DATABRICKS_CLUSTER_ID send all tasks to one cluster: good while\n"
                  "developing, not in production."},
      Explanation{"PIER1070", "a resource is empty", "The key has nothing below it. Write its fields, or remove it."},
      Explanation{
          "PIER1071", "a reference where none is resolved",
          "Host, profile and the like must be known before anything is resolved, and the bundle's name is part of\n"
          "its path. Write the values themselves or use the environment."},
      Explanation{"PIER1072", "the engine is wrong or old",
                  "`bundle.engine` is direct. The Terraform engine is deprecated and pier does not run it."},
      Explanation{
          "PIER1073", "a script is wrong",
          "A script has `content`. `${…}` in it would be ambiguous: pass values through `env`, which may refer to\n"
          "${bundle.…}, ${workspace.…} and ${var.…}."},
      Explanation{"PIER1074", "a secret stands in the file",
                  "`value` of a secret must be `${var.NAME}`, and that variable must have no default. Pass it with\n"
                  "BUNDLE_VAR_NAME."},
      Explanation{"PIER1075", "a required field is missing",
                  "The workspace will refuse the resource without this field."},
      Explanation{"PIER1076", "a value is not one of the known ones",
                  "The message lists them. The workspace may know newer ones, so this is a warning."},
      Explanation{"PIER1077", "a resource cannot be deployed like this",
                  "A dashboard needs display_name and warehouse_id, a SQL warehouse a name, a grant a principal and\n"
                  "privileges, an access entry of a secret scope a principal."},
      Explanation{"PIER1078", "a field is not yours to set",
                  "The field is computed by the workspace or by the tool. Remove it."},
      Explanation{
          "PIER1079", "a single-node cluster is half configured",
          "num_workers: 0 needs spark_conf spark.databricks.cluster.profile: singleNode and spark.master: local[*],\n"
          "and custom_tags ResourceClass: SingleNode; or is_single_node: true."},
      Explanation{"PIER1080", "a job cluster is not defined",
                  "The task names a job_cluster_key that is not in the job's job_clusters."},
      Explanation{"PIER1081", "a task has nothing to run on",
                  "Python, wheel, dbt and JAR tasks need job_cluster_key, environment_key, existing_cluster_id or\n"
                  "new_cluster. For serverless: an entry in the job's environments and its environment_key."},
      Explanation{
          "PIER1082", "an app has no source, or two",
          "An app has source_code_path (a folder of this bundle) or git_source, and no two apps share a folder."},
      Explanation{
          "PIER1083", "an app loses its rights at the next deploy",
          "The app is bound to a resource whose permissions the bundle lists. Each deploy writes that list, which\n"
          "removes what the binding gave the app. Add the app's service principal to the list."},
      Explanation{"PIER1084", "a trigger of a job run is wrong",
                  "`lifecycle.triggers` holds `- on_bundle_deploy: true`, and then prevent_destroy makes no sense."},
      Explanation{"PIER1086", "the git repository cannot be used",
                  "The file .git names no repository, or sync.paths leave the work tree."},
      Explanation{"PIER1087", "a cluster is too old for local wheels",
                  "Wheels of the bundle can be installed from Databricks Runtime 13.1 on. Raise spark_version, or set\n"
                  "experimental.python_wheel_wrapper."},
      Explanation{"PIER1085", "served_models is old", "Use served_entities (entity_name, entity_version)."},
      Explanation{"PIER1088", "an immutable folder chooses its own path",
                  "With experimental.immutable_folder the files go to a folder named after their content."},
      Explanation{"PIER1089", "an alert is written in two places",
                  "With `file_path` only warehouse_id, display_name, permissions and lifecycle stay in the bundle."},
      Explanation{
          "PIER1090", "a local path cannot be used",
          "The file, notebook or folder does not exist, lies outside of what is uploaded, or is of another sort:\n"
          "a notebook is an .ipynb, or a .py, .sql, .r or .scala file that starts with the comment\n"
          "`Databricks notebook source`. Paths are relative to the file that holds them."},
      Explanation{"PIER1091", "a path is relative to the wrong file",
                  "Paths are relative to the YAML file in which they stand, also in a target's overrides."},
      Explanation{"PIER1092", "a content file cannot be read",
                  "`file_path` of a dashboard or Genie space must be a file of the bundle."},
      Explanation{"PIER1093", "a content is given twice", "Write file_path or the content itself, not both."},
      Explanation{"PIER1094", "an artifact has nothing to do", "An artifact needs `build` (a command) or `files`."},
      Explanation{"PIER1095", "an artifact's files do not exist",
                  "Nothing is built, so the files must be there. Build them first or give a `build` command."},
      Explanation{
          "PIER1096", "a hook fails",
          "A command of experimental.scripts (preinit, postinit) ends with an error, or commands may not run at\n"
          "all because DATABRICKS_BUNDLE_RESTRICTED_CODE_EXECUTION is set."},
      Explanation{"PIER1097", "no file would be uploaded",
                  "sync.exclude, a .gitignore of the bundle or one of a folder above it leaves nothing over. `git "
                  "check-ignore\n"
                  "-v FILE` names the line; `sync.include` takes files in spite of it."},
      Explanation{"PIER1098", "a sync pattern matches nothing",
                  "Patterns are those of .gitignore and relative to the file that holds them."},
      Explanation{
          "PIER1099", "a source-linked deployment does not fit",
          "Resources that use the files where they lie work only in the workspace, and are meant for development.\n"
          "Remove presets.source_linked_deployment, or workspace.file_path, which it ignores."},
      Explanation{"PIER1101", "an unknown permission level",
                  "Top-level permissions know CAN_MANAGE, CAN_VIEW and CAN_RUN; each kind translates them to its own."},
      Explanation{"PIER1102", "the deployer is not in the permissions",
                  "Whoever deploys gets CAN_MANAGE anyway; list them so that the next deployer does not remove them."},
      Explanation{"PIER1103", "a resource says something else",
                  "The resource has its own entry for this principal, which wins over the top-level permissions."},
      Explanation{"PIER1104", "others have access to the folder",
                  "The folder of the target in the workspace, or the one above it, grants more than the bundle's\n"
                  "top-level permissions say. A deploy would leave that as it is, or take it away."},
      Explanation{
          "PIER1106", "code of an AI runtime task that cannot be packed",
          "A folder below the bundle that `code_source_path` names is packed and uploaded by a deploy. That does\n"
          "not go together with git_source, source-linked deployment, immutable folders and for_each_task."},
      Explanation{
          "PIER1105", "a reference to a field that only Terraform has",
          "The direct engine knows the fields of the bundle language and of the workspace's answers. Terraform's\n"
          "provider has more; what refers to those has to be written another way."},
      Explanation{"PIER1901", "a key is written twice", "YAML keeps the last of the two silently. Remove one."},
      Explanation{
          "PIER1902", "a reference to a resource that is not there",
          "`${resources.KIND.KEY.…}` must name a resource of this bundle and target. The official tools find this\n"
          "only while deploying."},
      Explanation{"PIER1903", "a reference to a field that is not there",
                  "The kind has no such field, neither in the configuration nor in what the workspace returns."},
      Explanation{"PIER1904", "a task waits for one that is not there",
                  "`depends_on` names tasks of the same job by their task_key. The workspace refuses such a job."},
      Explanation{"PIER1905", "a task runs in an environment that is not there",
                  "`environment_key` names an entry of the job's `environments`. The workspace refuses such a job."},
  };
  return k_texts;
}

} // namespace pier::bundles
