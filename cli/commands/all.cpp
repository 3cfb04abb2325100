#include "cli/commands/all.hpp"

#include "bundles/explanations.hpp"
#include "cli/explanations.hpp"
#include "core/base/explanations.hpp"
#include "core/deploy/explanations.hpp"
#include "core/git/explanations.hpp"
#include "core/http/explanations.hpp"
#include "core/identity/explanations.hpp"
#include "core/migrate/explanations.hpp"
#include "core/scaffold/explanations.hpp"
#include "core/store/explanations.hpp"
#include "core/workspace_client/explanations.hpp"

#include <algorithm>

namespace pier::cli {

CommandSpec bundle_bind_command();
CommandSpec bundle_debug_states_command();
CommandSpec bundle_deploy_command();
CommandSpec bundle_destroy_command();
CommandSpec bundle_generate_alert_command();
CommandSpec bundle_generate_app_command();
CommandSpec bundle_generate_dashboard_command();
CommandSpec bundle_generate_genie_space_command();
CommandSpec bundle_generate_job_command();
CommandSpec bundle_generate_pipeline_command();
CommandSpec bundle_init_command();
CommandSpec bundle_open_command();
CommandSpec bundle_plan_command();
CommandSpec bundle_run_command();
CommandSpec bundle_schema_command();
CommandSpec bundle_summary_command();
CommandSpec bundle_sync_command();
CommandSpec bundle_unbind_command();
CommandSpec bundle_validate_command();
CommandSpec complete_command();
CommandSpec completion_command();
CommandSpec deploy_command();
CommandSpec destroy_command();
CommandSpec explain_command();
CommandSpec init_command();
CommandSpec local_connect_command();
CommandSpec local_idle_command();
CommandSpec local_reset_command();
CommandSpec local_serve_command();
CommandSpec local_start_command();
CommandSpec local_status_command();
CommandSpec local_stop_command();
CommandSpec local_token_command();
CommandSpec logs_command();
CommandSpec migrate_apply_command();
CommandSpec migrate_status_command();
CommandSpec open_command();
CommandSpec plan_command();
CommandSpec psql_command();
CommandSpec run_command();
CommandSpec schema_command();
CommandSpec sql_command();
CommandSpec status_command();
CommandSpec validate_command();
CommandSpec version_command();

std::span<const CommandSpec> all_commands() {
  static const std::vector<CommandSpec> commands = {
      init_command(),
      // a bundle and its targets
      validate_command(),
      plan_command(),
      deploy_command(),
      status_command(),
      run_command(),
      open_command(),
      logs_command(),
      destroy_command(),
      schema_command(),
      // the same by the words of the official CLI
      bundle_init_command(),
      bundle_validate_command(),
      bundle_plan_command(),
      bundle_deploy_command(),
      bundle_destroy_command(),
      bundle_summary_command(),
      bundle_run_command(),
      bundle_open_command(),
      bundle_bind_command(),
      bundle_unbind_command(),
      bundle_generate_job_command(),
      bundle_generate_pipeline_command(),
      bundle_generate_app_command(),
      bundle_generate_dashboard_command(),
      bundle_generate_alert_command(),
      bundle_generate_genie_space_command(),
      bundle_debug_states_command(),
      bundle_sync_command(),
      bundle_schema_command(),
      // data
      sql_command(),
      psql_command(),
      migrate_status_command(),
      migrate_apply_command(),
      // the local workspace
      local_start_command(),
      local_stop_command(),
      local_status_command(),
      local_connect_command(),
      local_token_command(),
      local_idle_command(),
      local_serve_command(),
      local_reset_command(),
      // pier itself
      explain_command(),
      completion_command(),
      complete_command(),
      version_command(),
  };
  return commands;
}

std::vector<Explanation> all_explanations() {
  std::vector<Explanation> all;
  for (const auto texts :
       {pier::explanations(), cli::explanations(), workspace_explanations(), bundles::explanations(),
        scaffold::explanations(), http::explanations(), store::explanations(), workspace_client::explanations(),
        deploy::explanations(), git::explanations(), migrate::explanations(), identity::explanations()}) {
    all.insert(all.end(), texts.begin(), texts.end());
  }
  std::sort(all.begin(), all.end(), [](const Explanation& a, const Explanation& b) { return a.code < b.code; });
  return all;
}

} // namespace pier::cli
