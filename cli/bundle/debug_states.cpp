#include "cli/bundle/flow.hpp"
#include "cli/console.hpp"
#include "core/base/text.hpp"
#include "core/deploy/state_files.hpp"

namespace pier::cli {
namespace {

Result<std::vector<deploy::StateFile>> read_files(BundleFlow& flow, bool remote) {
  return remote ? deploy::read_state_files(flow.session().bundle, flow.session().client, deploy::Pull::always)
                : deploy::read_local_state_files(*flow.bundle());
}

Result<Report> states(const Arguments& arguments, Context& context) {
  BundleFlow flow(arguments, context);
  const bool remote = arguments.has("force-pull");
  // Without the workspace the target is all that has to be known.
  if (remote ? !flow.load() : !flow.select()) {
    return flow.end();
  }
  const auto files = read_files(flow, remote);
  if (!files) {
    return flow.failed(files.error());
  }
  std::vector<std::string> lines;
  for (const auto& file : *files) {
    lines.push_back(file.describe());
  }
  context.console.status(join(lines, "\n"));
  return flow.end();
}

} // namespace

CommandSpec bundle_debug_states_command() {
  return {.name = "bundle debug states",
          .summary = "List the state files of a target, as `databricks bundle debug states` does",
          .options = {{.name = "force-pull", .help = "also those in the workspace"}},
          .run = states,
          .hidden = true};
}

} // namespace pier::cli
