#include "core/deploy/hooks.hpp"

#include "core/base/process.hpp"
#include "core/base/shell.hpp"
#include "core/base/text.hpp"

namespace pier::deploy {
namespace {

constexpr auto k_hook_limit = std::chrono::hours(2);

void tell_lines(std::string_view text, const std::function<void(std::string_view)>& tell) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    tell(trim(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

} // namespace

Result<void> run_hook(const Session& session, const std::string& name) {
  const auto hook = session.bundle.hooks.find(name);
  if (hook == session.bundle.hooks.end() || hook->second.empty()) {
    return {};
  }
  if (model::forbids_code(session.env)) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER2051",
                 .message = std::string(model::k_scripts_forbidden),
                 .hint = "unset the variable, or remove experimental.scripts." + name};
  }
  PIER_TRY_ASSIGN(const auto shell, find_shell(session.env));
  session.observer.on_event(
      Event{.type = Event::Type::phase, .subject = name, .text = "executing '" + name + "' script"});
  const auto tell = [&](std::string_view line) {
    session.observer.on_event(Event{.type = Event::Type::line, .subject = name, .text = std::string(line)});
  };
  Command command;
  command.argv = shell.call(hook->second);
  command.env = session.env;
  command.cwd = session.bundle.root;
  command.standard_output = Command::Stream::pipe;
  command.standard_error = session.compatible ? Command::Stream::pipe : Command::Stream::merge_to_stdout;
  command.new_process_group = true;
  pier::RunOptions options;
  options.timeout = k_hook_limit;
  options.stop = session.client.stop_token();
  if (!session.compatible) {
    options.on_line = tell;
  }
  PIER_TRY_ASSIGN(const auto output, run_captured(command, options));
  if (session.compatible) {
    tell_lines(output.standard_output, tell);
    tell_lines(output.standard_error, tell);
  }
  if (output.status.ok()) {
    return {};
  }
  if (session.compatible) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER2051",
                 .message = "failed to execute script: exit status " + std::to_string(output.status.code)};
  }
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PIER2051",
               .message = "script '" + name + "' fails: " + output.status.to_string(),
               .hint = "correct experimental.scripts." + name};
}

} // namespace pier::deploy
