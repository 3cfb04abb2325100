#include "core/workspace_client/explanations.hpp"

#include <array>

namespace pier::workspace_client {

std::span<const Explanation> explanations() {
  static constexpr std::array k_explanations = {
      Explanation{"PIER2001", "~/.databrickscfg cannot be read",
                  "The file holds profiles: a line [NAME], then lines `key = value` such as host and token.\n"
                  "Another file can be named by DATABRICKS_CONFIG_FILE."},
      Explanation{"PIER2002", "a profile does not exist",
                  "--profile, DATABRICKS_CONFIG_PROFILE or workspace.profile names a profile that is not in\n"
                  "~/.databrickscfg."},
      Explanation{"PIER2003", "several profiles have the target's host",
                  "workspace.host of the target selects the profile with the same host. When several have it, say\n"
                  "which: workspace.profile of the target, or --profile."},
      Explanation{"PIER2004", "more than one way to sign in is configured",
                  "A token and an OAuth client are both set, in the environment or the profile. Remove one, or\n"
                  "choose with auth_type (DATABRICKS_AUTH_TYPE): pat, oauth-m2m …."},
      Explanation{
          "PIER2005", "a way to sign in is not supported",
          "pier signs in with a token (pat), an OAuth client (oauth-m2m), the tokens that\n"
          "`databricks auth login` keeps in ~/.databricks/token-cache.json (databricks-cli), or the token of an\n"
          "automation (github-oidc, env-oidc, file-oidc). Azure's, Google's and the metadata service's ways are\n"
          "not supported: give the pipeline an OAuth client or a federation policy instead."},
      Explanation{
          "PIER2006", "no host is configured",
          "The workspace is found by: --local, then workspace.host or workspace.profile of the target,\n"
          "then DATABRICKS_HOST, then the local workspace. `pier bundle …` takes the local one only with --local,\n"
          "so that a pipeline without credentials fails."},
      Explanation{"PIER2007", "no token is configured",
                  "auth_type pat needs a token: DATABRICKS_TOKEN, or `token = …` in the profile."},
      Explanation{"PIER2008", "not signed in",
                  "The workspace is known but no way to sign in. Set DATABRICKS_TOKEN, use a profile, or sign in\n"
                  "with the official CLI in plain-text mode (DATABRICKS_AUTH_STORAGE=plaintext)."},
      Explanation{"PIER2009", "interrupted",
                  "Ctrl-C or a signal ended the command. What was done so far is recorded; run it again to go on."},
      Explanation{"PIER2010", "something takes longer than its limit",
                  "The workspace accepted the request but did not finish in time (20 minutes for apps and\n"
                  "databases, 24 hours for job runs). It may still finish: `pier status`."},
      Explanation{"PIER2011", "an app does not come up",
                  "Build or start failed. `pier logs APP` shows what pip, npm and the app printed. Common reasons:\n"
                  "a dependency is missing, the app listens on another port than DATABRICKS_APP_PORT, it crashes."},
      Explanation{
          "PIER2017", "an automation has no identity token",
          "github-oidc needs `permissions: id-token: write` in the workflow, env-oidc the token in the variable\n"
          "DATABRICKS_OIDC_TOKEN (or the one that DATABRICKS_OIDC_TOKEN_ENV names), file-oidc the path of a file\n"
          "in DATABRICKS_OIDC_TOKEN_FILEPATH."},
      Explanation{
          "PIER2018", "the profile leads to another host than the target",
          "-p, DATABRICKS_CONFIG_PROFILE or workspace.profile names a profile whose host is not workspace.host of\n"
          "the target. Nothing is sent to either."},
      Explanation{"PIER2012", "a folder is where a file is expected",
                  "A path of the workspace that should be a file is a folder. Remove or rename it."},
      Explanation{"PIER3001", "the local workspace runs already",
                  "One daemon owns a workspace. `pier local status` shows it, `pier local stop` ends it. Another\n"
                  "workspace beside it: set PIER_WORKSPACE to another name, or PIER_HOME to another folder."},
      Explanation{"PIER3002", "the program of the local workspace is missing",
                  "pier starts `pierd`, which stands beside it in the same folder. Install both."},
      Explanation{"PIER3003", "the local workspace does not start",
                  "pierd ended or did not answer in time. Its log is logs/pierd.log of the workspace;\n"
                  "`pier local serve` runs it in the foreground."},
      Explanation{"PIER3004", "the local workspace does not run",
                  "`pier local start` starts it; commands that need it start it by themselves."},
      Explanation{"PIER3005", "the local workspace does not end",
                  "It was told to stop and then killed, yet its process is still there: it waits for a disk or a\n"
                  "file system that does not answer."},
      Explanation{"PIER3006", "there is no place for the local workspace",
                  "Its folder is $PIER_HOME, by default ~/.local/share/pier (for root /var/lib/pier); its name is\n"
                  "$PIER_WORKSPACE, by default `default`."},
      Explanation{"PIER3007", "the port that was asked for is in use",
                  "Choose another one with --port, or leave it out: a free one is found and kept."},
      Explanation{"PIER3008", "the state of the local workspace is broken",
                  "run/pierd.json cannot be read. `pier local stop` and `pier local start` write it anew."},
      Explanation{"PIER3009", "a request asked for a host that is not this machine",
                  "The workspace listens on loopback and answers only to 127.0.0.1, localhost and [::1], so that a\n"
                  "web page cannot reach it under a name of its own."},
      Explanation{"PIER2013", "a lookup finds nothing",
                  "A variable with `lookup` names an object that the workspace does not have."},
      Explanation{"PIER2014", "a lookup finds several", "The name is not unique in the workspace: give the id itself."},
      Explanation{"PIER2015", "a kind that cannot be looked up",
                  "lookup takes: alert, cluster, cluster_policy, dashboard, instance_pool, job, metastore,\n"
                  "notification_destination, pipeline, query, service_principal, warehouse."},
  };
  return k_explanations;
}

} // namespace pier::workspace_client
