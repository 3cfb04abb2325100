#include "cli/load_options.hpp"
#include "core/base/files.hpp"
#include "core/base/process.hpp"

#include <system_error>

namespace pier::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes k_python_limit{10};

Error no_interpreter(const std::string& why) {
  return Error{.kind = ErrorKind::not_found,
               .code = "PIER1054",
               .message = "failed to get Python interpreter path: " + why,
               .hint = "python3 -m venv .venv && .venv/bin/pip install databricks-bundles"};
}

Result<fs::path> find_interpreter(const bundles::PythonCall& call, const Environment& env) {
  if (call.venv_path.empty()) {
    if (auto found = find_program("python3", env)) {
      return *std::move(found);
    }
    return no_interpreter("exec: \"python3\": executable file not found in $PATH");
  }
  const auto interpreter = fs::path(call.venv_path) / "bin" / "python3";
  std::error_code code;
  if (!fs::exists(call.root / interpreter, code)) {
    return no_interpreter("can't find \"" + interpreter.generic_string() + "\", check if virtualenv is created");
  }
  if (!fs::exists(call.root / call.venv_path / "pyvenv.cfg", code)) {
    return no_interpreter("expected \"" + call.venv_path + "\" to be virtualenv, but pyvenv.cfg is missing");
  }
  return call.root / interpreter;
}

Result<bundles::PythonAnswer> run(const bundles::PythonCall& call, const Environment& env, std::stop_token stop) {
  PIER_TRY_ASSIGN(const auto interpreter, find_interpreter(call, env));
  PIER_TRY_ASSIGN(const auto folder, TempDirectory::create("python"));
  const auto file = [&](const char* name) { return (folder.path() / name).string(); };
  PIER_TRY(write_file_atomically(file("input.json"), call.input, Durability::none));
  const Command command{.argv = {interpreter.string(), "-m", "databricks.bundles.build", "--phase", call.phase,
                                 "--input", file("input.json"), "--output", file("output.json"), "--diagnostics",
                                 file("diagnostics.json"), "--locations", file("locations.json")},
                        .env = env,
                        .cwd = call.root,
                        .standard_output = Command::Stream::pipe,
                        .standard_error = Command::Stream::pipe,
                        .new_process_group = true};
  PIER_TRY_ASSIGN(auto output, run_captured(command, {.timeout = k_python_limit, .stop = stop}));
  bundles::PythonAnswer answer;
  answer.output = read_file(file("output.json")).value_or("");
  answer.diagnostics = read_file(file("diagnostics.json")).value_or("");
  answer.locations = read_file(file("locations.json")).value_or("");
  answer.standard_error = std::move(output.standard_error);
  if (!output.status.ok()) {
    answer.failure =
        output.status.signal == 0 ? "exit status " + std::to_string(output.status.code) : output.status.to_string();
  }
  return answer;
}

} // namespace

decltype(bundles::LoadOptions::run_python) make_python_runner(const Context& context,
                                                              std::function<Environment()> env) {
  return [&context, env = std::move(env)](const bundles::PythonCall& call) { return run(call, env(), context.stop); };
}

} // namespace pier::cli
