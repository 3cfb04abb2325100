#include "cli/console.hpp"
#include "cli/load_options.hpp"
#include "core/base/process.hpp"
#include "core/base/shell.hpp"
#include "core/base/text.hpp"
#include "core/deploy/file_set.hpp"
#include "core/git/worktree_ignore.hpp"

namespace pier::cli {
namespace {

constexpr std::chrono::hours k_script_limit{2};

void print_lines(std::string_view text, Console& console) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    console.status(trim(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

Result<void> run_script(Context& context, const std::string& hook, const std::string& script,
                        const std::filesystem::path& root) {
  PIER_TRY_ASSIGN(const auto shell, find_shell(context.env));
  context.console.status("Executing '" + hook + "' script");
  const Command command{.argv = shell.call(script),
                        .env = context.env,
                        .cwd = root,
                        .standard_output = Command::Stream::pipe,
                        .standard_error = Command::Stream::pipe,
                        .new_process_group = true};
  PIER_TRY_ASSIGN(const auto output, run_captured(command, {.timeout = k_script_limit, .stop = context.stop}));
  print_lines(output.standard_output, context.console);
  print_lines(output.standard_error, context.console);
  if (!output.status.ok()) {
    const auto how =
        output.status.signal == 0 ? "exit status " + std::to_string(output.status.code) : output.status.to_string();
    return Error{.kind = ErrorKind::invalid_argument, .code = "PIER1096", .message = how};
  }
  return {};
}

} // namespace

decltype(bundles::LoadOptions::run_script) make_script_runner(Context& context) {
  return [&context](const std::string& hook, const std::string& script, const std::filesystem::path& root) {
    return run_script(context, hook, script, root);
  };
}

decltype(bundles::LoadOptions::count_files) make_file_counter(const Context& context) {
  return [&env = context.env](const model::SyncSettings& sync) -> Result<std::size_t> {
    PIER_TRY_ASSIGN(const auto files, deploy::list_files(sync, git::user_excludes_file(env)));
    return files.size();
  };
}

} // namespace pier::cli
