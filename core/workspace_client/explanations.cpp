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
                  "choose with auth_type (DATABRICKS_AUTH_TYPE): pat or oauth-m2m."},
      Explanation{"PIER2005", "a way to sign in is not supported",
                  "pier signs in with a token (pat), an OAuth client (oauth-m2m), or the tokens that\n"
                  "`databricks auth login` keeps in ~/.databricks/token-cache.json (databricks-cli)."},
      Explanation{"PIER2006", "no host is configured",
                  "The workspace is found by: --local, then workspace.host or workspace.profile of the target,\n"
                  "then DATABRICKS_HOST, then the local workspace."},
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
      Explanation{"PIER2012", "a folder is where a file is expected",
                  "A path of the workspace that should be a file is a folder. Remove or rename it."},
  };
  return k_explanations;
}

} // namespace pier::workspace_client
