#include "core/deploy/explanations.hpp"

#include <array>

namespace pier::deploy {

std::span<const Explanation> explanations() {
  static constexpr std::array k_explanations = {
      Explanation{"PIER2020", "planning failed",
                  "For several resources it could not be found out what has to be done; each is reported on a line\n"
                  "of its own. Nothing was changed."},
      Explanation{"PIER2021", "a state file is damaged",
                  "resources.json or its write-ahead record (resources.json.wal) in .databricks/bundle/TARGET cannot\n"
                  "be read or do not belong together. The workspace keeps a copy: remove both files here and run\n"
                  "the command again."},
      Explanation{"PIER2022", "the state was written by a newer version",
                  "Another tool or a newer pier deployed this target with a format that this version does not know.\n"
                  "Use that version."},
      Explanation{"PIER2023", "a reference cannot be resolved",
                  "`${resources.KIND.KEY.FIELD}` names a field that the resource does not have, neither in the bundle\n"
                  "nor in the workspace. Check the spelling of the field."},
      Explanation{"PIER2024", "a saved plan cannot be used",
                  "The file given to --plan is of another format. Make it anew: pier plan -o json > plan.json"},
      Explanation{"PIER2025", "a selected resource does not exist",
                  "--select takes KIND.KEY as in the bundle: jobs.nightly, apps.shop."},
      Explanation{"PIER2026", "resources refer to each other in a circle, or to nothing",
                  "References decide the order in which resources are made. A circle has no order: let one of the\n"
                  "resources state the value itself. A reference to a resource that is not in the bundle is a slip."},
      Explanation{"PIER2027", "a kind of resource is not supported yet",
                  "The state or the plan names a kind that this version does not know; a newer tool wrote it."},
      Explanation{"PIER2028", "a plan that makes no sense", "A bug in pier. Please report the plan: pier plan -o json"},
      Explanation{"PIER2029", "a resource was left out because one that it needs failed",
                  "Correct the first failure and deploy again; what worked is not done twice."},
      Explanation{"PIER2030", "several resources failed",
                  "Each failure is on a line of its own. What worked is recorded; deploy again to go on."},
      Explanation{"PIER2031", "an app's settings could not be changed",
                  "The workspace refused or gave up the change. The message is the workspace's own."},
      Explanation{"PIER2032", "a run that belongs to the deployment failed",
                  "A `job_runs` resource has to succeed before what depends on it goes on. The failed tasks and what\n"
                  "they said are listed. The next deploy runs the job again."},
      Explanation{"PIER2033", "a warehouse did not get to the wanted state",
                  "It was started or stopped, but ended in another state. Look at it in the workspace."},
      Explanation{"PIER2034", "a recorded id is malformed",
                  "The state file was changed by hand, or by a tool with another idea of it."},
      Explanation{"PIER2035", "a protected resource would be deleted",
                  "lifecycle.prevent_destroy is set for it. Remove the setting if it may really go."},
      Explanation{"PIER2036", "a saved plan is outdated",
                  "The target was deployed after the plan was made. Make a new plan."},
      Explanation{"PIER2037", "a question about lost data cannot be asked",
                  "The command would delete or recreate something that holds data, and there is no terminal.\n"
                  "Read the list, then add --auto-approve."},
      Explanation{"PIER2038", "migrations have errors",
                  "Files in migrations/ are checked before anything is deployed. The places are shown."},
      Explanation{"PIER2039", "a migration failed",
                  "The file with the failing statement was rolled back as a whole; earlier files stay applied.\n"
                  "Apps did not get new code. Correct the statement and deploy again."},
      Explanation{"PIER2041", "a folder to upload does not exist", "sync.paths names a folder that is not there."},
      Explanation{"PIER2042", "folders are nested too deeply", "More than 200 levels below the sync root."},
      Explanation{"PIER2043", "two files would be one object",
                  "Notebooks lose their extension in the workspace: report.py and report.sql as notebooks, or a\n"
                  "notebook report.py beside a file report, cannot both exist."},
      Explanation{"PIER2044", "a file is where a folder is needed",
                  "workspace.file_path exists in the workspace but is no folder."},
      Explanation{"PIER2045", "somebody else is deploying this target",
                  "The lock names who and since when. A lock left by a killed process of this machine is taken over\n"
                  "by itself; for one of another machine use --force-lock when you know that it is dead."},
      Explanation{"PIER2046", "two states that do not belong together",
                  "The state on this machine and the one in the workspace come from different first deployments."},
      Explanation{"PIER2047", "deployed with Terraform",
                  "This target has a Terraform state. Move it over once with the official CLI:\n"
                  "databricks bundle deployment migrate"},
      Explanation{"PIER2048", "deployed by a newer version", "deployment.json has a newer format. Use that version."},
      Explanation{"PIER2049", "an artifact could not be built",
                  "Its build command failed; the output is shown. It runs with bash -e in the artifact's path."},
      Explanation{"PIER2050", "a library to upload does not exist",
                  "A task or environment names a local file or pattern without a match. Build it first, or give the\n"
                  "artifact a build command."},
      Explanation{"PIER2051", "a script of experimental.scripts failed", "Its output stands above."},
      Explanation{"PIER2052", "a synced table cannot be filled",
                  "The workspace made it, but copying fails: the source table does not exist, a key column is\n"
                  "missing or not unique, a type has no counterpart. `pier status` shows its state."},
      Explanation{"PIER2060", "no job or app of that name",
                  "`pier run` takes the key of a job or app in the bundle, or its name in the workspace."},
      Explanation{"PIER2061", "a name is not unique", "Write jobs.KEY or apps.KEY."},
      Explanation{"PIER2062", "not deployed yet", "Run `pier deploy` for this target first."},
      Explanation{"PIER2063", "a parameter without a value", "Write --param NAME=VALUE."},
      Explanation{"PIER2054", "another Git branch is checked out",
                  "The target asks for a branch (git.branch) so that nothing else is deployed by accident. Switch to\n"
                  "it, or add --force."},
      Explanation{"PIER2055", "something of the target runs right now",
                  "--fail-on-active-runs was given and a job or pipeline is running. Wait for it or leave it out."},
      Explanation{"PIER2053", "a change of a PostgreSQL project failed",
                  "The workspace accepted the change and gave it up later; the message is its own."},
      Explanation{
          "PIER2065", "the limit on waiting is no number",
          "DATABRICKS_BUNDLE_RESOURCE_MAX_WAIT takes whole seconds: 0 waits for nothing, no value waits as long\n"
          "as each resource needs."},
      Explanation{
          "PIER2066", "the workspace does not let you write where the bundle goes",
          "The folder of the target belongs to somebody else, or the permissions of the bundle do not name you.\n"
          "The workspace does not always tell a missing folder from a forbidden one."},
      Explanation{"PIER2067", "nothing in the workspace has the id to bind to",
                  "`pier bundle deployment bind KEY RESOURCE_ID` needs a resource that exists and that you may see."},
      Explanation{"PIER2068", "a resource of the bundle is deployed already",
                  "It stands for one in the workspace. To bind it to another: pier bundle deployment unbind KEY"},
      Explanation{"PIER2069", "an engine that does not exist",
                  "DATABRICKS_BUNDLE_ENGINE is \"direct\" or \"terraform\"; pier always works as the direct engine."},
      Explanation{"PIER2070", "a wheel cannot get a version of its own",
                  "`dynamic_version` copies the wheel under a version that ends with the time of its build. It needs\n"
                  "a wheel whose METADATA tells the version of its file name."},
      Explanation{"PIER2071", "two libraries with the same file name",
                  "All libraries go into one folder of the workspace. Rename one of them."},
      Explanation{
          "PIER2072", "a folder of code without a file",
          "The folder that `code_source_path` names is packed as it would be uploaded: without what .gitignore or\n"
          "sync.exclude leave out. Nothing was left."},
      Explanation{"PIER2073", "a wheel task with both kinds of parameters",
                  "`python_wheel_wrapper` calls the entry point with `parameters` or `named_parameters`, not both."},
      Explanation{"PIER2079", "a dashboard was changed in the workspace, or cannot be read",
                  "A deploy would undo what was changed there. Take the change into the bundle, or overwrite it with "
                  "--force."},
  };
  return k_explanations;
}

} // namespace pier::deploy
